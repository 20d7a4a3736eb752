"""The screen of failed tasks, grouped by host."""
