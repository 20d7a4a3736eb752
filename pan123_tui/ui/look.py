"""How the screen is drawn, as the user has chosen it."""

from msgspec import field

from pan123_tui.config_sections import Ui


class Look(Ui, frozen=True, kw_only=True):
    """The settings of the screen, as they are when it is opened, with the keys."""

    keymap: dict[str, str] = field(default_factory=dict)
    is_demo: bool = False
