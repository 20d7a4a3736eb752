"""The folders of a profile, settings and credentials."""
