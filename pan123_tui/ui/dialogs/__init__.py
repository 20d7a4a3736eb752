"""Dialogs that know nothing of tasks or engine."""
