"""The themes can be read: each text token on each ground that it stands on."""

import itertools
import re

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from pan123_tui.config.schema import Ui
from pan123_tui.config.settings import Settings
from pan123_tui.domain.task import TaskState
from pan123_tui.terminal.escape_codes import Capabilities
from pan123_tui.terminal.escape_codes import ColorSystem as Colors
from pan123_tui.ui.contrast import readable
from pan123_tui.ui.theme import (
    EIGHT_BIT_THEMES,
    OFFERED,
    SHOWN_TOKENS,
    STALLED_TOKEN,
    STATE_TOKENS,
    THEMES,
)
from tests.ui.dashboard_stage import Story, story, task
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
)
OWN_PAIRS = (
    ("button-color-foreground", "primary"),
    ("button-color-foreground", "error"),
    ("button-color-foreground", "success"),
)


def theme_colors(theme: Theme) -> dict[str, str]:
    """Return the colours of `theme` by token."""
    return {**theme.to_color_system().generate(), **theme.variables}


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


@pytest.mark.parametrize("has_256", [False, True])
@pytest.mark.parametrize("name", OFFERED)
def test_in_each_theme_all_can_be_read_and_states_and_cursors_stand_out(
    name: str, has_256: bool
) -> None:
    own = {theme.name: theme for theme in (EIGHT_BIT_THEMES if has_256 else THEMES)}
    theme = own.get(name) or readable(BUILTIN_THEMES[name], has_256=has_256)
    named = theme_colors(theme)
    drawn = {
        token: nearest(named[token]) if has_256 else named[token]
        for token in {*itertools.chain(*PAIRS, *OWN_PAIRS), *STATE_TOKENS.values(), STALLED_TOKEN}
    }
    pairs = (*PAIRS, *(OWN_PAIRS if name in own else ()))
    too_faint = {
        (text, ground): round(ratio, 2)
        for text, ground in pairs
        if (ratio := contrast(drawn[text], drawn[ground])) < READABLE
    }
    assert not too_faint
    assert set(STATE_TOKENS) == set(TaskState)
    if name in own:
        states = {*SHOWN_TOKENS.values(), STALLED_TOKEN} - {"text-muted", "text-secondary"}
        assert len({drawn[token] for token in states}) == len(states)
    assert drawn["text-success"] != drawn["text-error"]
    cursor, blurred = (drawn[f"block-cursor-{it}background"] for it in ("", "blurred-"))
    assert cursor not in {blurred, *(drawn[it] for it in ("background", "surface", "panel"))}
    assert all(contrast(it, drawn["background"]) > 1.1 for it in (cursor, blurred))


def nearest(color: str) -> str:
    """Return what Rich makes of `color` in 256 colours."""
    number = RichColor.parse(Color.parse(color).hex6).downgrade(ColorSystem.EIGHT_BIT)
    triplet = number.get_truecolor()
    assert isinstance(triplet, ColorTriplet)
    return triplet.hex


ALL_STATES = [task(number, state) for number, state in enumerate(TaskState, 1)]
SURFACES = (["ctrl+a", "j"], ["question_mark"], ["escape", "comma"], ["escape", "a"])


@pytest.mark.parametrize("colors", [Colors.TRUECOLOR, Colors.EIGHT_BIT])
async def test_what_is_painted_can_be_read_in_rows_marks_cursor_and_dialogs(
    colors: Colors,
) -> None:
    capabilities = Capabilities(color_system=colors)
    async with story(ALL_STATES, size=(140, 40), capabilities=capabilities) as told:
        appearance = told.app.appearance
        for keys in SURFACES:
            await told.press(*keys)
            for name in ("pan123-dark", "nord", "solarized-dark", "textual-light"):
                appearance.apply_settings(Ui(theme=name), {"ui.theme"})
                await told.pilot.pause()
                assert told.app.theme == name
                assert faint_texts(told, has_256=colors is Colors.EIGHT_BIT) == {}, (name, keys)


def faint_texts(told: Story, *, has_256: bool) -> dict[str, float]:
    """Return the words that cannot be read, except of what is inactive, with their contrast."""
    found = {}
    inactive = Color.parse(told.app.theme_variables["text-disabled"]).rich_color
    for line in painted(told.app):
        for text, style, _control in line:
            if not re.search(r"\w", text) or style is None or not (style.color and style.bgcolor):
                continue
            if style.color == inactive:
                continue
            one, other = (it.get_truecolor().hex for it in (style.color, style.bgcolor))
            if has_256:
                one, other = nearest(one), nearest(other)
            if (ratio := contrast(one, other)) < READABLE:
                found[text] = round(ratio, 2)
    return found


FEW = Capabilities(color_system=Colors.STANDARD)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
async def test_in_16_colours_only_those_are_sent_and_cursor_field_and_toast_stand_out(
    theme: Theme,
) -> None:
    settings = Settings(ui=Ui(theme=theme.name))
    async with story([task(1), task(2)], capabilities=FEW, settings=settings) as told:
        assert told.app.current_theme.dark is theme.dark
        assert styles_of(told)["part-02.iso"].reverse
        await told.press("slash")
        told.app.notify("covers rows")
        await told.reads("covers rows")
        assert told.app.screen.query_one("FilterField").rich_style.underline
        styles = styles_of(told)
        assert styles["covers rows"].bgcolor not in (None, styles["part-01.iso"].bgcolor)
        colors = {color for style in styles.values() for color in (style.color, style.bgcolor)}
        assert all(color is None or color.is_system_defined for color in colors)


def styles_of(told: Story) -> dict[str, Style]:
    """Return how each text on the screen is drawn."""
    lines = painted(told.app)
    return {text.strip(): style for line in lines for text, style, _ in line if style is not None}
