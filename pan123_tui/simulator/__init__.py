"""A stand-in for the 123pan open platform, on loopback, that shares no code with the client."""
