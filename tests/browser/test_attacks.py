"""Whoever has no secret gets nothing in, and keeps nobody else waiting."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.browser.conftest import SECRET, Entrance
from tests.service.server import SimulatorServer

LINK = "https://example.com/good/1.bin"


def adding(secret: str, number: int = 0) -> dict[str, object]:
    params = [f"token:{secret}", [f"{LINK}?{number}"]]
    return {"jsonrpc": "2.0", "id": number, "method": "aria2.addUri", "params": params}


@pytest.mark.long
def test_a_thousand_wrong_secrets_get_nothing_in_and_slow_neither_screens_nor_others(
    entrance: Entrance, service: SimulatorServer
) -> None:
    with ThreadPoolExecutor(20) as pool:
        wrong = [pool.submit(entrance.try_post, adding("wrong", n)) for n in range(1000)]
        assert entrance.post(adding(SECRET))[0] == 200
        assert entrance.shell.call("status", "--json").json["answers"]
        assert not all(it.done() for it in wrong)
        answers = [it.result() for it in wrong]
    assert {200} & {status for status, _answer in answers} == set()
    assert [task["url"] for task in entrance.shell.tasks()] == [f"{LINK}?0"]
    assert entrance.log().count("wrong secret") == 1
    assert SECRET not in entrance.log()


def test_slow_bodies_keep_no_other_caller_out(entrance: Entrance) -> None:
    head = b"POST /jsonrpc HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000\r\n\r\n["
    with ExitStack() as stack:
        for _ in range(80):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", entrance.port)))
            slow.sendall(head)
        assert entrance.post(adding(SECRET))[0] == 200


@pytest.mark.parametrize(
    ("call", "headers"),
    [
        ([adding(SECRET, n) for n in range(1001)], {}),
        ([adding(SECRET, n) | {"x": "y" * 3000} for n in range(1000)], {}),
        (adding(SECRET), {"Host": "rebound.example"}),
        (adding("wrong"), {"Origin": "https://page.example"}),
        (adding(""), {"Origin": "https://page.example", "Cookie": f"token:{SECRET}"}),
    ],
    ids=["huge batch", "huge body", "rebinding", "foreign page", "cookie"],
)
def test_nothing_gets_in(entrance: Entrance, call: object, headers: dict[str, str]) -> None:
    status, _answer = entrance.try_post(call, **headers)
    assert status != 200
    assert entrance.shell.tasks() == []
