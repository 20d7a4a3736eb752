"""The engine over a Unix socket: what screens and commands say to it, and hear from it."""
