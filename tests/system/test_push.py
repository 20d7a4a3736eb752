"""Messages through apprise: what it is given, and what is said of an address that fails."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from pan123_tui.config.schema import SETTINGS
from pan123_tui.i18n import set_language
from pan123_tui.system import push
from pan123_tui.system.push import (
    PushFailure,
    PushTrouble,
    check_addresses,
    send_in_thread,
    send_message,
)
from pan123_tui.wording.engine import push_text, push_troubles_text

MISSING, INVALID = PushFailure(PushTrouble.MISSING), PushFailure(PushTrouble.INVALID)
sent: list[tuple[str, str, str]] = []


class Apprise:
    """Takes addresses of `good:`, refuses those of `full:`, breaks at those of `bad:`."""

    address = ""

    def add(self, address: str) -> bool:
        self.address = address
        return not address.startswith("odd:")

    def notify(self, *, body: str, title: str) -> bool:
        if self.address.startswith("bad:"):
            raise RuntimeError(self.address)
        sent.append((self.address, title, body))
        return not self.address.startswith("full:")


@pytest.fixture(autouse=True)
def apprise(monkeypatch: pytest.MonkeyPatch) -> None:
    sent.clear()
    monkeypatch.setitem(sys.modules, "apprise", SimpleNamespace(Apprise=Apprise))


async def test_each_address_gets_the_message_and_those_that_did_not_take_it_are_numbered() -> None:
    addresses = ("good:1", "odd:2", "full:3", "bad:4", "good:5")
    failures = await send_in_thread(addresses, "title", "text")
    refused = PushFailure(PushTrouble.REFUSED)
    assert failures == {2: INVALID, 3: refused, 4: refused}
    assert sent == [(address, "title", "text") for address in ("good:1", "full:3", "good:5")]
    assert not logging.getLogger("apprise").propagate, "it logs addresses"


def test_without_apprise_nothing_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert send_message(["good:1"], "title", "text") == {1: MISSING}


def test_without_a_text_addresses_are_only_checked() -> None:
    assert check_addresses(["good:1", "odd:2", "full:3"]) == {2: INVALID}
    assert sent == []


HEX = "0123456789abcdef" * 2
SERVERCHAN_3 = "jsons://1234.push.ft07.com/send/sctp1234tAbc.send?:message=desp"
COPIED = {
    "https://sctapi.ftqq.com/SCT1Tabc.send": "schan://SCT1Tabc",
    "https://sctapi.ftqq.com/SCT1Tabc.send?title=x": "schan://SCT1Tabc",
    "https://api.day.app/Key1/推送内容": "barks://api.day.app/Key1",
    "https://api.day.app/Key1": "barks://api.day.app/Key1",
    "https://1234.push.ft07.com/send/sctp1234tAbc.send?title=x": SERVERCHAN_3,
    "schan://sctp1234tAbc": SERVERCHAN_3,
    "https://oapi.dingtalk.com/robot/send?access_token=a1b2&timestamp=1": "dingtalk://a1b2",
    "https://open.feishu.cn/open-apis/bot/v2/hook/12-ab": "feishu://12-ab",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=12-ab": "wecombot://12-ab",
    f"https://www.pushplus.plus/send?token={HEX}": f"pushplus://{HEX}",
    f"http://www.pushplus.plus/send/{HEX}?title=x": f"pushplus://{HEX}",
    "https://oapi.dingtalk.com/robot/send": "https://oapi.dingtalk.com/robot/send",
}


def test_what_services_show_to_be_copied_is_sent_to_as_apprise_writes_it() -> None:
    send_message(list(COPIED), "title", "text")
    assert [address for address, _title, _text in sent] == list(COPIED.values())
    assert all(SETTINGS["notify.push"].parse(copied) == (copied,) for copied in COPIED)


def test_what_is_made_of_copied_addresses_is_known_to_apprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert check_addresses(list(COPIED)) == {len(COPIED): INVALID}
    text = push_troubles_text(check_addresses(["one", "ntfy://topic", "three"]))
    assert ("address 1, 3 in notify.push" in text, text.count("It knows")) == (True, 1)


def test_without_apprise_the_command_that_installs_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert check_addresses([]) == {}
    text = push_troubles_text(check_addresses(["ntfy://topic", "ntfy://other"]))
    assert text == push_text(MISSING)
    assert "pipx inject" in text


class Receiver(BaseHTTPRequestHandler):
    """Answers as its server says, and keeps what it got."""

    def do_POST(self) -> None:
        got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body = answers[-1]
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())


got: list[dict[str, str]] = []
answers: list[tuple[int, str]] = []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The host and port of a server that the real apprise reaches."""
    monkeypatch.undo()
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        host = f"127.0.0.1:{server.server_port}"
        monkeypatch.setattr(push, "_CODE_IN_BODY", re.compile(f"http://{host}/coded"))
        yield host
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "status", "body", "said"),
    [
        ("a", 403, '{"errmsg": "no secret-k3y"}', "HTTP 403, “no …”"),
        ("a", 500, "<html>busy [/b]", "HTTP 500, “<html>busy [/b]”"),
        ("a", 404, "", "HTTP 404"),
        ("coded", 200, '{"errcode": 310000, "errmsg": "关键词不匹配"}', "HTTP 200, “关键词不匹配”"),
        ("coded", 200, '{"code": 19024, "msg": "Key Words Not Found"}', "Key Words Not Found"),
        ("coded", 200, '{"errcode": 0, "errmsg": "ok"}', ""),
        ("a", 200, '{"code": 7}', ""),
        ("a", 200, "ok", ""),
    ],
)
def test_a_refused_message_is_told_with_status_and_words_and_without_the_address(
    server: str, path: str, status: int, body: str, said: str
) -> None:
    answers.append((status, body))
    troubles = send_message([f"json://{server}/{path}/secret-k3y?:message=desp"], "title", "text")
    assert got[-1]["desp"] == "text"
    text = push_troubles_text(troubles)
    assert said in text
    assert ("Check address 1" in text) is bool(said)
    assert "secret-k3y" not in text


def test_where_no_answer_comes_the_reason_is_a_sentence_in_the_language_of_the_user(
    server: str,
) -> None:
    set_language("zh")
    text = push_troubles_text(send_message(["json://127.0.0.1:1/secret-k3y"], "", "text"))
    assert text == "推送失败：连接被拒绝。请检查 notify.push 里的第 1 个地址。"
