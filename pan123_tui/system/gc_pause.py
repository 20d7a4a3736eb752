"""Pause garbage collection while many long-lived objects are created.

Starting creates some hundred thousand objects, loading ten thousand tasks as many again. Scanning
them repeatedly would take a tenth of the start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def pause() -> None:
    """Disable collection until `resume()`."""
    gc.disable()


def resume() -> None:
    """Enable collection after `pause()` and exclude the objects that exist now from it."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()


@contextmanager
def paused() -> Iterator[None]:
    """Disable collection inside the block."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
