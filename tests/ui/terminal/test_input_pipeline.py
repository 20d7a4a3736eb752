"""Bytes become items in their order."""

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
    pipeline = InputPipeline()
    items = pipeline.feed(b"jhttp://a.b/1\x1b[200~x\x1b[201~h\x1b]52;c;QQ==\x07k", 0.0)
    assert items == [
        PasteInput("jhttp://a.b/1"),
        PasteInput("x"),
        KeyInput("h"),
        TerminalReply(ReplyKind.OSC, "52;c;QQ=="),
        KeyInput("k"),
    ]


def test_a_held_key_comes_when_its_time_is_over() -> None:
    pipeline = InputPipeline()
    assert pipeline.feed(b"h", 0.0) == []
    assert pipeline.is_waiting
    assert pipeline.tick(0.2) == [KeyInput("h")]
    assert not pipeline.is_waiting


def test_half_a_character_is_given_up() -> None:
    pipeline = InputPipeline()
    assert pipeline.feed(b"\xe9", 0.0) == []
    assert pipeline.tick(0.2) == [KeyInput("\N{REPLACEMENT CHARACTER}")]


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_raise_and_nothing_stays_pending(chunks: list[bytes]) -> None:
    pipeline = InputPipeline()
    for number, chunk in enumerate(chunks):
        pipeline.feed(chunk, number / 100)
        pipeline.tick(number / 100)
    for seconds in range(5, 20):
        pipeline.tick(float(seconds))
    assert not pipeline.is_waiting
