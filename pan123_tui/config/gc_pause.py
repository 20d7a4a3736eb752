"""The garbage collector, at rest while so much is made that is no garbage.

Starting makes some hundred thousand objects, loading ten thousand tasks as many again. The
collector would look at all of them time and again, which is a tenth of the start.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def pause() -> None:
    """Collect nothing until `resume()`."""
    gc.disable()


def resume() -> None:
    """After `rest()`, collect again; what is left of the start is here to stay: never looked at."""
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()


@contextmanager
def paused() -> Iterator[None]:
    """Collect nothing inside."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
