"""Dialogs that neither the task model nor the engine is needed for."""
