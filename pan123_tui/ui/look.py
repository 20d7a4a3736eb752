"""How the screen is drawn, as the user has chosen it."""

from msgspec import Struct, field

from pan123_tui.ui.theme import DEFAULT_THEME


class Look(Struct, frozen=True):
    """How the screen is drawn."""

    theme: str = DEFAULT_THEME
    ascii: bool = False
    low_bandwidth: bool = False
    window_rows: int = 150
    keymap: dict[str, str] = field(default_factory=dict)
    is_demo: bool = False
