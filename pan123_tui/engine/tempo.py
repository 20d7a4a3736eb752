"""How fast the service may be asked."""

from msgspec import Struct


class Tempo(Struct, frozen=True):
    """How fast the service may be asked."""

    creates_per_s: float = 1.0
    polls_per_s: float = 5.0
    shortest_poll_s: float = 2.0
    """No task is polled more often than this."""
    longest_poll_s: float = 120.0
    """Each task is polled this often, if the rate allows."""
    head_start_s: float = 0.0
    """After the tasks are told, so long nothing else is done: whoever draws them has the time."""


USUAL = Tempo()
"""What clients that live with the service use."""
