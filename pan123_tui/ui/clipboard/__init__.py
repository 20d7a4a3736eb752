"""The clipboard of the person at the screen, which over SSH is not this machine's."""
