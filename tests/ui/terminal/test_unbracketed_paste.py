"""A burst of keys that begins a link is a paste; typing is typing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.terminal.input_parser import (
    LINK_START_TIMEOUT_S,
    PASTE_IDLE_S,
    KeyInput,
    PasteInput,
    UnbracketedPasteDetector,
)

LINKS = "https://a.example/1.zip\rhttp://b.example/2.zip\r"


class Line:
    """Feeds a detector and records its items."""

    def __init__(self) -> None:
        self.now = 0.0
        self.detector = UnbracketedPasteDetector()
        self.given: list[KeyInput | PasteInput] = []

    def send(self, text: str, *, after_s: float) -> None:
        self.wait(after_s)
        self.given += self.detector.feed(text, self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.given += self.detector.tick(self.now)

    @property
    def keys(self) -> str:
        return "".join(item.text for item in self.given if isinstance(item, KeyInput))

    @property
    def pastes(self) -> list[str]:
        return [item.text for item in self.given if isinstance(item, PasteInput)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 4096])
def test_a_link_that_comes_at_once_is_a_paste_and_no_key(size: int) -> None:
    line = Line()
    for at in range(0, len(LINKS), size):
        line.send(LINKS[at : at + size], after_s=0.001)
    line.wait(PASTE_IDLE_S)
    assert (line.keys, line.pastes) == ("", [LINKS])


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_reader_that_is_late_does_not_split_a_paste(size: int) -> None:
    line = Line()
    for at in range(0, len(LINKS), size):
        line.now += PASTE_IDLE_S * 2  # without a tick: something was there to read all the time
        line.given += line.detector.feed(LINKS[at : at + size], line.now)
    line.wait(PASTE_IDLE_S * 2)
    assert (line.keys, line.pastes) == ("", [LINKS])


def test_a_paste_may_stop_after_its_first_letters() -> None:
    line = Line()
    line.send(LINKS[:4], after_s=0)
    line.send(LINKS[4:], after_s=PASTE_IDLE_S * 0.9)
    line.wait(PASTE_IDLE_S)
    assert (line.keys, line.pastes) == ("", [LINKS])


def test_a_link_that_is_typed_stays_keys() -> None:
    line = Line()
    for letter in "https://a.example/":
        line.send(letter, after_s=LINK_START_TIMEOUT_S * 1.5)
    line.wait(LINK_START_TIMEOUT_S)
    assert (line.keys, line.pastes) == ("https://a.example/", [])


@pytest.mark.parametrize("key", ["j", "p", "d", "q", "\r", "\x1b[A", "\x1b", "链"])
def test_every_key_that_begins_no_link_goes_on_at_once(key: str) -> None:
    assert UnbracketedPasteDetector().feed(key, 0.0) == [KeyInput(key)]


def test_a_key_that_begins_a_link_goes_on_after_a_moment() -> None:
    detector = UnbracketedPasteDetector()
    assert detector.feed("h", 0.0) == []
    assert detector.tick(LINK_START_TIMEOUT_S / 2) == []
    assert detector.tick(LINK_START_TIMEOUT_S) == [KeyInput("h")]


def test_a_key_held_down_comes_through() -> None:
    line = Line()
    for _ in range(20):
        line.send("h", after_s=0.033)
    line.wait(LINK_START_TIMEOUT_S)
    assert line.keys == "h" * 20


def test_text_before_the_link_in_the_same_read_belongs_to_the_paste() -> None:
    line = Line()
    line.send("链接：https://a.example/1.zip，密码 1", after_s=0)
    line.wait(PASTE_IDLE_S)
    assert (line.keys, line.pastes) == ("", ["链接：https://a.example/1.zip，密码 1"])


def test_a_burst_ends_at_a_key_that_is_no_text() -> None:
    line = Line()
    line.send("http://a.example/1\x1b[A", after_s=0)
    assert line.given == [PasteInput("http://a.example/1"), KeyInput("\x1b[A")]


def test_the_key_after_a_burst_is_a_key_again() -> None:
    line = Line()
    line.send("http://a.example/1", after_s=0)
    line.send("j", after_s=PASTE_IDLE_S)
    assert line.given == [PasteInput("http://a.example/1"), KeyInput("j")]


@given(st.lists(st.tuples(st.text("htps:/j\r\x1b", min_size=1, max_size=6), st.floats(0, 0.5))))
def test_no_letter_is_lost_or_changes_places(sent: list[tuple[str, float]]) -> None:
    line = Line()
    for text, after_s in sent:
        line.send(text, after_s=after_s)
    line.wait(1.0)
    assert "".join(item.text for item in line.given) == "".join(text for text, _ in sent)
    assert not line.detector.is_waiting
