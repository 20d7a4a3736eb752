"""Texts shared by the screens and the command line."""
