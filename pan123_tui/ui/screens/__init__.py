"""One module a screen; those that do not open at once are imported when they are first wanted."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pan123_tui.ui.screens.account import AccountScreen as AccountScreen
    from pan123_tui.ui.screens.add import AddScreen as AddScreen
    from pan123_tui.ui.screens.choice import ChoiceScreen as ChoiceScreen
    from pan123_tui.ui.screens.confirm import ConfirmScreen as ConfirmScreen
    from pan123_tui.ui.screens.edit import EditScreen as EditScreen
    from pan123_tui.ui.screens.failures import FailuresScreen as FailuresScreen
    from pan123_tui.ui.screens.folders import FolderScreen as FolderScreen
    from pan123_tui.ui.screens.help import HelpScreen as HelpScreen
    from pan123_tui.ui.screens.key_scopes import scopes_of as scopes_of
    from pan123_tui.ui.screens.palette import Palette as Palette
    from pan123_tui.ui.screens.settings import SettingsScreen as SettingsScreen
    from pan123_tui.ui.screens.settings import greeting as greeting
    from pan123_tui.ui.screens.text import TextScreen as TextScreen
    from pan123_tui.ui.screens.too_small import TooSmallScreen as TooSmallScreen
    from pan123_tui.ui.screens.welcome import Start as Start
    from pan123_tui.ui.screens.welcome import welcome_screen as welcome_screen

_MODULES = {
    "AddScreen": "add",
    "AccountScreen": "account",
    "ChoiceScreen": "choice",
    "ConfirmScreen": "confirm",
    "EditScreen": "edit",
    "FailuresScreen": "failures",
    "FolderScreen": "folders",
    "HelpScreen": "help",
    "Palette": "palette",
    "scopes_of": "key_scopes",
    "SettingsScreen": "settings",
    "Start": "welcome",
    "TextScreen": "text",
    "TooSmallScreen": "too_small",
    "greeting": "settings",
    "welcome_screen": "welcome",
}


def __getattr__(name: str) -> object:
    """Import the screen `name`: the start is felt on every login."""
    if name not in _MODULES:
        raise AttributeError(name)
    screen: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return screen
