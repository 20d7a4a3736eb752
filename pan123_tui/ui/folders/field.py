"""Answers a folder field: lets a folder be chosen, or finds it by the typed path."""

from typing import Any

from textual.app import App

from pan123_tui.domain.errors import EngineIncompatible, Pan123Error
from pan123_tui.i18n import _, join_sentences
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
        await _find_typed(controller, event)
        return
    if event.folder_id is not None:
        await _find_by_id(controller, field, event.folder_id)
        return
    pick = await app.push_screen_wait(FolderScreen(controller, current=field.folder_id))
    if pick is not None:
        field.take(pick.folder)
        field.input.focus()


async def _find_by_id(controller: FolderController, field: FolderField, folder_id: int) -> None:
    """Show the name of the folder with the typed id, or that the service has none."""
    typed, trouble = field.input.value, ""
    field.say(hint=_("Looking for the folder…"))
    try:
        folder = await controller.find_by_id(folder_id)
    except Pan123Error as error:
        folder, trouble = None, _reason(error)
    if not field.is_attached or field.input.value != typed:
        return
    if trouble:
        field.fail(trouble)
    elif folder is None:
        field.refuse(typed, _("There is no folder {id}.").format(id=folder_id), may_be_made=False)
    else:
        field.take(folder)


async def _find_typed(controller: FolderController, event: FolderField.BrowseAsked) -> None:
    """Enter the id of the folder at the typed path, or show why there is none."""
    field = event.field
    typed, trouble = field.input.value, ""
    field.say(hint=_("Looking for the folder…"))
    try:
        search = await controller.find(event.path, makes_missing=event.makes_missing)
    except Pan123Error as error:
        folder, trouble = None, _reason(error)
    else:
        folder = search.folder
    if not field.is_attached or field.input.value != typed:
        return
    if trouble:
        field.fail(trouble)
    elif folder is None:
        reason = not_found_text(search, _("Enter again makes it."))
        field.refuse(typed, reason, may_be_made=bool(search.missing))
    else:
        field.take(folder, "/".join(event.path))


def _reason(error: Pan123Error) -> str:
    """Return why a folder was not found; what another version's decoder says helps nobody."""
    explanation = explain_problem(error.problem)
    if isinstance(error, EngineIncompatible):
        return join_sentences(explanation.summary, explanation.hint)
    return explanation.text
