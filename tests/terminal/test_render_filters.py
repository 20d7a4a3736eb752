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
