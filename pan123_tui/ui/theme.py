"""A dark and a light theme, and the colour token of each task state."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import field
from textual.theme import Theme

from pan123_tui.config.schema import Ui
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import TaskState


class UiOptions(Ui, frozen=True, kw_only=True):
    """The options of the application when it starts: the `[ui]` settings and the keys."""

    keymap: dict[str, str] = field(default_factory=dict)
    keymap_faults: tuple[str, ...] = ()
    """What in `[keys]` is not read, for the user."""
    warnings: tuple[str, ...] = ()
    """What else the settings have to say at the start."""
    needs_ascii: bool = False
    """Whether an option or the terminal asks for ASCII, whatever the settings say."""
    color_system: str = "truecolor"
    """How many colours the terminal has: "truecolor", "256" or "standard" (16)."""
    is_demo: bool = False
    host: str = ""
    """The machine of the engine, where that is another one."""
    profile: str = ""
    """Empty: the default one."""
    login_variable: str = ""
    """The environment variable that names the account; empty if none does."""
    checks_arrivals: bool = True
    """Whether the target folder is looked into after a success."""


_BASE: Mapping[str, tuple[str, str]] = {
    "primary": ("#7ab8f5", "#0b5cab"),
    "secondary": ("#93a6bf", "#51617a"),
    "accent": ("#c3a5f7", "#6a3fb0"),
    "success": ("#7fd1a0", "#176b3c"),
    "warning": ("#e6bd74", "#855400"),
    "error": ("#f58a8f", "#b3202d"),
    "foreground": ("#d8dee8", "#1d2733"),
    "background": ("#11151b", "#f5f6f8"),
    "surface": ("#171c24", "#ffffff"),
    "panel": ("#1f2630", "#e9ecf1"),
}
"""The colours that Textual mixes others from, in the dark and in the light theme."""
_VARIABLES: Mapping[str, tuple[str, str]] = {
    "text": ("#d8dee8", "#1d2733"),
    "text-muted": ("#95a1b2", "#505c6c"),
    "text-disabled": ("#657182", "#8a94a2"),
    "text-primary": ("#7ab8f5", "#0b5cab"),
    "text-secondary": ("#a3b4ca", "#475569"),
    "text-accent": ("#c3a5f7", "#6a3fb0"),
    "text-success": ("#7fd1a0", "#176b3c"),
    "text-warning": ("#e6bd74", "#7a4d00"),
    "text-error": ("#f58a8f", "#b3202d"),
    "block-cursor-background": ("#22384d", "#d3e4f7"),
    "block-cursor-foreground": ("#f2f6fb", "#0d1722"),
    "block-cursor-text-style": ("bold", "bold"),
    "block-cursor-blurred-background": ("#232d39", "#e3e8ef"),
    "block-cursor-blurred-foreground": ("#d8dee8", "#1d2733"),
    "block-hover-background": ("#1c232d", "#edf0f4"),
    "border": ("#7ab8f5", "#0b5cab"),
    "border-blurred": ("#333d4a", "#ccd3dc"),
    "scrollbar": ("#3a4655", "#c0c8d2"),
    "scrollbar-hover": ("#4b596b", "#a7b1be"),
    "scrollbar-active": ("#7ab8f5", "#0b5cab"),
    "scrollbar-background": ("#11151b", "#f5f6f8"),
    "footer-background": ("#171c24", "#ffffff"),
    "footer-foreground": ("#d8dee8", "#1d2733"),
    "footer-key-foreground": ("#7ab8f5", "#0b5cab"),
    "footer-description-foreground": ("#95a1b2", "#505c6c"),
    "input-selection-background": ("#2f4d6b", "#bfd8f3"),
    "button-color-foreground": ("#11151b", "#ffffff"),
}


def _theme(name: str, index: int) -> Theme:
    """Return the theme of the colours at `index`."""
    base: dict[str, Any] = {token: colors[index] for token, colors in _BASE.items()}
    variables = {token: values[index] for token, values in _VARIABLES.items()}
    return Theme(name, **base, dark=index == 0, variables=variables)


DARK, LIGHT = _theme("pan123-dark", 0), _theme("pan123-light", 1)
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
SHOWN_TOKENS: Mapping[Shown, str] = {
    Shown.QUEUED: "text-muted",
    Shown.SENDING: "text-secondary",
    Shown.RUNNING: "text-primary",
    Shown.DONE: "text-success",
    Shown.FAILED: "text-error",
    Shown.UNSURE: "text-accent",
}
"""The colour of each word for how a task is shown."""
STYLE_TOKENS: Mapping[str, str] = {
    **{shown.value: token for shown, token in SHOWN_TOKENS.items()},
    "stalled": STALLED_TOKEN,
    "muted": "text-muted",
    "track": "text-disabled",
}
"""The colours of the spans in tables, by their style class."""


SCREEN_STYLES = Path(__file__).with_name("screens.tcss")
"""The styles of what opens over the dashboard: to parse them takes longer than all of its own."""


def stylesheet() -> Path:
    """Return the path of `styles.tcss`: in the installed package, or beside it in a checkout.

    Raises `FileNotFoundError` if the installation is broken.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package, package.parent):
        if (path := folder / "styles.tcss").is_file():
            return path
    raise FileNotFoundError("styles.tcss")
