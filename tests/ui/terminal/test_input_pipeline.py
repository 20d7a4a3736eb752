"""Bytes in, items out, in their order."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.terminal.input_parser import (
    InputPipeline,
    KeyInput,
    PasteInput,
    ReplyKind,
    TerminalReply,
)


def test_everything_keeps_its_order() -> None:
    intake = InputPipeline()
    items = intake.feed(b"jhttp://a.b/1\x1b[200~x\x1b[201~h\x1b]52;c;QQ==\x07k", 0.0)
    assert items == [
        PasteInput("jhttp://a.b/1"),
        PasteInput("x"),
        KeyInput("h"),
        TerminalReply(ReplyKind.OSC, "52;c;QQ=="),
        KeyInput("k"),
    ]


def test_a_held_key_comes_when_its_time_is_over() -> None:
    intake = InputPipeline()
    assert intake.feed(b"h", 0.0) == []
    assert intake.is_waiting
    assert intake.tick(0.2) == [KeyInput("h")]
    assert not intake.is_waiting


def test_half_a_character_is_given_up() -> None:
    intake = InputPipeline()
    assert intake.feed(b"\xe9", 0.0) == []
    assert intake.tick(0.2) == [KeyInput("\N{REPLACEMENT CHARACTER}")]


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_raise_and_nothing_waits_for_ever(chunks: list[bytes]) -> None:
    intake = InputPipeline()
    for number, chunk in enumerate(chunks):
        intake.feed(chunk, number / 100)
        intake.tick(number / 100)
    for seconds in range(5, 20):
        intake.tick(float(seconds))
    assert not intake.is_waiting
