"""The user's clipboard, which over SSH is not this machine's."""
