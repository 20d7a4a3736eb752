"""Screen of the settings, and the dialogs for the account and the first run."""
