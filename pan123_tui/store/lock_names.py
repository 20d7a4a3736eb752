"""The names of the files that say who writes in a data folder."""

LOCK_NAME = "tasks.lock"
HOLDER_NAME = "tasks.lock.pid"
"""Beside the lock: a contender may empty the lock file (filelock 3), Windows locks its content."""
