"""Both themes can be read: each text token on each ground that it stands on."""

import itertools
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from pan123_tui.domain.task import TaskState
from pan123_tui.ui import theme as theme_module
from pan123_tui.ui.theme import (
    STALLED_TOKEN,
    STATE_TOKENS,
    THEMES,
    stylesheet,
    theme_colors,
)

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


def test_the_stylesheet_of_the_package_goes_before_the_checkouts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "pan123_tui"
    package.mkdir()
    monkeypatch.setattr(theme_module, "__file__", str(package / "ui" / "theme.py"))
    with pytest.raises(FileNotFoundError):
        stylesheet()
    (tmp_path / "styles.tcss").touch()
    assert stylesheet() == tmp_path / "styles.tcss"
    (package / "styles.tcss").touch()
    assert stylesheet() == package / "styles.tcss"
