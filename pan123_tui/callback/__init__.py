"""The optional receiver of the callbacks of the service."""
