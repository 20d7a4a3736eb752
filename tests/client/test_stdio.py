"""What is passed on between the engine's socket and ssh."""

import os
import socket
from threading import Thread
from typing import Any

import pytest

from pan123_tui.client import stdio
from pan123_tui.client.stdio import READY_LINE, relay
from tests.engine.remote.stage import TIMEOUT_S


def test_what_a_pipe_takes_in_pieces_arrives_whole_in_both_directions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: list[Thread] = []

    def thread(**options: Any) -> Thread:
        threads.append(Thread(**options))
        return threads[-1]

    write = os.write
    monkeypatch.setattr(stdio, "Thread", thread)
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:3]))
    (source, from_ssh), (to_ssh, target) = os.pipe(), os.pipe()
    engine, connection = socket.socketpair()
    with engine, connection:
        assert write(from_ssh, b"hello") == 5
        os.close(from_ssh)  # so the relay ends, once the engine has all
        engine.sendall(b"hello, screen")
        engine.shutdown(socket.SHUT_WR)
        relay(connection, source, target)
        threads[0].join(TIMEOUT_S)
        assert engine.recv(100) == b"hello"
    os.close(target)
    assert os.read(to_ssh, 1000) == READY_LINE + b"hello, screen"
    for pipe in (source, to_ssh):
        os.close(pipe)
