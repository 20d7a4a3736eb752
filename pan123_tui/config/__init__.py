"""Paths, settings, credentials, state files and the log."""
