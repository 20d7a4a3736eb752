"""This process, and whether others are alive."""

import gc
import os


def resume_collection() -> None:
    """Enable collection, which `cli.main` disables, and exclude the objects that exist now.

    Starting creates about a hundred thousand long-lived objects, and loading ten thousand tasks as
    many again. Scanning them repeatedly would take a tenth of the start.
    """
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()


def is_running(pid: int) -> bool:
    """Return whether `pid` is a live process."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError, ValueError):
        return False
    return True
