"""Which keys work at the same time: two of a kind there would be in each other's way."""

from pan123_tui.ui.keymap import Scope, bindings_of
from pan123_tui.ui.screens.account import AccountScreen
from pan123_tui.ui.screens.add import AddScreen
from pan123_tui.ui.screens.choice import ChoiceScreen
from pan123_tui.ui.screens.confirm import ConfirmScreen
from pan123_tui.ui.screens.dashboard import DASHBOARD_PARTS, DashboardScreen
from pan123_tui.ui.screens.edit import EditScreen
from pan123_tui.ui.screens.failures import FailuresScreen
from pan123_tui.ui.screens.folders import FolderScreen
from pan123_tui.ui.screens.help import HelpScreen
from pan123_tui.ui.screens.new_folder import NewFolderScreen
from pan123_tui.ui.screens.settings import SettingsScreen
from pan123_tui.ui.screens.text import TextScreen
from pan123_tui.ui.screens.tray_row import TrayRowScreen
from pan123_tui.ui.task_browser import TaskBrowser
from pan123_tui.ui.widgets.failure_table import FailureTable
from pan123_tui.ui.widgets.filter_bar import FilterBar
from pan123_tui.ui.widgets.folder_tree import FolderTree
from pan123_tui.ui.widgets.link_tray import LinkTray
from pan123_tui.ui.widgets.search_field import SearchField
from pan123_tui.ui.widgets.setting_rows import Picker, Toggle
from pan123_tui.ui.widgets.task_detail import TaskDetail


def scopes_of(app: type) -> list[Scope]:
    """Give the bindings of each screen, with those of its widgets and of the `app` around it."""
    return [
        bindings_of(app, *DASHBOARD_PARTS),
        bindings_of(app, DashboardScreen, TaskBrowser, TaskDetail),
        bindings_of(app, AddScreen, LinkTray),
        bindings_of(app, TrayRowScreen),
        bindings_of(app, EditScreen),
        bindings_of(app, FailuresScreen, FailureTable),
        bindings_of(app, FolderScreen, FolderTree),
        bindings_of(FolderScreen, SearchField),
        bindings_of(app, NewFolderScreen),
        bindings_of(app, SettingsScreen, Toggle),
        bindings_of(app, SettingsScreen, Picker),
        bindings_of(app, AccountScreen),
        bindings_of(FilterBar),
        bindings_of(HelpScreen),
        bindings_of(ConfirmScreen),
        bindings_of(ChoiceScreen),
        bindings_of(TextScreen),
    ]
