"""Messages through apprise: what it is given, and what is said of an address that fails."""

import logging
import sys
from types import SimpleNamespace

import pytest

from pan123_tui.system.push import PushTrouble, send_in_thread, send_message

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
    assert send_message(["good:1", "odd:2", "full:3"], "", "") == {2: PushTrouble.INVALID}
    assert sent == []


@pytest.mark.parametrize(
    ("copied", "known"),
    [
        ("https://sctapi.ftqq.com/SCT12a.send", "schan://SCT12a"),
        ("https://sctapi.ftqq.com/SCT12a.send?title=hi", "schan://SCT12a"),
        ("https://api.day.app/k3Y/推送内容?sound=x", "barks://api.day.app/k3Y"),
        ("https://api.day.app/k3Y/", "barks://api.day.app/k3Y"),
        ("https://example.com/k3Y/", "https://example.com/k3Y/"),
    ],
)
def test_what_serverchan_and_bark_offer_is_spelt_as_apprise_has_it(copied: str, known: str) -> None:
    send_message([copied], "title", "text")
    assert [address for address, _title, _text in sent] == [known]


def test_what_is_made_of_copied_addresses_is_known_to_apprise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    copied = ("https://sctapi.ftqq.com/SCT12a.send", "https://api.day.app/k3Y/hi")
    assert send_message([*copied, "https://example.com/"], "", "") == {3: PushTrouble.INVALID}
