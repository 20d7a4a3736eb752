"""aria2 itself and the engine's entrance, asked the same: their answers are of the same kind."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from tests.browser.conftest import SECRET, Entrance
from tests.shell import PATIENCE_S

WAITING, ENDED, ABSENT = "WAITING", "ENDED", "00000000000000ff"
"""Stand for the gid of a link that waits, and of one that was removed."""
CALLS: list[tuple[Any, ...]] = [
    *((name,) for name in ("getVersion", "getGlobalStat", "getGlobalOption", "tellActive")),
    ("getGlobalStat", "more"),
    ("tellActive", ["gid"]),
    *(
        ("tellWaiting", *it)
        for it in ((0, 9), (-1, 2, ["gid"]), (5, 1), (0, -1), ("0", 1), (), (0,))
    ),
    ("tellStopped", 0, 9),
    *(("tellStatus", it) for it in (WAITING, ENDED, ABSENT, "nonsense", "", 5)),
    ("tellStatus",),
    *(("tellStatus", WAITING, keys) for keys in (["gid", "status"], [], ["nonsense"], "gid")),
    *(("getFiles", it) for it in (WAITING, ABSENT)),
    *(("changePosition", it, 0, "POS_SET") for it in (WAITING, ENDED, ABSENT)),
    *(("changePosition", WAITING, *it) for it in ((), (0,), ("0", "POS_SET"), (0, "POS_BAD"))),
    *(("addUri", *it) for it in ((), ([],), ("http://127.0.0.1/",), (["nonsense"],), ([5],))),
    ("addUri", ["https://example.com/1.iso"], "x"),
    *((name, it) for name in ("remove", "forceRemove") for it in (ENDED, ABSENT, 5)),
    *(("removeDownloadResult", it) for it in (WAITING, ABSENT, "nonsense")),
    *((name,) for name in ("purgeDownloadResult", "pauseAll", "unpauseAll", "nonsense")),
    *((f"system.{name}",) for name in ("nonsense", "multicall")),
    ("system.multicall", 5),
    ("system.multicall", []),
    (
        "system.multicall",
        [
            {"methodName": "aria2.getVersion", "params": [f"token:{SECRET}"]},
            {"methodName": "aria2.tellStatus", "params": [f"token:{SECRET}", ABSENT]},
            {"methodName": "aria2.nonsense", "params": [f"token:{SECRET}"]},
            {"nonsense": 1},
            {"methodName": "aria2.getVersion", "params": ["token:wrong"]},
            {"methodName": "aria2.getVersion"},
        ],
    ),
]
BODIES = [
    *(b"", b"{", b"{}", b"[]", b'"x"', b"[{}]", b'{"id": 1, "method": 5}'),
    b'{"method": "aria2.getVersion", "params": ["token:%s"]}' % SECRET.encode(),
    b'{"id": 1, "method": "aria2.getVersion", "params": {}}',
    b'{"id": null, "method": "aria2.getVersion", "params": ["token:%s"]}' % SECRET.encode(),
    b'{"id": 1, "method": "aria2.getVersion"}',
]


class Program:
    """One of the two, with a link that waits and one that was removed."""

    def __init__(self, port: int, options: dict[str, str]) -> None:
        self.address = f"http://127.0.0.1:{port}/jsonrpc"
        self.gids: dict[str, str] = {}
        for name in (WAITING, ENDED):
            link = f"https://example.com/{name}.iso"
            self.gids[name] = self.call("addUri", [link], options)[1]["result"]
        self.call("remove", ENDED)

    def call(self, name: str, *params: Any) -> tuple[int, Any]:
        given = [self.gids.get(it, it) if isinstance(it, str) else it for it in params]
        if not name.startswith("system."):
            name, given = f"aria2.{name}", [f"token:{SECRET}", *given]
        return self.post(json.dumps({"id": "1", "method": name, "params": given}).encode())

    def post(self, body: bytes) -> tuple[int, Any]:
        request = Request(self.address, body)
        try:
            with build_opener(ProxyHandler({})).open(request, timeout=PATIENCE_S) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)


def kind(answer: Any) -> Any:
    """Return what two programs with other tasks must have in common."""
    match answer:
        case {"code": code, "message": str(message)}:
            known = re.match("GID .* is not found|Invalid GID|No such method|Unauthorized", message)
            return code, re.sub("[0-9a-f]{16}", "", known[0]) if known else ""
        case {"jsonrpc": "2.0"}:
            return {key: kind(it) for key, it in answer.items()}
        case {"gid": _gid}:
            return sorted(answer.keys() & {"status", "files", "dir"})
        case list():
            return [kind(it) for it in answer]
    return answer if answer in ("OK", 0) else type(answer)


@pytest.fixture
def real(disk: Path) -> Iterator[Program]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--enable-rpc", f"--rpc-secret={SECRET}", f"--rpc-listen-port={port}", "--no-conf")
    command = ["aria2c", *options, "--all-proxy=http://127.0.0.1:1", f"--dir={disk}", "--quiet"]
    with subprocess.Popen(command) as process:
        try:
            yield Program(wait_for(port, process), {"pause": "true"})
        finally:
            process.kill()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> int:
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return port
    raise AssertionError("aria2c has ended")


@pytest.mark.needs("aria2c")
def test_the_engine_answers_as_aria2_does(entrance: Entrance, real: Program) -> None:
    entrance.shell.call("pause")
    ours = Program(entrance.port, {})
    answers = [(it, real.call(*it), ours.call(*it)) for it in CALLS]
    answers += [((body,), real.post(body), ours.post(body)) for body in BODIES]
    compared = [(it, *((status, kind(told)) for status, told in both)) for it, *both in answers]
    assert [it for it in compared if it[1] != it[2]] == []
