"""The bridge to an engine in this process."""

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pan123_tui.domain.commands import PollNow
from pan123_tui.engine.engine import Engine
from pan123_tui.ui.engine_bridge import EngineBridge


async def test_a_caller_cancelled_before_the_engine_is_ready_stops_no_other() -> None:
    may_open, polls = threading.Event(), []

    async def run() -> None:
        await ended.wait()

    async def poll_now() -> None:
        polls.append(1)

    def open_engine(_listener: Any) -> Engine:
        may_open.wait(10)
        return cast("Engine", SimpleNamespace(run=run, poll_now=poll_now, stop=ended.set))

    ended = asyncio.Event()
    bridge = EngineBridge(open_engine)
    running = asyncio.create_task(asyncio.to_thread(bridge.run, lambda: None))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await bridge.call(PollNow())
    may_open.set()
    async with asyncio.timeout(10):
        await bridge.call(PollNow())
    await asyncio.to_thread(bridge.stop, 10)
    await running
    assert polls == [1]
