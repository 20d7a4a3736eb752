"""Whether a process is still there."""

import os


def is_running(pid: int) -> bool:
    """Tell whether `pid` is a live process; where that cannot be asked, assume that it is."""
    if os.name != "posix":  # there, a signal 0 would be a real one
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    return True
