"""The themes can be read, and their states told apart, on each ground that a text stands on."""

import itertools
import re

import pytest
from coloraide import Color
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style
from textual.theme import BUILTIN_THEMES, Theme

from pan123_tui.config.schema import Ui
from pan123_tui.config.settings import Settings
from pan123_tui.domain.task import TaskState
from pan123_tui.terminal.escape_codes import Capabilities
from pan123_tui.terminal.escape_codes import ColorSystem as Colors
from pan123_tui.ui.app import Invocation
from pan123_tui.ui.contrast import readable
from pan123_tui.ui.theme import FEW_COLORS, OFFERED, SHOWN_TOKENS, STATE_TOKENS, THEMES, offered
from tests.ui.dashboard_stage import Story, story, task
from tests.ui.textual_private import painted

READABLE, VISIBLE, APART = 4.5, 3.0, 20.0
"""WCAG's contrast of texts and of edges, and the distance of two states by CIEDE2000."""
FAILED, LOOK, RUNNING, ARRIVED, MUTED = STATES = (
    *("text-error", "text-warning", "text-primary", "text-success", "text-muted"),
)
TEXTS = (*STATES, "text", "foreground")
EDGES = ("text-disabled", "border", "border-blurred", "scrollbar")
GROUNDS = (
    "background",
    "surface",
    "panel",
    "block-cursor-background",
    "block-cursor-blurred-background",
    "block-hover-background",
)
PAIRS = {
    **dict.fromkeys(itertools.product(TEXTS, GROUNDS), READABLE),
    **dict.fromkeys(itertools.product(EDGES, GROUNDS), VISIBLE),
    ("block-cursor-foreground", "block-cursor-background"): READABLE,
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"): READABLE,
    ("footer-foreground", "footer-background"): READABLE,
    ("footer-key-foreground", "footer-background"): READABLE,
    ("footer-description-foreground", "footer-background"): READABLE,
    ("foreground", "input-selection-background"): READABLE,
    ("button-color-foreground", "primary"): READABLE,
    ("button-color-foreground", "error"): READABLE,
    ("button-color-foreground", "success"): READABLE,
}
EIGHT_BIT = FEW_COLORS[Colors.EIGHT_BIT]
DRAWN = [
    *(pytest.param(theme, False, id=theme.name) for theme in THEMES),
    *(pytest.param(theme, True, id=f"{theme.name} in 256 colours") for theme in EIGHT_BIT),
    *(
        pytest.param(readable(BUILTIN_THEMES[name]), False, id=name)
        for name in OFFERED[len(THEMES) :]
    ),
]


def contrast(one: Color, other: Color) -> float:
    """Return WCAG's contrast ratio, 1–21."""
    return one.contrast(other, method="wcag21")


@pytest.mark.parametrize(("theme", "has_256"), DRAWN)
def test_in_each_theme_texts_can_be_read_edges_are_seen_and_states_differ(
    theme: Theme, has_256: bool
) -> None:
    named = {**theme.to_color_system().generate(), **theme.variables}
    drawn = {
        token: Color(nearest(named[token]) if has_256 else named[token])
        for token in {*itertools.chain(*PAIRS)}
    }
    too_faint = {
        pair: round(ratio, 2)
        for pair, least in PAIRS.items()
        if (ratio := contrast(*(drawn[token] for token in pair))) < least
    }
    assert not too_faint
    too_near = {
        pair: round(distance, 1)
        for pair in itertools.combinations(STATES, 2)
        if (distance := drawn[pair[0]].delta_e(drawn[pair[1]], method="2000")) < APART
    }
    assert not too_near
    seen = {token: contrast(drawn[token], drawn["background"]) for token in STATES}
    assert seen[FAILED] >= seen[ARRIVED]
    cursor, blurred = (drawn[f"block-cursor-{it}background"] for it in ("", "blurred-"))
    assert cursor not in [blurred, *(drawn[it] for it in ("background", "surface", "panel"))]
    assert all(contrast(it, drawn["background"]) > 1.1 for it in (cursor, blurred))


def test_each_colour_has_one_meaning_also_among_the_16_of_a_terminal() -> None:
    assert set(STATE_TOKENS) == set(TaskState)
    assert {shown.value: token for shown, token in SHOWN_TOKENS.items()} == {
        "queued": MUTED,
        "sending": RUNNING,
        "running": RUNNING,
        "done": ARRIVED,
        "failed": FAILED,
        "unsure": LOOK,
    }
    for theme in FEW_COLORS[Colors.STANDARD]:
        named = {**theme.to_color_system().generate(), **theme.variables}
        assert len({named[token] for token in STATES}) == len(STATES)
        assert all(named[token].startswith("ansi_") for token in (*STATES, *EDGES))
        assert not {named[token] for token in EDGES} & {"ansi_black", "ansi_white"}


def nearest(color: str) -> str:
    """Return what Rich makes of `color` in 256 colours."""
    number = RichColor.parse(color.lower()).downgrade(ColorSystem.EIGHT_BIT)
    triplet = number.get_truecolor()
    assert isinstance(triplet, ColorTriplet)
    return triplet.hex


ALL_STATES = [task(number, state) for number, state in enumerate(TaskState, 1)]
SURFACES = (["ctrl+a", "j"], ["question_mark"], ["escape", "comma"], ["escape", "a"])


@pytest.mark.parametrize("colors", [Colors.TRUECOLOR, Colors.EIGHT_BIT])
async def test_what_is_painted_can_be_read_in_rows_badges_marks_cursor_and_dialogs(
    colors: Colors,
) -> None:
    capabilities = Capabilities(color_system=colors)
    invocation = Invocation(is_demo=True, host="nas", profile="work")
    async with story(
        ALL_STATES, size=(140, 40), capabilities=capabilities, invocation=invocation
    ) as told:
        appearance = told.app.appearance
        for keys in SURFACES:
            await told.press(*keys)
            for name in offered(told.app):
                appearance.apply_settings(Ui(theme=name), {"ui.theme"})
                await told.pilot.pause()
                assert told.app.theme == name
                assert faint_texts(told, has_256=colors is Colors.EIGHT_BIT) == {}, (name, keys)
        appearance.apply_settings(Ui(theme="nord"), {"ui.theme"})
        assert (told.app.theme == "nord") is (colors is Colors.TRUECOLOR)


def faint_texts(told: Story, *, has_256: bool) -> dict[str, float]:
    """Return the words that cannot be read, except of what is inactive, with their contrast."""
    found = {}
    inactive = RichColor.parse(told.app.theme_variables["text-disabled"].lower())
    for line in painted(told.app):
        for text, style, _control in line:
            if not re.search(r"\w", text) or style is None or not (style.color and style.bgcolor):
                continue
            if style.color.triplet == inactive.triplet:
                continue
            one, other = (it.get_truecolor().hex for it in (style.color, style.bgcolor))
            if has_256:
                one, other = nearest(one), nearest(other)
            if (ratio := contrast(Color(one), Color(other))) < READABLE:
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
