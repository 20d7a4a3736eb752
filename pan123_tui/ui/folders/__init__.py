"""Screen on which a folder of the account is chosen."""
