"""The settings screen and the account dialog."""
