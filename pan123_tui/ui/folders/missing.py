"""The offer for a folder that is gone: another one for all its links, or the same one again."""

from typing import Any

from textual.app import App

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.commands import MakeFolderAgain, RedirectFolder
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.task import redirected
from pan123_tui.i18n import _
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen
from pan123_tui.ui.folders.controller import FolderController
from pan123_tui.ui.folders.screen import FolderScreen
from pan123_tui.wording import formats
from pan123_tui.wording.problems import explain_problem

OTHER, AGAIN, DEFAULT = "o", "m", "s"


class MissingFolderOffer:
    """Asks where the links for one missing folder go, and queues them for it."""

    def __init__(
        self, app: App[Any], folders: FolderController, model: TaskModel, folder_id: int
    ) -> None:
        self._app = app
        self._folders = folders
        self._model = model
        self._folder_id = folder_id

    async def make(self) -> None:
        """Ask, and carry out the answer."""
        names = self._folders.names
        links = redirected(self._model.tasks.unfinished.values(), self._folder_id, to=None)
        answer = await self._app.push_screen_wait(
            ChoiceScreen(
                _("Replace a missing folder"),
                self._choices(),
                text="\n".join(
                    (
                        formats.missing_folders_text([self._folder_id], names),
                        _("{links} to send").format(links=formats.count_links(len(links))),
                    )
                ),
            )
        )
        try:
            if answer == AGAIN:
                await self._make_again()
            elif answer == DEFAULT:
                await self._redirect(None)
            elif answer == OTHER:
                await self._choose()
        except Pan123Error as error:
            text = explain_problem(error.problem).text
            self._app.notify(text, severity="error", markup=False)

    def _choices(self) -> list[Choice]:
        path = "/".join(self._folders.path(self._folder_id))
        again = [(AGAIN, _("make it again"), path)] if path else []
        return [
            (OTHER, _("choose another folder"), _("for all its links")),
            *again,
            (DEFAULT, _("123pan's default folder"), DEFAULT_FOLDER),
        ]

    async def _choose(self) -> None:
        pick = await self._app.push_screen_wait(FolderScreen(self._folders))
        if pick is not None:
            await self._redirect(pick.folder.id if pick.folder else None)

    async def _make_again(self) -> None:
        again = MakeFolderAgain(self._folder_id)
        if (folder := await self._folders.call(again)) is not None:
            await self._redirect(folder.id, is_again=True)

    async def _redirect(self, to: int | None, *, is_again: bool = False) -> None:
        moved = await self._folders.call(RedirectFolder(self._folder_id, to))
        again, other = _("{links} queued again."), _("{links} queued for another folder.")
        text = again if is_again else other
        if not moved:  # another screen was quicker
            text = _("No link is queued for this folder.")
        count = formats.count_links(len(moved))
        self._app.notify(text.format(links=count), markup=False)
