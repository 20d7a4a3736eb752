"""The ASCII filter: each replacement is as wide as its sign."""

from pathlib import Path
from unicodedata import east_asian_width

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

import pan123_tui
from pan123_tui.terminal.render_filters import _ASCII_TABLE, AsciiFilter, to_ascii

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
