"""The engine's socket passed on over two file descriptors, for a screen on another machine."""

import os
import socket
from contextlib import suppress
from threading import Thread

READY_LINE = b"pan123-tui: engine ready\n"
"""Stands before the first frame: whatever a shell prints at login comes earlier."""
_CHUNK_BYTES = 65_536


def relay(connection: socket.socket, source: int, target: int) -> None:
    """Pass on bytes in both directions, after `READY_LINE`, until one side ends."""
    Thread(target=_relay_up, args=(source, connection), daemon=True, name="relay").start()
    with suppress(OSError):
        content = READY_LINE
        while content:
            _write(target, content)
            content = connection.recv(_CHUNK_BYTES)


def _relay_up(source: int, connection: socket.socket) -> None:
    with suppress(OSError):
        while content := os.read(source, _CHUNK_BYTES):
            connection.sendall(content)
    with suppress(OSError):  # it has ended by itself
        connection.shutdown(socket.SHUT_RDWR)


def _write(target: int, content: bytes) -> None:
    while content:
        content = content[os.write(target, content) :]
