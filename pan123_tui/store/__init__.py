"""Stores tasks in files that are replaced whole, with one writer at a time."""
