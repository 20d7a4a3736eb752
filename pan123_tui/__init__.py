"""A terminal dashboard for 123pan's offline downloads."""

__version__ = "0.3.0"
