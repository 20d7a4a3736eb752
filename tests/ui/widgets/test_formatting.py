"""Untrusted text is shown sanitized and at its width."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pan123_tui.domain.sanitize import MAX_COMBINING, TruncateAt, pad_or_truncate, sanitize, width
from pan123_tui.ui.terminal.render_filters import to_ascii
from pan123_tui.ui.widgets.styled_text import bar_parts, plain_content

HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me"]),
        st.sampled_from("[]/\\\x1b\x00\n\t\u202e\u200b\u200d\ufe0f\U0001f3fd😀中é\u0301"),
    )
)
CUTS = st.sampled_from(["end", "middle"])


def is_hidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


@given(HOSTILE)
def test_nothing_hidden_is_left_in_a_text(text: str) -> None:
    assert not any(is_hidden(char) for char in sanitize(text))


@given(HOSTILE, st.integers(0, 40), CUTS)
def test_a_text_is_never_wider_than_its_room(text: str, room: int, cut: TruncateAt) -> None:
    shown = sanitize(text, room, truncate_at=cut)
    assert width(shown) <= room
    assert cell_len(shown) == width(shown)


@given(HOSTILE, st.integers(1, 40))
def test_a_fitted_text_fills_its_room_exactly(text: str, room: int) -> None:
    assert cell_len(pad_or_truncate(text, room)) == room


@given(HOSTILE)
def test_a_text_with_room_enough_is_not_cut(text: str) -> None:
    whole = sanitize(text)
    assert sanitize(text, width(whole)) == whole


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Po"], max_codepoint=0x24F)))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert sanitize(text) == text


def test_every_character_takes_the_cells_that_the_terminal_library_counts() -> None:
    wrong = [
        hex(code)
        for code in (*range(0x20000), *range(0xDFF00, 0xE0200))
        if cell_len(shown := sanitize("a" + chr(code))) != width(shown)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("a\x00b", r"a\x00b"),
        ("one\ntwo\r\n\tthree", r"one\ntwo\r\n\tthree"),
        ("invoice\u202egpj.exe", r"invoice\u202egpj.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164", r"\u3164"),
        ("[link=file:///etc]x[/link] [/foo]", "[link=file:///etc]x[/link] [/foo]"),
        ("中文 ｶﾅ é", "中文 ｶﾅ é"),
    ],
)
def test_hidden_characters_are_spelt_out(text: str, shown: str) -> None:
    assert sanitize(text) == shown


def test_joined_emoji_fall_apart_into_their_parts() -> None:
    assert sanitize("👨\u200d👩\u200d👧 ❤\ufe0f 👍\U0001f3fd") == "👨👩👧 ❤ 👍"


def test_a_joiner_that_joins_nothing_is_spelt_out() -> None:
    assert sanitize("a\u200db") == r"a\u200db"


def test_marks_climb_no_higher_than_their_row() -> None:
    shown = sanitize("e" + "\u0301" * 50)
    assert shown.count("\u0301") == MAX_COMBINING
    assert shown.count(r"\u0301") == 50 - MAX_COMBINING


def test_a_mark_without_a_letter_is_spelt_out() -> None:
    assert sanitize("\u0301a") == r"\u0301a"


def test_a_cut_in_the_middle_keeps_the_extension() -> None:
    assert (
        sanitize("a-very-long-name-of-a-file.mkv", 16, truncate_at="middle") == "a-very-l…ile.mkv"
    )


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert sanitize("中文字幕", 4) == "中…"
    assert sanitize("中文字幕", 5) == "中文…"


@pytest.mark.parametrize("char", ["a", "中", "\u202e", "\u200d", "\u0301", "\x1b"])
def test_a_huge_text_is_cut_before_it_is_worked_on(char: str) -> None:
    class Counted(str):
        """Raises where more than a slice of it is read."""

        __slots__ = ()

        def __iter__(self) -> None:  # type: ignore[override]
            raise AssertionError("the whole text was walked through")

        def isascii(self) -> bool:
            raise AssertionError("the whole text was read")

    shown = sanitize(Counted("x" + char * 10_000_000), 40, truncate_at="middle")
    assert 0 < width(shown) <= 40


def test_text_from_outside_is_never_markup() -> None:
    content = plain_content("[bold]x[/foo]")
    assert content.plain == "[bold]x[/foo]"
    assert not content.spans


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 60))
def test_a_bar_is_as_wide_as_asked(percent: float, cells: int) -> None:
    assert cell_len("".join(bar_parts(percent, cells))) == cells


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0, "----------"), (42, "####------"), (99.9, "#########-"), (100, "##########")],
)
def test_a_bar_is_full_only_at_the_end(percent: float, bar: str) -> None:
    assert to_ascii("".join(bar_parts(percent, 10))) == bar


def test_a_bar_is_read_without_colour_and_has_no_sign_of_doubtful_width() -> None:
    bar = "".join(bar_parts(50, 10))
    assert len(set(bar)) == 2
    assert all(unicodedata.east_asian_width(sign) == "N" for sign in bar)
