"""The terminal: driver, input, escape codes, capabilities."""
