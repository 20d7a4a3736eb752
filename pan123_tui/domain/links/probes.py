"""Tests of links: what one shows, and many, a few at a time."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from enum import StrEnum, auto

from msgspec import Struct

from pan123_tui.domain.links.url import host_of

MAX_AT_ONCE = 8
MAX_PER_HOST = 2


class ProbeStatus(StrEnum):
    """What a test of a link has shown."""

    REACHABLE = auto()
    NOT_FOUND = auto()
    FORBIDDEN = auto()
    EXPIRED = auto()
    LOGIN_PAGE = auto()
    NO_SUCH_HOST = auto()
    NOT_CONNECTED = auto()
    BAD_CERTIFICATE = auto()
    SERVER_ERROR = auto()
    PRIVATE = auto()
    ENVIRONMENT_UNUSABLE = auto()
    UNEXPECTED = auto()


DEAD = frozenset(
    {ProbeStatus.NOT_FOUND, ProbeStatus.FORBIDDEN, ProbeStatus.EXPIRED, ProbeStatus.NO_SUCH_HOST}
)
"""What no other try is likely to change."""


class ProbeResult(Struct, frozen=True, rename={"content_type": "type"}):
    status: ProbeStatus
    http_status: int | None = None
    size: int | None = None
    """Bytes of the whole file, if the server sent its size."""
    content_type: str = ""
    """Text from outside, as is the host."""
    host: str = ""
    """The one that answered, after redirects."""
    variable: str = ""
    """Which one of the environment cannot be used."""
    url: str = ""
    """Where redirects led; empty: nowhere."""


async def probe_links(urls: Iterable[str], probe: Callable[[str], Awaitable[None]]) -> None:
    """`probe` each of `urls` once; the first error ends all, and is raised."""
    import asyncio  # noqa: PLC0415 - commands that test no links do not need it

    slots = asyncio.Semaphore(MAX_AT_ONCE)
    by_host: defaultdict[str, list[str]] = defaultdict(list)
    for url in dict.fromkeys(urls):
        by_host[host_of(url).lower()].append(url)

    async def work(rest: Iterator[str]) -> None:
        for url in rest:
            async with slots:
                await probe(url)

    try:
        async with asyncio.TaskGroup() as group:
            for rest in map(iter, by_host.values()):
                for _ in range(MAX_PER_HOST):
                    group.create_task(work(rest))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
