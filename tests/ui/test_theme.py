"""Themes and palettes can be read: each text token on each ground that it stands on."""

import itertools

import pytest
from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from pan123_tui.domain.task import TaskState
from pan123_tui.terminal.capabilities import Capabilities, ColorSystem
from pan123_tui.terminal.render_filters import Palette, PaletteFilter
from pan123_tui.ui.theme import (
    PALETTES,
    SHOWN_TOKENS,
    STALLED_TOKEN,
    STATE_TOKENS,
    THEMES,
    theme_colors,
)
from tests.ui.dashboard_stage import story, task
from tests.ui.textual_private import painted

READABLE = 4.5
TEXTS = (
    "text",
    "foreground",
    "text-muted",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
)
GROUNDS = (
    "background",
    "surface",
    "panel",
    "block-cursor-background",
    "block-cursor-blurred-background",
    "block-hover-background",
)
PAIRS = (
    *itertools.product(TEXTS, GROUNDS),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("footer-foreground", "footer-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("foreground", "input-selection-background"),
    ("button-color-foreground", "primary"),
    ("button-color-foreground", "error"),
    ("button-color-foreground", "success"),
)


def luminance(color: Color) -> float:
    """Return WCAG's relative luminance."""
    parts = (part / 255 for part in color.rgb)
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast ratio, 1–21."""
    low, high = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_text_token_can_be_read_on_every_ground(theme: Theme) -> None:
    named = theme_colors(theme)
    too_faint = {
        (text, ground): round(ratio, 2)
        for text, ground in PAIRS
        if (ratio := contrast(named[text], named[ground])) < READABLE
    }
    assert not too_faint


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_state_has_a_colour_of_the_theme(theme: Theme) -> None:
    named = theme_colors(theme)
    assert set(STATE_TOKENS) == set(TaskState)
    assert all(token in named for token in (*STATE_TOKENS.values(), STALLED_TOKEN))


# The palettes for few colours

XTERM = (
    *("#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5"),
    *("#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"),
)
VGA = (
    *("#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa"),
    *("#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"),
)
"""The 16 colours of xterm, and those of a Linux console."""
ONLY_FEW = [ColorSystem.EIGHT_BIT, ColorSystem.STANDARD]
CASES = [(system, theme) for system in ONLY_FEW for theme in THEMES]
NAMES = [f"{system}-{theme.name}" for system, theme in CASES]


def palette_filter(system: ColorSystem, theme: Theme) -> PaletteFilter:
    return PaletteFilter(PALETTES[system, theme.dark], theme_colors(theme))


def drawn(system: ColorSystem, theme: Theme, text: str, ground: str) -> Style:
    """Return how `text` on `ground`, two tokens or colours, is drawn."""
    named = theme_colors(theme)
    style = Style(color=named.get(text, text), bgcolor=named.get(ground, ground))
    [segment] = palette_filter(system, theme).apply([Segment("x", style)], Color(0, 0, 0))
    assert segment.style is not None
    return segment.style


def seen(color: RichColor | None, sixteen: tuple[str, ...]) -> str:
    """Return the colour that a terminal with these 16 colours shows."""
    assert color is not None
    assert color.number is not None
    if color.number < 16:
        return sixteen[color.number]
    triplet = color.get_truecolor()
    assert isinstance(triplet, ColorTriplet)
    return triplet.hex


@pytest.mark.parametrize("sixteen", [XTERM, VGA], ids=["xterm", "vga"])
@pytest.mark.parametrize(("system", "theme"), CASES, ids=NAMES)
def test_all_texts_can_be_read(system: ColorSystem, theme: Theme, sixteen: tuple[str, ...]) -> None:
    styles = {pair: drawn(system, theme, *pair) for pair in PAIRS}
    too_faint = {
        pair: round(ratio, 2)
        for pair, style in styles.items()
        if (ratio := contrast(seen(style.color, sixteen), seen(style.bgcolor, sixteen))) < READABLE
    }
    assert not too_faint


@pytest.mark.parametrize(("system", "theme"), CASES, ids=NAMES)
def test_states_and_cursors_stand_out(system: ColorSystem, theme: Theme) -> None:
    tokens = {*SHOWN_TOKENS.values(), STALLED_TOKEN} - {"text-muted", "text-secondary"}
    assert len({drawn(system, theme, token, "background").color for token in tokens}) == len(tokens)
    grounds = ("background", "block-cursor-background", "block-cursor-blurred-background")
    assert len({drawn(system, theme, "text", ground).bgcolor for ground in grounds}) == 3


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_in_16_colours_the_cursor_is_the_reverse_of_the_screen(theme: Theme) -> None:
    row = drawn(ColorSystem.STANDARD, theme, "text", "background")
    for text in TEXTS:
        cursor = drawn(ColorSystem.STANDARD, theme, text, "block-cursor-background")
        assert cursor.color == row.bgcolor
        assert cursor.bgcolor != row.bgcolor


@pytest.mark.parametrize("palette", PALETTES.values())
def test_a_palette_has_a_colour_for_every_token_that_is_read(palette: Palette) -> None:
    texts, grounds = set(palette.texts), set(palette.grounds)
    assert not texts & grounds
    named = {*TEXTS, *GROUNDS, *itertools.chain(*PAIRS)}
    assert named <= texts | grounds
    assert set(STATE_TOKENS.values()) <= texts


@pytest.mark.parametrize("system", ONLY_FEW)
async def test_the_dashboard_is_drawn_in_the_palette_of_its_theme(system: ColorSystem) -> None:
    capabilities = Capabilities(color_system=system)
    async with story([task(1), task(2)], capabilities=capabilities) as told:
        for theme in THEMES:
            told.app.theme = theme.name
            await told.pilot.pause()
            palette = PALETTES[system, theme.dark]
            numbers = {*palette.texts.values(), *palette.grounds.values()}
            used = {
                color.number
                for strip in painted(told.app)
                for _, style, _ in strip
                if style is not None
                for color in (style.color, style.bgcolor)
                if color is not None
            }
            assert used <= numbers | set(palette.text_on.values())
            assert palette.texts[STATE_TOKENS[TaskState.RUNNING]] in used


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_in_16_colours_a_field_is_underlined_and_a_toast_has_a_ground(theme: Theme) -> None:
    capabilities = Capabilities(color_system=ColorSystem.STANDARD)
    async with story([task(1)], capabilities=capabilities) as told:
        told.app.theme = theme.name
        await told.press("slash")
        told.app.notify("covers rows")
        await told.reads("covers rows")
        assert told.app.screen.query_one("FilterField").rich_style.underline
        styles = {text.strip(): style for strip in painted(told.app) for text, style, _ in strip}
        toast, ground = styles["covers rows"], PALETTES[ColorSystem.STANDARD, theme.dark].grounds
        assert toast is not None
        assert toast.bgcolor is not None
        assert toast.bgcolor.number != ground["background"]
