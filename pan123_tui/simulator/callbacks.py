"""Really POSTs the callbacks of tasks that ended."""

import asyncio
import functools
import ipaddress
from urllib.parse import urlsplit

import httpx

from pan123_tui.simulator.tasks import Callback
from pan123_tui.simulator.world import World

_LOOK_EVERY_S = 0.1
_TIMEOUT_S = 5.0


class CallbackSender:
    """Sends each due callback of `world` once, whatever the answer, until cancelled."""

    def __init__(self, world: World, *, loopback_only: bool = True) -> None:
        self._world = world
        self._loopback_only = loopback_only
        self._under_way: set[asyncio.Task[None]] = set()

    @functools.cached_property
    def _client(self) -> httpx.AsyncClient:
        """Made for the first callback: most simulators never send one."""
        return httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False)

    async def run(self) -> None:
        """Look for due callbacks ten times a second and send them side by side."""
        try:
            while True:
                for callback in self._world.take_due_callbacks():
                    sending = asyncio.create_task(self._send(callback))
                    self._under_way.add(sending)
                    sending.add_done_callback(self._under_way.discard)
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            if "_client" in self.__dict__:
                await self._client.aclose()

    async def _send(self, callback: Callback) -> None:
        counts = self._world.stats.callbacks
        if self._loopback_only and not is_loopback(callback.to):
            counts["withheld"] += 1
            return
        try:
            await self._client.post(callback.to, json=callback.body)
        except (httpx.HTTPError, httpx.InvalidURL):
            counts["failed"] += 1
        else:
            counts["sent"] += 1


def is_loopback(url: str) -> bool:
    """Tell whether `url` leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
