"""The lanes: how many requests of a kind may be on the wire, so that no kind waits for another."""

import asyncio

from pan123_tui.api.budget import Endpoint

POLLS_AT_ONCE = 3
CREATES_AT_ONCE = 1
OTHERS_AT_ONCE = 1
REQUESTS_AT_ONCE = POLLS_AT_ONCE + CREATES_AT_ONCE + OTHERS_AT_ONCE
"""The size of the pool: whoever has a lane finds a connection free, however late others answer."""


class Lanes:
    """Progress, links, and the rest (folders, account) do not share connections.

    A token has no lane: whoever is in one may be waiting for it, with no request on the wire.
    """

    def __init__(self) -> None:
        rest = asyncio.Semaphore(OTHERS_AT_ONCE)
        self._lanes = {
            Endpoint.PROCESS: asyncio.Semaphore(POLLS_AT_ONCE),
            Endpoint.CREATE: asyncio.Semaphore(CREATES_AT_ONCE),
            Endpoint.USER_INFO: rest,
            Endpoint.LIST: rest,
            Endpoint.DETAIL: rest,
            Endpoint.MKDIR: rest,
        }

    def of(self, endpoint: Endpoint) -> asyncio.Semaphore:
        """Give what to hold while a request to `endpoint` is on the wire."""
        return self._lanes[endpoint]
