"""Sets of bindings active together, used to detect key conflicts."""

from pan123_tui.ui.add_links.edit_links import EditLinksScreen
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.screen import AddressInput, AddScreen
from pan123_tui.ui.dashboard.filter_bar import FilterBar
from pan123_tui.ui.dashboard.screen import DASHBOARD_PARTS, DashboardScreen
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.dashboard.task_panel import TaskPanel
from pan123_tui.ui.dialogs.batch_name import BatchNameScreen
from pan123_tui.ui.dialogs.help import HelpScreen
from pan123_tui.ui.dialogs.prompts import ChoiceScreen, TextScreen
from pan123_tui.ui.failures.failure_table import FailureTable
from pan123_tui.ui.failures.screen import FailuresScreen
from pan123_tui.ui.folders.screen import FolderNameInput, FolderScreen, NewFolderScreen, SearchField
from pan123_tui.ui.folders.tree import FolderTree
from pan123_tui.ui.keymap import Scope, bindings_of
from pan123_tui.ui.settings.account_dialog import AccountScreen
from pan123_tui.ui.settings.form import SelectRow, SwitchRow
from pan123_tui.ui.settings.screen import SettingsScreen


def binding_scopes(app: type) -> list[Scope]:
    """Return the bindings of each screen with those of its widgets and of the `app`."""
    return [
        bindings_of(app, *DASHBOARD_PARTS),
        bindings_of(app, DashboardScreen, TaskPanel, TaskDetail),
        bindings_of(app, AddScreen, ReviewList),
        bindings_of(app, AddScreen, AddressInput),
        bindings_of(app, BatchNameScreen),
        bindings_of(app, EditLinksScreen),
        bindings_of(app, FailuresScreen, FailureTable),
        bindings_of(app, FolderScreen, FolderTree),
        bindings_of(FolderScreen, SearchField),
        bindings_of(app, NewFolderScreen, FolderNameInput),
        bindings_of(app, SettingsScreen, SwitchRow),
        bindings_of(app, SettingsScreen, SelectRow),
        bindings_of(app, AccountScreen),
        bindings_of(FilterBar),
        bindings_of(HelpScreen),
        bindings_of(ChoiceScreen),
        bindings_of(TextScreen),
    ]
