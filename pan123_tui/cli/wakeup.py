"""Signals that reach an event loop at once."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def wake_on_signals() -> Iterator[None]:
    """Let each signal wake the running event loop.

    The handler runs on the main thread, which may wait in the loop while another thread has got
    the signal, or has just begun to wait.
    """
    if sys.platform == "win32":  # where its loop can wait for no socket
        yield
        return
    loop = asyncio.get_running_loop()
    receiver, sender = socket.socketpair()
    with receiver, sender:
        receiver.setblocking(False)
        sender.setblocking(False)
        loop.add_reader(receiver, receiver.recv, 4096)
        former = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(former)
            loop.remove_reader(receiver)
