"""What the engine takes from outside itself: two clocks and chance."""

import random
import time
from collections.abc import Callable

from msgspec import Struct


def _new_secret() -> str:
    import secrets  # noqa: PLC0415 - for callbacks only, and the start is felt on every login

    return secrets.token_urlsafe()


def _milliseconds() -> float:
    return round(time.time(), 3)


class Surroundings(Struct, frozen=True):
    """The wall clock for what is kept, the monotonic one for waiting, and chance for jitter."""

    clock: Callable[[], float] = _milliseconds
    """Unix seconds, to the millisecond: nothing here is finer, and they are written often."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that only go forward."""
    random: Callable[[], float] = random.random
    """Uniform in 0–1."""
    new_secret: Callable[[], str] = _new_secret
    """A word that nobody guesses and that fits into a URL."""


REAL = Surroundings()
"""The machine's own."""
