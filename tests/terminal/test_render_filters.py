"""What is painted, adapted: ASCII as wide as its sign, no control characters, few colours."""

from pathlib import Path
from unicodedata import east_asian_width

import pytest
from rich.cells import cell_len
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color

import pan123_tui
from pan123_tui.terminal.render_filters import (
    _ASCII_TABLE,
    AsciiFilter,
    ControlCharFilter,
    Palette,
    PaletteFilter,
    to_ascii,
)

PACKAGE = Path(pan123_tui.__file__).parent
SOURCES = [path for kind in ("ui/**/*.py", "locale/**/*.po") for path in PACKAGE.glob(kind)]
SIGNS = {sign for path in SOURCES for sign in path.read_text("utf-8")}
"""All characters in the code and the translations of the screens."""


def test_a_stand_in_is_ascii_and_as_wide_as_its_sign() -> None:
    for sign in map(chr, _ASCII_TABLE):
        assert to_ascii(sign).isascii(), sign
        assert len(to_ascii(sign)) == cell_len(sign), sign


def test_every_sign_that_may_take_two_cells_has_a_stand_in() -> None:
    wide = "".join(sign for sign in SIGNS if east_asian_width(sign) == "A")
    assert "─" in wide
    assert to_ascii(wide).isascii()


def test_no_sign_is_used_that_common_fonts_lack() -> None:
    assert not set("↻⇡∅⊘⋯◌") & SIGNS


def test_letters_and_styles_stay_what_they_are() -> None:
    segments = [Segment("√ 三体 …", None), Segment("plain")]
    drawn = AsciiFilter().apply(segments, Color(0, 0, 0))
    assert [segment.text for segment in drawn] == ["+ 三体 ~", "plain"]


BLACK = Color(0, 0, 0)


@pytest.mark.parametrize("evil", ["\x1b", "\x9b", "\r", "\u2028", "\u202e", "\u2066", "\ud800"])
def test_a_character_that_a_terminal_would_obey_is_replaced_at_its_width(evil: str) -> None:
    beep = Segment("\a", None, [(ControlType.BELL,)])
    text, kept = ControlCharFilter().apply([Segment(f"三{evil}b", Style(bold=True)), beep], BLACK)
    assert text.text == "三" + "\N{REPLACEMENT CHARACTER}" * cell_len(evil) + "b"
    assert text.style == Style(bold=True)
    assert kept is beep


NIGHT = Palette({"text": 15, "dim": 7, "bad": 1}, {"back": 0, "bad-back": 9}, {9: 0})
TOKENS = {"text": "#ffffff", "dim": "#888888", "bad": "#ff0000", "back": "#000000"}
TOKENS |= {"bad-back": "#ee0000", "unused": "auto"}


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("#ffffff on #000000", "color(15) on color(0)"),
        ("#808080 on #000001", "color(7) on color(0)"),
        ("#ffffff on #ee0000", "color(0) on color(9)"),
        ("bold #ffffff on #000000", "bold color(15) on color(0)"),
        ("bold #888888", "not bold color(7)"),
        ("bold", "bold"),
        ("underline default", "underline default"),
    ],
)
def test_a_colour_becomes_one_of_the_palette(style: str, shown: str) -> None:
    mapped = PaletteFilter(NIGHT, TOKENS).apply([Segment("x", Style.parse(style))], BLACK)
    assert mapped == [Segment("x", Style.parse(shown))]
