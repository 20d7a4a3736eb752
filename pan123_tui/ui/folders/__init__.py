"""The folder chooser."""
