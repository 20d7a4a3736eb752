"""A dark and a light theme, and the colour token of each task state."""

from collections.abc import Mapping

from msgspec import field
from textual.theme import Theme

from pan123_tui.config.schema import Ui
from pan123_tui.domain.task import TaskState


class UiOptions(Ui, frozen=True, kw_only=True):
    """The options of the application when it starts: the `[ui]` settings and the keys."""

    keymap: dict[str, str] = field(default_factory=dict)
    color_system: str = "truecolor"
    """How many colours the terminal has: "truecolor", "256" or "standard" (16)."""
    is_demo: bool = False


DARK = Theme(
    name="pan123-dark",
    dark=True,
    primary="#7ab8f5",
    secondary="#93a6bf",
    accent="#c3a5f7",
    success="#7fd1a0",
    warning="#e6bd74",
    error="#f58a8f",
    foreground="#d8dee8",
    background="#11151b",
    surface="#171c24",
    panel="#1f2630",
    variables={
        "text": "#d8dee8",
        "text-muted": "#95a1b2",
        "text-disabled": "#657182",
        "text-primary": "#7ab8f5",
        "text-secondary": "#a3b4ca",
        "text-accent": "#c3a5f7",
        "text-success": "#7fd1a0",
        "text-warning": "#e6bd74",
        "text-error": "#f58a8f",
        "block-cursor-background": "#22384d",
        "block-cursor-foreground": "#f2f6fb",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#232d39",
        "block-cursor-blurred-foreground": "#d8dee8",
        "block-hover-background": "#1c232d",
        "border": "#7ab8f5",
        "border-blurred": "#333d4a",
        "scrollbar": "#3a4655",
        "scrollbar-hover": "#4b596b",
        "scrollbar-active": "#7ab8f5",
        "scrollbar-background": "#11151b",
        "footer-background": "#171c24",
        "footer-foreground": "#d8dee8",
        "footer-key-foreground": "#7ab8f5",
        "footer-description-foreground": "#95a1b2",
        "input-selection-background": "#2f4d6b",
        "button-color-foreground": "#11151b",
    },
)

LIGHT = Theme(
    name="pan123-light",
    dark=False,
    primary="#0b5cab",
    secondary="#51617a",
    accent="#6a3fb0",
    success="#176b3c",
    warning="#855400",
    error="#b3202d",
    foreground="#1d2733",
    background="#f5f6f8",
    surface="#ffffff",
    panel="#e9ecf1",
    variables={
        "text": "#1d2733",
        "text-muted": "#505c6c",
        "text-disabled": "#8a94a2",
        "text-primary": "#0b5cab",
        "text-secondary": "#475569",
        "text-accent": "#6a3fb0",
        "text-success": "#176b3c",
        "text-warning": "#7a4d00",
        "text-error": "#b3202d",
        "block-cursor-background": "#d3e4f7",
        "block-cursor-foreground": "#0d1722",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#e3e8ef",
        "block-cursor-blurred-foreground": "#1d2733",
        "block-hover-background": "#edf0f4",
        "border": "#0b5cab",
        "border-blurred": "#ccd3dc",
        "scrollbar": "#c0c8d2",
        "scrollbar-hover": "#a7b1be",
        "scrollbar-active": "#0b5cab",
        "scrollbar-background": "#f5f6f8",
        "footer-background": "#ffffff",
        "footer-foreground": "#1d2733",
        "footer-key-foreground": "#0b5cab",
        "footer-description-foreground": "#505c6c",
        "input-selection-background": "#bfd8f3",
        "button-color-foreground": "#ffffff",
    },
)

THEMES = (DARK, LIGHT)
DEFAULT_THEME = DARK.name


def theme_colors(theme: Theme) -> dict[str, str]:
    """Return the colours of `theme` by token."""
    return {**theme.to_color_system().generate(), **theme.variables}


_S = TaskState
STATE_TOKENS: Mapping[TaskState, str] = {
    _S.QUEUED: "text-muted",
    _S.SUBMITTING: "text-secondary",
    _S.UNCONFIRMED: "text-accent",
    _S.REJECTED: "text-error",
    _S.RUNNING: "text-primary",
    _S.RETRYING: "text-warning",
    _S.SUCCEEDED: "text-success",
    _S.FAILED: "text-error",
    _S.MISSING: "text-error",
}
"""The colour of each state, for `Content` styles (`"$" + token`), always beside its sign."""
STALLED_TOKEN = "text-warning"  # noqa: S105 - a colour, not a secret
