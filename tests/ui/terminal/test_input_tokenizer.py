"""Keys, pastes and replies are separated, however they are split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.terminal.input_parser import (
    SEQUENCE_TIMEOUT_S,
    UNFINISHED_TIMEOUT_S,
    InputTokenizer,
    Item,
    KeyInput,
    PasteInput,
    ReplyKind,
    TerminalReply,
)

REPLY = "\x1b]52;c;aHR0cHM6Ly9hLmIv\x1b\\"
STREAM = f"j\x1b[200~https://a.b/\x1b[A\r{REPLY}\x1b[201~k{REPLY}\x1b[A\x1bP>|kitty(0.40)\x1b\\\x1b[?62;4cq"
SORTED = [
    KeyInput("j"),
    PasteInput(f"https://a.b/\x1b[A\r{REPLY}"),
    KeyInput("k"),
    TerminalReply(ReplyKind.OSC, "52;c;aHR0cHM6Ly9hLmIv"),
    KeyInput("\x1b[A"),
    TerminalReply(ReplyKind.DCS, ">|kitty(0.40)"),
    TerminalReply(ReplyKind.DEVICE, "?62;4"),
    KeyInput("q"),
]


def joined(items: list[Item]) -> list[Item]:
    """Join neighbouring keys, because where they are split has no meaning."""
    result: list[Item] = []
    for item in items:
        if isinstance(item, KeyInput) and result and isinstance(result[-1], KeyInput):
            result[-1] = KeyInput(result[-1].text + item.text)
        else:
            result.append(item)
    return result


@given(st.lists(st.integers(1, 20), min_size=1))
def test_the_same_comes_out_wherever_the_stream_is_cut(sizes: list[int]) -> None:
    tokenizer, items, at, step = InputTokenizer(), list[Item](), 0, 0
    while at < len(STREAM):
        size = sizes[step % len(sizes)]
        items += tokenizer.feed(STREAM[at : at + size], 0.0)
        at, step = at + size, step + 1
    assert joined(items) == SORTED
    assert not tokenizer.is_waiting


@pytest.mark.parametrize("key", ["\x1b", "\x1b]", "\x1bP", "\x1b[", "\x1b[2"])
def test_what_only_looked_like_the_beginning_of_a_sequence_becomes_keys(key: str) -> None:
    tokenizer = InputTokenizer()
    assert tokenizer.feed(key, 0.0) == []
    assert tokenizer.tick(SEQUENCE_TIMEOUT_S / 2) == []
    assert tokenizer.tick(SEQUENCE_TIMEOUT_S) == [KeyInput(key)]
    assert not tokenizer.is_waiting


@pytest.mark.parametrize(
    "keys", ["\x1b[A", "\x1b[1;5C", "\x1b[<0;3;4M", "\x1b[?2026;2$y", "\x1bOP"]
)
def test_other_sequences_go_on_at_once(keys: str) -> None:
    assert InputTokenizer().feed(keys, 0.0) == [KeyInput(keys)]


def test_a_paste_without_an_end_is_given_after_a_silence() -> None:
    tokenizer = InputTokenizer()
    assert tokenizer.feed("\x1b[200~https://a.b/", 1.0) == []
    assert tokenizer.tick(1.0 + UNFINISHED_TIMEOUT_S / 2) == []
    assert tokenizer.tick(1.0 + UNFINISHED_TIMEOUT_S) == [PasteInput("https://a.b/")]
    assert tokenizer.feed("j", 9.0) == [KeyInput("j")]


def test_a_reply_without_an_end_is_dropped_after_a_silence() -> None:
    tokenizer = InputTokenizer()
    assert tokenizer.feed("\x1b]52;c;aHR0", 1.0) == []
    assert tokenizer.tick(1.0 + UNFINISHED_TIMEOUT_S) == []
    assert tokenizer.feed("j", 9.0) == [KeyInput("j")]


def test_nul_is_taken_out_of_a_paste() -> None:
    assert InputTokenizer().feed("\x1b[200~a\x00b\x1b[201~", 0.0) == [PasteInput("ab")]


def test_five_megabytes_are_sorted_in_a_few_steps() -> None:
    tokenizer, text = InputTokenizer(), "https://a.example/file.zip\r" * 200_000
    items = tokenizer.feed(f"\x1b[200~{text}", 0.0) + tokenizer.feed("\x1b[201~", 0.0)
    assert items == [PasteInput(text)]
