"""The engine and the dashboard as programs, and the demo."""
