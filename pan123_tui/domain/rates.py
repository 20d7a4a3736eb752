"""How often each endpoint of the service is asked, and how long to pause after failures."""

from collections.abc import Callable, Mapping
from enum import StrEnum

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
POLLS_AT_ONCE = 3
"""Polls in flight: more than one, so that a slow answer does not stall the other tasks."""


class Endpoint(StrEnum):
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    CREATE = "create"
    PROCESS = "process"
    USER_INFO = "user_info"
    LIST = "list"
    DETAIL = "detail"
    MKDIR = "mkdir"
    DOWNLOAD = "download"


USUAL_RATES: Mapping[Endpoint, float] = dict.fromkeys(Endpoint, 5.0) | {
    Endpoint.TOKEN: 1.0,
    Endpoint.CREATE: 1.0,
}
"""Requests per second.

The service publishes, for a free account: access_token 8, user/info 10, file/list 5, mkdir 5,
download_info 5. It publishes none for the offline calls; theirs are those of a widely used client.
"""


def backoff_s(
    failures: int,
    random: Callable[[], float],
    *,
    first_s: float | None = None,
    longest_s: float = LONGEST_PAUSE_S,
) -> float:
    """Return the pause after `failures` earlier failures in a row: doubled, capped, jittered."""
    first_s = FIRST_PAUSE_S if first_s is None else first_s
    return min(longest_s, first_s * 2.0 ** min(failures, 16)) * (0.5 + random() / 2)
