"""The engine over a Unix socket: what a screen in another process says to it, and hears."""
