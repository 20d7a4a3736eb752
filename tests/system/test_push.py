"""Messages through apprise: what it is given, and what is said of an address that fails."""

import logging
import sys
from types import SimpleNamespace

import pytest

from pan123_tui.config.schema import SETTINGS
from pan123_tui.system.push import PushTrouble, check_addresses, send_in_thread, send_message
from pan123_tui.wording.engine import push_text, push_troubles_text

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
    refused = PushTrouble.REFUSED
    assert failures == {2: PushTrouble.INVALID, 3: refused, 4: refused}
    assert sent == [(address, "title", "text") for address in ("good:1", "full:3", "good:5")]
    assert not logging.getLogger("apprise").propagate, "it logs addresses"


def test_without_apprise_nothing_can_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert send_message(["good:1"], "title", "text") == {1: PushTrouble.MISSING}


def test_without_a_text_addresses_are_only_checked() -> None:
    assert check_addresses(["good:1", "odd:2", "full:3"]) == {2: PushTrouble.INVALID}
    assert sent == []


COPIED = {
    "https://sctapi.ftqq.com/SCT1Tabc.send": "schan://SCT1Tabc",
    "https://sctapi.ftqq.com/SCT1Tabc.send?title=x": "schan://SCT1Tabc",
    "https://api.day.app/Key1/推送内容": "barks://api.day.app/Key1",
    "https://api.day.app/Key1": "barks://api.day.app/Key1",
    "https://example.com/Key1": "https://example.com/Key1",
}


def test_what_serverchan_and_bark_show_is_sent_to_as_apprise_writes_it() -> None:
    send_message(list(COPIED), "title", "text")
    assert [address for address, _title, _text in sent] == list(COPIED.values())
    assert all(SETTINGS["notify.push"].parse(copied) == (copied,) for copied in COPIED)


def test_what_is_made_of_copied_addresses_is_known_to_apprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert check_addresses(list(COPIED)) == {5: PushTrouble.INVALID}
    text = push_troubles_text(check_addresses(["one", "ntfy://topic", "three"]))
    assert ("address 1, 3 in notify.push" in text, text.count("Known are")) == (True, 1)


def test_without_apprise_the_command_that_installs_it_is_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert check_addresses([]) == {}
    text = push_troubles_text(check_addresses(["ntfy://topic", "ntfy://other"]))
    assert text == push_text(PushTrouble.MISSING)
    assert "pipx inject" in text
