"""Answers a folder field: lets a folder be chosen, or finds what was typed."""

from typing import Any

from textual.app import App

from pan123_tui.client.folder_paths import find_folder
from pan123_tui.domain.commands import FindFolder
from pan123_tui.domain.errors import EngineIncompatible, Pan123Error
from pan123_tui.domain.folders import Folder
from pan123_tui.domain.links.file_names import parse_folder
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
    field, typed = event.field, event.typed
    if not typed:
        pick = await app.push_screen_wait(FolderScreen(controller, current=field.folder_id))
        if pick is not None:
            field.take(pick.folder)
            field.input.focus()
        return
    field.say(hint=_("Looking for the folder…"))
    folder, reason, may_be_made, is_final = None, "", False, True
    try:
        folder, reason, may_be_made = await _find(controller, event)
    except Pan123Error as error:
        reason, is_final = _reason(error), False
    if not field.is_attached or field.input.value != typed:
        return
    if folder is not None:
        wanted = parse_folder(typed)
        field.take(folder, "/".join(wanted) if isinstance(wanted, tuple) else "")
    else:
        field.refuse(reason, may_be_made=may_be_made, is_final=is_final)


async def _find(
    controller: FolderController, event: FolderField.BrowseAsked
) -> tuple[Folder | None, str, bool]:
    """Return the typed folder; else why there is none, and whether it may be made."""
    wanted = parse_folder(event.typed)
    if isinstance(wanted, int):
        return (
            await controller.call(FindFolder(wanted)),
            _("There is no folder {id}.").format(id=wanted),
            False,
        )
    assert isinstance(wanted, tuple)  # noqa: S101 - the field asks for nothing else
    search = await find_folder(controller.call, wanted, makes_missing=event.makes_missing)
    reason = (
        not_found_text(search, _("Press enter again to make it.")) if search.folder is None else ""
    )
    return search.folder, reason, bool(search.missing)


def _reason(error: Pan123Error) -> str:
    """Return why a folder was not found; what another version's decoder says helps nobody."""
    explanation = explain_problem(error.problem)
    if isinstance(error, EngineIncompatible):
        return join_sentences(explanation.summary, explanation.hint)
    return explanation.text
