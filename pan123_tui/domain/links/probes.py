"""Tests of many links, a few at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator

from pan123_tui.domain.links.url import host_of

MAX_AT_ONCE = 8
MAX_PER_HOST = 2


async def probe_links(urls: Iterable[str], probe: Callable[[str], Awaitable[None]]) -> None:
    """`probe` each of `urls` once; the first error ends all, and is raised."""
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
