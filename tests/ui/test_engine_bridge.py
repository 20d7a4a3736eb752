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


async def test_a_caller_that_is_cancelled_leaves_its_command_to_the_engine() -> None:
    ended, has_begun, may_end, polls = asyncio.Event(), threading.Event(), asyncio.Event(), []

    async def run() -> None:
        await ended.wait()

    async def poll_now() -> None:
        has_begun.set()
        await may_end.wait()
        polls.append(1)

    engine = cast("Engine", SimpleNamespace(run=run, poll_now=poll_now, stop=ended.set))
    bridge = EngineBridge(lambda _listener: engine)
    running = asyncio.create_task(asyncio.to_thread(bridge.run, lambda: None))
    calling = asyncio.create_task(bridge.call(PollNow()))
    await asyncio.to_thread(has_begun.wait, 10)
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    loop, _engine = bridge._ready.result()
    loop.call_soon_threadsafe(may_end.set)
    await asyncio.to_thread(bridge.stop, 10)
    await running
    assert polls == [1]
