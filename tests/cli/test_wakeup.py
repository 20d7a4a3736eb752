"""Signals that another thread has got."""

import asyncio
import signal
import threading

from pan123_tui.cli.wakeup import wake_on_signals


async def test_a_signal_that_another_thread_has_got_is_handled_at_once() -> None:
    handled = asyncio.Event()
    loop = asyncio.get_running_loop()
    former = signal.signal(
        signal.SIGUSR2, lambda _number, _frame: loop.call_soon_threadsafe(handled.set)
    )
    try:
        with wake_on_signals():
            threading.Timer(0.05, _signal_this_thread).start()
            async with asyncio.timeout(20):
                await handled.wait()
    finally:
        signal.signal(signal.SIGUSR2, former)


def _signal_this_thread() -> None:
    signal.pthread_kill(threading.get_ident(), signal.SIGUSR2)
