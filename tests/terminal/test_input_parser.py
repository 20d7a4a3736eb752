"""Bytes of the terminal become keys, pastes and replies, at the right time and in order."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from pan123_tui.terminal.driver import TICK_S
from pan123_tui.terminal.input_parser import (
    LINK_START_TIMEOUT_S,
    PASTE_IDLE_S,
    SEQUENCE_TIMEOUT_S,
    UNFINISHED_TIMEOUT_S,
    InputParser,
    TerminalReply,
)
from pan123_tui.terminal.textual_private import TerminalApp

PRINTABLE = string.ascii_letters + string.digits + string.punctuation
UNFINISHED_IF_ALT = "[]OP"
"""Alt and one of these looks like the beginning of a sequence."""
REPLY = b"\x1b]52;c;QQ==\x07"
LINKS = b"https://a.example/1.zip\rhttp://b.example/2.zip\r"
PASTED = f"pasted {LINKS.decode()}"


class Keyboard:
    """Feeds a parser with bytes at given times of a clock that nobody waits for."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seen: list[str] = []
        self.parser = InputParser(TerminalApp.LINK_STARTS)

    def send(self, data: bytes) -> None:
        """Send `data` in one read."""
        self.seen += map(name_of, self.parser.feed(data, self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass as the driver does while something is awaited."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + TICK_S, end)
            self.seen += map(name_of, self.parser.tick(self.now))


def name_of(message: Message) -> str:
    match message:
        case events.Key():
            return message.key
        case events.Paste():
            return f"pasted {message.text}"
        case TerminalReply():
            return "replied"
    return type(message).__name__


def read(*chunks: bytes, gap_s: float = 0.005) -> list[str]:
    """Return what comes of `chunks`, each in a read of its own."""
    keyboard = Keyboard()
    for chunk in chunks:
        keyboard.send(chunk)
        keyboard.wait(gap_s)
    keyboard.wait(1.0)
    assert not keyboard.parser.is_waiting
    return keyboard.seen


# Escape and Alt


def test_escape_and_a_key_are_two_keys_whatever_the_gap() -> None:
    for character in sorted(set(PRINTABLE) - set(UNFINISHED_IF_ALT)):
        alone = read(character.encode())
        for gap_ms in (5, 95, 105, 300):
            both = read(b"\x1b", character.encode(), gap_s=gap_ms / 1000)
            assert both == ["escape", *alone], (character, gap_ms)


def test_alt_and_a_character_is_one_key_and_the_next_key_acts_at_once() -> None:
    for character in sorted(set(PRINTABLE) - set(UNFINISHED_IF_ALT)):
        keyboard = Keyboard()
        keyboard.send(b"\x1b" + character.encode())
        assert len(keyboard.seen) == 1, character
        keyboard.send(b"j")
        assert keyboard.seen[1:] == ["j"], character


@pytest.mark.parametrize("keys", [b"\x1b", *(f"\x1b{it}".encode() for it in UNFINISHED_IF_ALT)])
def test_what_may_begin_a_sequence_is_a_key_after_the_time_out(keys: bytes) -> None:
    keyboard = Keyboard()
    keyboard.send(keys)
    assert keyboard.seen == []
    keyboard.wait(SEQUENCE_TIMEOUT_S + TICK_S)
    assert len(keyboard.seen) == 1
    keyboard.send(b"j")
    assert keyboard.seen[1:] == ["j"]


@pytest.mark.parametrize("character", "]P")
@pytest.mark.parametrize("gap_s", [0.005, 0.05])
def test_escape_and_an_introducer_swallow_no_key(character: str, gap_s: float) -> None:
    assert read(b"\x1b", character.encode(), b"j", b"k", gap_s=gap_s)[1:] == ["j", "k"]
    assert read(b"\x1b" + character.encode() + b"jk")[1:] == ["j", "k"]


@pytest.mark.parametrize("data", [b"\x1bP", b"\x1bd", b"\x1b3", b"\x1b-", b"\x1b[100;3u"])
def test_a_key_with_alt_types_nothing_into_a_field(data: bytes) -> None:
    parser = InputParser(TerminalApp.LINK_STARTS)
    (key,) = [*parser.feed(data, 0.0), *parser.tick(10.0)]
    assert isinstance(key, events.Key)
    assert key.key.startswith("alt+")
    assert not key.is_printable


def test_where_escape_is_sent_with_the_next_key_both_are_keys() -> None:
    parser = InputParser(TerminalApp.LINK_STARTS, joins_escape=True)
    joined = parser.feed(b"\x1bj\x1b?\x1b[A\x1b\x7f", 0.0)
    names = ["escape", "j", "escape", "question_mark", "up", "ctrl+w"]
    assert list(map(name_of, joined)) == names


def test_a_long_paste_without_brackets_costs_no_more_for_each_read_than_a_short_one() -> None:
    keyboard, reads = Keyboard(), 4000
    began = time.process_time()
    for _ in range(reads):
        keyboard.send(b"https://a.example/" + b"a" * 1000)
    keyboard.wait(1.0)
    assert time.process_time() - began < 2.5, "copying all of it for each read took ten seconds"
    assert len(keyboard.seen) == 1


# Sequences


@pytest.mark.parametrize(
    "sequence",
    [
        b"\x1b[4h",  # Insert in st
        b"\x1b[" + b"1" * 200 + b"z",
        b"\x1bO5z",
        b"\x1b[?9999;1$y",
        b"\x1b[Mabc",
        b"\x1b[7212455H",
    ],
)
def test_an_unknown_sequence_is_no_text_and_swallows_no_key(sequence: bytes) -> None:
    assert read(sequence + b"j") == ["j"]
    assert read(sequence, b"j") == ["j"]
    assert read(sequence[:-1], sequence[-1:], b"j") == ["j"]


def test_a_sequence_that_stays_incomplete_is_dropped() -> None:
    assert read(b"\x1b[1;5", b"", b"j", gap_s=SEQUENCE_TIMEOUT_S) == ["j"]


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


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        (b"\x1b[57400;129u", "1"),
        (b"\x1bOq", "1"),
        (b"\x1b[57409;129;46u", "full_stop"),
        (b"\x1b[57410;129;47u", "slash"),
        (b"\x1b[57413;1u", "plus"),
        (b"\x1b[57414u", "enter"),
        (b"\x1bOM", "enter"),
        (b"\x1b[57426u", "delete"),
    ],
)
def test_a_key_of_the_keypad_is_what_is_printed_on_it(sequence: bytes, key: str) -> None:
    assert read(sequence) == [key]


def test_enter_is_enter_although_it_was_pressed_before_the_terminal_was_set_up() -> None:
    assert read(b"/x\nq") == ["slash", "x", "enter", "q"]


# Pastes and replies

STREAM = (
    b"j\x1b[200~https://a.b/\x1b[A\r\x1b]52;c;aHR0\x1b\\\x00\x1b[201~k\x1b]52;c;aHR0\x1b\\\x1b[A"
    b"\x1bP>|kitty(0.40)\x1b\\\x1b[?62;4cq\xe4\xb8\xad" + LINKS + b"\x1b[B" + REPLY
)
SORTED = [
    *("j", "pasted https://a.b/\x1b[A\r\x1b]52;c;aHR0\x1b\\", "k", "up"),
    *("replied", "q", "中", PASTED, "down"),
]


@given(st.lists(st.integers(1, 20), min_size=1))
def test_the_same_comes_out_in_its_order_wherever_the_stream_is_cut(sizes: list[int]) -> None:
    keyboard, at, step = Keyboard(), 0, 0
    while at < len(STREAM):
        size = sizes[step % len(sizes)]
        keyboard.send(STREAM[at : at + size])
        at, step = at + size, step + 1
    # How much of what is typed before a link is part of its paste depends on the cut.
    assert "".join(keyboard.seen).replace("pasted q中h", "q中pasted h").replace(
        "pasted 中h", "中pasted h"
    ) == "".join(SORTED)
    assert not keyboard.parser.is_waiting


def test_a_paste_comes_after_the_escape_before_it() -> None:
    paste = b"\x1b[200~x\x1b[201~"
    assert read(b"\x1b", paste + b"j") == ["escape", "pasted x", "j"]
    assert read(b"\x1b" + paste + b"j") == ["escape", "pasted x", "j"]
    assert read(b"\x1bd", paste) == ["alt+d", "pasted x"]


@pytest.mark.parametrize(
    ("unfinished", "comes"),
    [(b"\x1b[200~https://a.b/", ["pasted https://a.b/"]), (b"\x1b]52;c;aHR0", [])],
)
def test_what_has_no_end_ends_with_a_silence(unfinished: bytes, comes: list[str]) -> None:
    keyboard = Keyboard()
    keyboard.send(unfinished)
    keyboard.wait(UNFINISHED_TIMEOUT_S / 2)
    assert keyboard.seen == []
    keyboard.wait(UNFINISHED_TIMEOUT_S)
    keyboard.send(b"j")
    assert keyboard.seen == [*comes, "j"]


# Any bytes


def test_one_invalid_byte_among_utf_8_costs_one_character() -> None:
    data = "链接".encode() + b"\xff" + "密码 a".encode()
    (pasted,) = read(b"\x1b[200~" + data + b"\x1b[201~")
    assert pasted == "pasted 链接\N{REPLACEMENT CHARACTER}密码 a"


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_raise_and_nothing_stays_pending(chunks: list[bytes]) -> None:
    keyboard = Keyboard()
    for chunk in chunks:
        keyboard.send(chunk)
        keyboard.wait(0.01)
    keyboard.wait(UNFINISHED_TIMEOUT_S * 2)
    assert not keyboard.parser.is_waiting


# Pastes without brackets


@pytest.mark.parametrize("size", [1, 2, 3, 7, 4096])
@pytest.mark.parametrize("is_reader_late", [False, True])
def test_a_link_that_comes_at_once_is_a_paste_and_no_key(size: int, is_reader_late: bool) -> None:
    keyboard = Keyboard()
    for at in range(0, len(LINKS), size):
        if is_reader_late:  # no tick: something was there to read all the time
            keyboard.now += PASTE_IDLE_S * 2
        else:
            keyboard.wait(0.001)
        keyboard.send(LINKS[at : at + size])
    keyboard.wait(PASTE_IDLE_S * 2)
    assert keyboard.seen == [PASTED]


def test_a_paste_may_stop_after_its_first_letters() -> None:
    assert read(LINKS[:4], LINKS[4:], gap_s=PASTE_IDLE_S * 0.9) == [PASTED]


@pytest.mark.parametrize("text", [b"https://a.example/", b"h" * 20])
def test_a_link_that_is_typed_and_a_key_held_down_stay_keys(text: bytes) -> None:
    typed = read(*(bytes([letter]) for letter in text), gap_s=LINK_START_TIMEOUT_S * 1.5)
    assert len(typed) == len(text)


@pytest.mark.parametrize("key", ["j", "p", "d", "q", "\r", "\x1b[A", "\x04", "链"])
def test_every_key_that_begins_no_link_goes_on_at_once(key: str) -> None:
    assert len(InputParser(TerminalApp.LINK_STARTS).feed(key.encode(), 0.0)) == 1


@pytest.mark.parametrize(
    ("chunks", "comes"),
    [
        (
            ["链接：https://a.example/1.zip，密码 1"],
            ["pasted 链接：https://a.example/1.zip，密码 1"],
        ),
        (["HTTP://A.EXAMPLE/1"], ["pasted HTTP://A.EXAMPLE/1"]),
        (["http://a.example/1\x1b[A"], ["pasted http://a.example/1", "up"]),
        (["http://a.example/1\x04j"], ["pasted http://a.example/1", "ctrl+d", "j"]),
        (["http://a.example/1", "", "j"], ["pasted http://a.example/1", "j"]),
    ],
)
def test_what_comes_with_a_link_is_one_burst(chunks: list[str], comes: list[str]) -> None:
    assert read(*map(str.encode, chunks), gap_s=PASTE_IDLE_S) == comes
