"""Calls back once after a while."""

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def call_after(
    target: MessagePump, delay_s: float, callback: Callable[[], object]
) -> asyncio.TimerHandle:
    """Let `target` call `callback` in `delay_s` seconds, on the running event loop.

    Not so `set_timer`: where the process is held up at its start for the whole delay, Textual
    8.2 counts the only tick as skipped and never calls.
    """
    return asyncio.get_running_loop().call_later(delay_s, target.call_later, callback)
