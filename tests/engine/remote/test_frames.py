"""What a peer may send that is no message, or is one of another version."""

import struct
from pathlib import Path

import pytest

from pan123_tui.client.protocol import PROTOCOL
from pan123_tui.domain.events import TasksChanged
from pan123_tui.domain.task import Task
from pan123_tui.engine.remote import connection
from tests.engine.remote.stage import Peer, Screen, serving_engine
from tests.engine_stage import until

URL = "https://a.example/1.zip"


@pytest.mark.parametrize(
    "content",
    [
        struct.pack(">I", 4) + b"\xff\xff\xff\xff",
        struct.pack(">I", 1) + b"\x80",
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">I", 100) + b"half",
    ],
    ids=["garbage", "no message", "HTTP", "half"],
)
@pytest.mark.parametrize("is_greeted", [False, True])
async def test_what_is_no_message_closes_the_connection_and_nothing_else(
    tmp_path: Path, content: bytes, is_greeted: bool
) -> None:
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as other:
        peer = await (Peer.greeted if is_greeted else Peer.connect)(tmp_path)
        peer.writer.write(content)
        peer.writer.write_eof()
        assert await peer.is_closed()
        await other.equals(engine)


async def test_a_silent_handshake_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE_TIMEOUT_S", 0.01)
    async with serving_engine(tmp_path):
        peer = await Peer.connect(tmp_path)
        assert await peer.is_closed()


async def test_a_newer_screen_is_understood_as_far_as_possible(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        peer = await Peer.greeted(tmp_path, version="99", capabilities=["telepathy"], mood="good")
        peer.call("1", {"do": "fly", "to": "moon"})
        answer = await peer.answer()
        assert (answer["id"], answer["failure"]["kind"]) == ("1", "engine_incompatible")
        peer.call("2", {"do": "add", "drafts": [{"url": URL, "colour": "red"}], "why": "so"})
        result = await peer.answer()
        assert [task["url"] for task in result["value"]] == [URL]
        assert [task.url for task in engine.tasks.values()] == [URL]


@pytest.mark.parametrize("protocol", [0, PROTOCOL + 1, 99])
async def test_another_protocol_is_told_only_who_serves(tmp_path: Path, protocol: int) -> None:
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as other:
        for message in (
            {"type": "call", "id": "1", "command": {"do": "add", "drafts": [{"url": URL}]}},
            {"type": "call", "id": "1", "command": {"do": "poll"}},
            {"type": "subscribe"},
            {"type": "telepathy"},
            {"type": "call", "id": 1},
        ):
            peer = await Peer.connect(tmp_path)
            peer.send({"type": "hello", "id": "x", "protocol": protocol, "version": "9"})
            hello = await peer.read()
            assert (hello["program"], hello["protocol"]) == ("watch", PROTOCOL)
            peer.send(message)
            assert await peer.reader.read() == b""
            peer.close()
        assert not engine.tasks
        assert not engine.is_stopping
        await other.equals(engine)


@pytest.mark.parametrize("protocol", [0, PROTOCOL, PROTOCOL + 1, 99])
async def test_a_screen_of_any_protocol_may_end_the_engine(tmp_path: Path, protocol: int) -> None:
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as other:
        await other.sees(lambda model: model.is_loaded)
        peer = await Peer.connect(tmp_path)
        peer.send({"type": "hello", "id": "x", "protocol": protocol, "version": "9"})
        await peer.read()
        peer.call("s", {"do": "stop"})
        result = await peer.read()
        assert (result["type"], result["id"], result["value"]) == ("answer", "s", None)
        await until(lambda: engine.is_stopping)
    assert await peer.is_closed()


async def test_a_silent_screen_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_engine(tmp_path) as (_engine, server):
        peer = await Peer.greeted(tmp_path)
        assert server.unused_s == 0.0
        monkeypatch.setattr(connection, "SILENT_S", 0.01)
        peer.send({"type": "subscribe"})
        await peer.read()  # and no acknowledgement
        assert await peer.is_closed()
        assert server.unused_s > 0.0


async def test_what_cannot_be_sent_to_a_screen_closes_its_connection_and_the_log_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        peer = await Peer.greeted(tmp_path)
        peer.send({"type": "subscribe"})
        await peer.read()
        odd = Task(id=1, url=URL, created_at=1.0, task_id=2**64)
        engine.tasks.put(odd)
        engine.events.on_event(TasksChanged((odd,)))
        peer.send({"type": "ack"})
        assert await peer.is_closed()
    assert "a screen is let go: OverflowError(" in caplog.text
