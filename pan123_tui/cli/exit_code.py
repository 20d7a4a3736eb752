"""The exit codes of the command line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented and kept stable."""

    DONE = 0
    SOME_FAILED = 1
    USAGE = 2
    ACCOUNT = 3
    """No account, or the service refuses it."""
    LOCKED = 4
    """Another process holds the data."""
