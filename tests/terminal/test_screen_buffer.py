"""Only what differs is sent, and the terminal then shows the same as after a whole repaint."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from unicodedata import east_asian_width

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import ControlType, Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Size
from textual.strip import Strip

import pan123_tui
from pan123_tui.terminal.screen_buffer import (
    _ASCII_TABLE,
    AsciiFilter,
    ControlCharFilter,
    PlacedStrip,
    ScreenBuffer,
    to_ascii,
)

SIZE = Size(24, 4)
LAYOUTS = ((0, 24), (0, 7, 13, 24), (0, 5, 24))
"""Where the widgets of a line begin and end."""
COLORS = ColorSystem.EIGHT_BIT
CONSOLE = Console(color_system="256", force_terminal=True)
STYLES = [
    None,
    Style(color="color(188)", bgcolor="color(233)"),
    Style(color="color(111)", bgcolor="color(233)", bold=True),
    Style(color="color(188)", bgcolor="color(52)"),
    Style(color="red", underline=True, italic=True),
    Style(bgcolor="blue", reverse=True),
]
TEXTS = ["", " ", "a", "ab cd", "x   y", " " * 24, "三体", "│──╮", "e\u0301", "🎬 s", "→ 50%"]

segments = st.builds(Segment, st.sampled_from(TEXTS), st.sampled_from(STYLES), st.none())
lines = st.lists(segments, min_size=1, max_size=4)


@st.composite
def updates(draw: st.DrawFn) -> list[list[PlacedStrip]]:
    """Draw paints of whole widgets' lines; a changed layout repaints everything."""
    paints = []
    former: tuple[int, ...] | None = None
    for _ in range(draw(st.integers(1, 4))):
        layout = draw(st.sampled_from(LAYOUTS))
        places = [(y, x, end) for y in range(4) for x, end in pairwise(layout)]
        if former == layout:
            places = draw(st.lists(st.sampled_from(places), max_size=4, unique=True))
        former = layout
        paints.append([strip_at(x, y, end - x, draw(lines)) for y, x, end in places])
    return paints


def strip_at(x: int, y: int, cells: int, pieces: Iterable[Segment]) -> PlacedStrip:
    return PlacedStrip(x, y, Strip(pieces).crop_extend(0, cells, STYLES[1]))


def whole(paint: Iterable[PlacedStrip]) -> str:
    """Return the sequence of a repaint, as Textual writes it."""
    return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(CONSOLE)}" for x, y, strip in paint)


def screen_after(sequences: Iterable[str]) -> list[tuple[object, ...]]:
    """Return what can be seen in each cell."""
    screen = pyte.Screen(*SIZE)
    screen.reset_mode(7, private=True)  # no wrap, as while the program runs
    stream = pyte.Stream(screen)
    for sequence in sequences:
        stream.feed(sequence)
    cells = [screen.buffer[y][x] for y in range(SIZE.height) for x in range(SIZE.width)]
    return [visible(cell) for cell in cells]


def visible(cell: pyte.screens.Char) -> tuple[object, ...]:
    lines = (cell.reverse, cell.underscore, cell.strikethrough)
    if cell.data == " " and not any(lines):
        return (" ", cell.bg)
    return (cell.data, cell.fg, cell.bg, cell.bold, cell.italics, *lines)


def encode(buffer: ScreenBuffer, *strips: PlacedStrip, size: Size = SIZE) -> str:
    encoded = buffer.changes(size, strips, COLORS)
    return encoded() if encoded else ""


@settings(max_examples=80, deadline=None)
@given(paints=updates())
def test_the_screen_is_that_of_whole_repaints(paints: Sequence[Sequence[PlacedStrip]]) -> None:
    buffer = ScreenBuffer()
    sent = [encode(buffer, *paint) for paint in paints]
    assert screen_after(sent) == screen_after(map(whole, paints))


def line(text: str, style: Style | None = STYLES[1], *, x: int = 0, y: int = 0) -> PlacedStrip:
    return PlacedStrip(x, y, Strip([Segment(text, style)]))


def test_what_is_shown_is_not_sent_again() -> None:
    buffer = ScreenBuffer()
    for text in ("the same", "© 23 °C, 三体 →"):
        assert encode(buffer, line(text))
        assert buffer.changes(SIZE, [line(text)], COLORS) is None


def test_one_changed_letter_is_sent_alone() -> None:
    buffer = ScreenBuffer()
    encode(buffer, line("running  49%"))
    assert encode(buffer, line("running  50%")) == "\x1b[1;10H\x1b[38;5;188;48;5;233m50\x1b[m"


def test_a_wide_character_is_sent_whole_where_only_its_second_half_was_covered() -> None:
    paints = [[line("三体")], [line("a", x=1)], [line("三体")]]
    buffer = ScreenBuffer()
    sent = [encode(buffer, *paint) for paint in paints]
    assert screen_after(sent) == screen_after(map(whole, paints))


def test_what_was_encoded_but_not_written_is_sent_later() -> None:
    buffer = ScreenBuffer()
    assert buffer.changes(SIZE, [line("held back")], COLORS) is not None
    assert "held back" in encode(buffer, line("held back"))


def test_everything_is_sent_again_after_another_size_and_when_the_screen_is_forgotten() -> None:
    buffer = ScreenBuffer()
    for size in (SIZE, Size(30, 4), Size(30, 8), SIZE):
        for y in (0, size.height - 1):
            assert "text" in encode(buffer, line("text", y=y), size=size)
            assert not encode(buffer, line("text", y=y), size=size)
    assert not encode(buffer, line("text", y=SIZE.height), line("text", x=SIZE.width))
    buffer.clear()
    assert "text" in encode(buffer, line("text"))


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧 a", "e\u0301 a", "⏰ a", "क्षि a", "\u1112\u1161 a", "🇨🇳 a"]
)
def test_a_line_of_uncertain_width_is_always_sent_whole(text: str) -> None:
    buffer = ScreenBuffer()
    encode(buffer, line(text))
    assert text in encode(buffer, line(text))
    assert " " * 3 in encode(buffer, line(" " * 11))


def test_what_is_at_the_right_of_a_text_of_uncertain_width_is_sent_again() -> None:
    buffer = ScreenBuffer()
    right = line("at the right", x=12)
    encode(buffer, right)
    assert "at the right" in encode(buffer, line("👨‍👩‍👧"), right)
    encode(buffer, line("👨‍👩‍👧"))
    assert "at the right" in encode(buffer, right)
    assert not encode(buffer, right)


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
