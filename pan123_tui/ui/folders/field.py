"""Answers a folder field: lets a folder be chosen, or finds it by the typed path."""

from typing import Any

from textual.app import App

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.i18n import _
from pan123_tui.ui.folders.controller import FolderController
from pan123_tui.ui.folders.screen import FolderScreen
from pan123_tui.ui.widgets.form_fields import FolderField
from pan123_tui.wording.folders import not_found_text
from pan123_tui.wording.problems import explain_problem


async def answer_field(
    app: App[Any], controller: FolderController, event: FolderField.BrowseAsked
) -> None:
    """Fill the field of `event`; must be called by a worker."""
    field = event.field
    if event.path:
        await _find_typed(controller, field, event.path)
        return
    pick = await app.push_screen_wait(FolderScreen(controller, current=field.folder_id))
    if pick is not None:
        field.take(pick.folder)


async def _find_typed(
    controller: FolderController, field: FolderField, path: tuple[str, ...]
) -> None:
    """Enter the id of the folder at `path`, or show why there is none."""
    typed = field.input.value
    field.say(hint=_("Looking for the folder…"))
    try:
        search = await controller.find(path)
    except Pan123Error as error:
        folder, reason = None, explain_problem(error.problem, is_once=True).text
    else:
        folder = search.folder
        reason = not_found_text(search, _("The folder chooser makes one."))
    if not field.is_attached or field.input.value != typed:
        return
    if folder is None:
        field.refuse(typed, reason)
    else:
        field.take(folder)
