"""Bytes of the terminal become keys, pastes and replies, at the right time and in order."""

import string

import pytest
from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from pan123_tui.ui.terminal.capabilities import detect_capabilities
from pan123_tui.ui.terminal.driver import (
    TICK_S,
    MessageParser,
    TerminalDriver,
    TerminalReplied,
    driver_for,
)
from pan123_tui.ui.terminal.input_parser import SEQUENCE_TIMEOUT_S, InputPipeline, Item, KeyInput

PRINTABLE = string.ascii_letters + string.digits + string.punctuation
UNFINISHED_IF_ALT = "[]OP"
"""Alt and one of these looks like the beginning of a sequence."""
REPLY = b"\x1b]52;c;QQ==\x07"


class Keyboard:
    """Feeds the input of the driver with bytes at given times of a clock that nobody waits for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seen: list[str] = []
        self.pipeline = InputPipeline()
        self._parser = MessageParser()

    def send(self, data: bytes) -> None:
        """Send `data` in one read."""
        self._parse(self.pipeline.feed(data, self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass as the driver does while something is awaited."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + TICK_S, end)
            self._parse(self.pipeline.tick(self.now))

    def _parse(self, items: list[Item]) -> None:
        self.seen += [name_of(message) for message in self._parser.parse(items)]


def name_of(message: Message) -> str:
    if isinstance(message, events.Key):
        return message.key
    if isinstance(message, events.Paste):
        return f"pasted {message.text}"
    if isinstance(message, TerminalReplied):
        return f"replied {message.reply.body}"
    return type(message).__name__


def read(*chunks: bytes, gap_s: float = 0.005) -> list[str]:
    """Return what comes of `chunks`, each in a read of its own."""
    keyboard = Keyboard()
    for chunk in chunks:
        keyboard.send(chunk)
        keyboard.wait(gap_s)
    keyboard.wait(1.0)
    assert not keyboard.pipeline.is_waiting
    return keyboard.seen


def test_escape_and_a_key_are_two_keys_whatever_the_gap() -> None:
    for character in PRINTABLE:
        alone = read(character.encode())
        for gap_ms in range(5, 301, 5):
            both = read(b"\x1b", character.encode(), gap_s=gap_ms / 1000)
            assert both == ["escape", *alone], (character, gap_ms)


def test_alt_and_a_character_is_one_key_and_the_next_key_acts_at_once() -> None:
    for character in sorted(set(PRINTABLE) - set(UNFINISHED_IF_ALT)):
        keyboard = Keyboard()
        keyboard.send(b"\x1b" + character.encode())
        assert len(keyboard.seen) == 1, character
        keyboard.send(b"j")
        assert keyboard.seen[1:] == ["j"], character


@pytest.mark.parametrize("character", UNFINISHED_IF_ALT)
def test_alt_and_an_introducer_is_a_key_after_the_time_out(character: str) -> None:
    keyboard = Keyboard()
    keyboard.send(b"\x1b" + character.encode())
    keyboard.wait(SEQUENCE_TIMEOUT_S + TICK_S)
    assert len(keyboard.seen) == 1
    keyboard.send(b"j")
    assert keyboard.seen[1:] == ["j"]


@pytest.mark.parametrize("character", "]P")
@pytest.mark.parametrize("gap_s", [0.005, 0.05])
def test_escape_and_an_introducer_swallow_no_key(character: str, gap_s: float) -> None:
    assert read(b"\x1b", character.encode(), b"j", b"k", gap_s=gap_s)[0] == "escape"
    assert read(b"\x1b", character.encode(), b"j", b"k", gap_s=gap_s)[2:] == ["j", "k"]
    assert read(b"\x1b" + character.encode() + b"jk")[1:] == ["j", "k"]


def test_escape_acts_after_the_time_out() -> None:
    keyboard = Keyboard()
    keyboard.send(b"\x1b")
    assert keyboard.seen == []
    keyboard.wait(SEQUENCE_TIMEOUT_S + TICK_S)
    assert keyboard.seen == ["escape"]


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[4h",  # Insert in st
        b"\x1b[999z",
        b"\x1b[1;2;3;4;5;6;7x",
        b"\x1b[" + b"1" * 200 + b"z",
        b"\x1bO5z",
        b"\x1b[?9999;1$y",
        b"\x1b[Mabc",
        b"\x1b[57400;1:1u",
        b"\x1b[7212455H",
    ],
)
def test_an_unknown_sequence_is_no_text_and_swallows_no_key(sequence: bytes) -> None:
    assert read(sequence + b"j") == ["j"]
    assert read(sequence, b"j") == ["j"]
    assert read(sequence[:-1], sequence[-1:], b"j") == ["j"]


def test_a_sequence_that_stays_incomplete_is_dropped() -> None:
    keyboard = Keyboard()
    keyboard.send(b"\x1b[1;5")
    keyboard.wait(SEQUENCE_TIMEOUT_S + TICK_S)
    keyboard.send(b"j")
    assert keyboard.seen == ["j"]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b[A", "up"),
        (b"\x1b[1;5A", "ctrl+up"),
        (b"\x1bOP", "f1"),
        (b"\x1b[[A", "f1"),
        (b"\x1b[15~", "f5"),
        (b"\x1b[3$", "shift+delete"),
        (b"\x1b[<35;1;1M", "MouseMove"),
        (b"\x1b[I", "AppFocus"),
        (b"\x1b[?2026;2$y", "TerminalSupportsSynchronizedOutput"),
    ],
)
def test_a_delayed_line_may_split_a_sequence_anywhere(sequence: bytes, key: str) -> None:
    for at in range(1, len(sequence)):
        assert read(sequence[:at], sequence[at:], gap_s=SEQUENCE_TIMEOUT_S / 2) == [key]


def test_a_paste_comes_after_the_escape_before_it() -> None:
    paste = b"\x1b[200~x\x1b[201~"
    assert read(b"\x1b", paste + b"j") == ["escape", "pasted x", "j"]
    assert read(b"\x1b" + paste + b"j") == ["escape", "pasted x", "j"]
    assert read(b"\x1bd", paste) == ["alt+d", "pasted x"]


@pytest.mark.parametrize(("term", "key"), [("st-256color", "delete"), ("xterm-kitty", "f1")])
def test_the_delete_key_of_st_is_what_others_send_for_f1(term: str, key: str) -> None:
    has_st_delete = detect_capabilities({"TERM": term}).has_st_delete
    messages = MessageParser(has_st_delete=has_st_delete).parse([KeyInput("\x1b[P")])
    assert [name_of(message) for message in messages] == [key]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b[57400;129u", "1"),
        (b"\x1bOq", "1"),
        (b"\x1b[57409u", "full_stop"),
        (b"\x1b[57410;129u", "slash"),
        (b"\x1b[57411u", "asterisk"),
        (b"\x1b[57412u", "minus"),
        (b"\x1b[57413;1u", "plus"),
        (b"\x1b[57414u", "enter"),
        (b"\x1bOM", "enter"),
        (b"\x1b[57426u", "delete"),
    ],
)
def test_a_key_of_the_keypad_is_what_is_printed_on_it(sequence: bytes, key: str) -> None:
    assert read(sequence) == [key]


def test_two_letters_at_once_are_two_keys_whatever_the_second_is() -> None:
    assert read(b"t-") == ["t", "minus"]
    assert read(b"a1") == ["a", "1"]


def test_replies_are_not_keys() -> None:
    assert read(b"j" + REPLY + b"k") == ["j", "replied 52;c;QQ==", "k"]


def test_only_the_stock_terminal_driver_is_replaced() -> None:
    class Other(LinuxDriver):
        """A driver that somebody has chosen."""

    assert driver_for(LinuxDriver) is TerminalDriver
    assert driver_for(Other) is Other


@pytest.mark.parametrize("data", [b"\x1bP", b"\x1bd", b"\x1b3", b"\x1b-", b"\x1b[100;3u"])
def test_a_key_with_alt_types_nothing_into_a_field(data: bytes) -> None:
    pipeline = InputPipeline()
    (key,) = MessageParser().parse([*pipeline.feed(data, 0.0), *pipeline.tick(10.0)])
    assert isinstance(key, events.Key)
    assert key.key.startswith("alt+")
    assert not key.is_printable
