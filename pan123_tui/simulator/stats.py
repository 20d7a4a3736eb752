"""What the simulator was asked, counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Stats:
    """What was asked so far."""

    requests: Counter[str] = field(default_factory=Counter)
    """By endpoint."""
    refused_429: Counter[str] = field(default_factory=Counter)
    """By endpoint: requests above the rate."""
    creates: Counter[str] = field(default_factory=Counter)
    """By link: tasks that were created."""
    attempts: Counter[str] = field(default_factory=Counter)
    """By link: creates that passed all checks of the request, accepted or not."""
    callbacks: Counter[str] = field(default_factory=Counter)
    """`sent`, `failed`, `withheld` (not a loopback address)."""
    landed: list[dict[str, Any]] = field(default_factory=list)
    """Requests that followed a redirect, with their headers."""
