"""The 123pan open API over HTTP."""
