"""Screen on which links are reviewed one by one, and then queued."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key, Paste
from textual.getters import query_one
from textual.signal import Signal
from textual.widgets import Input, OptionList, Static

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import (
    ReviewRow,
    edited,
    give_up,
    judge,
    known_links,
    to_requests,
)
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.terminal.textual_private import BeforeRemoval, ToastScreen
from pan123_tui.ui.add_links.draft import Draft, DraftKeeper
from pan123_tui.ui.add_links.edit_links import EditLinksScreen
from pan123_tui.ui.add_links.fields import AddressInput, CommonFields
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.summary import counted_text, empty_reason, failed_text
from pan123_tui.ui.engine_commands import EngineCommands, lost_word
from pan123_tui.ui.folders.drive_folders import DriveFolders
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.theme import SCREEN_STYLES
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.actions import added_meanwhile_text, queued_text
from pan123_tui.wording.formats import number, size
from pan123_tui.wording.inputs import explanation

MAX_SYNC_CHARS = 20_000
"""A longer text is read in a thread, so that the next key need not wait."""


class AddScreen(ToastScreen[int]):
    """Returns the number of queued links; what is not queued stays as the draft."""

    CSS_PATH = SCREEN_STYLES
    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "submit", N_("queue"), id="add.submit", tooltip=N_("Queue all links marked √")
        ),
        Binding(
            "escape", "leave", N_("back"), id="add.leave", tooltip=N_("Leave; the draft is kept")
        ),
        Binding("ctrl+o", "browse", N_("choose folder"), id="add.browse"),
        Binding("ctrl+v", "take_clipboard", N_("clipboard"), id="add.clipboard"),
        Binding("ctrl+x", "empty", N_("clear all"), id="add.empty", tooltip=N_("Drop all rows")),
        Binding("ctrl+z", "restore", N_("undo"), id="add.undo", show=False),
    ]

    address = query_one("#add-links", AddressInput)
    summary = query_one("#add-summary", Static)
    detail = query_one("#add-detail", Static)
    review_list = query_one("#add-review", ReviewList)
    common_fields = query_one("#add-common", CommonFields)

    def __init__(
        self,
        engine: EngineCommands,
        model: TaskModel,
        changes: Signal[ModelChange],
        folders: DriveFolders,
        *,
        defaults: DownloadRequest,
        text: str = "",
        draft_file: Path | None = None,
        read_clipboard: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """`defaults` fills the common fields, and the links in `text` are the first rows.

        The rows are also saved in `draft_file`, until they are queued. `read_clipboard` returns
        the clipboard's text, "" after it has told the user why not.
        """
        super().__init__()
        self._engine = engine
        self._model = model
        self._changes = changes
        self._folders = folders
        self._defaults = defaults
        self._initial_text = text
        self._read_clipboard = read_clipboard
        self._draft = DraftKeeper(draft_file, self, self._what_is_left)
        self.rows: tuple[ReviewRow, ...] = ()
        """The rows under review, the lines without a link at the end."""
        self._known: Mapping[str, int] = {}
        """The newest task of each link in the list, by the key that its spellings share."""
        self._known_count = self._newest_known = 0
        """How many tasks the list had then, and the newest of them."""
        self._drafted: Collection[str] = ()
        """The links of the former draft, of which another paste makes no second row."""
        self._dropped: tuple[ReviewRow, ...] = ()
        """The rows that the undo brings back."""
        self._unread: list[str] = []
        """Long texts that are still to be read."""
        self._is_queuing = False
        """Whether an answer is awaited: links that enter the list now may be the queued ones."""
        self._is_submit_pending = self._is_answer_lost = self._is_finished = False

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add-body", can_focus=False):
            hint = _("Paste any text with links in it, or type one")
            yield AddressInput(placeholder=hint, compact=True, id="add-links")
            yield ReviewList(self._model, on_change=self._change, id="add-review")
            yield Static(id="add-detail", markup=False)
            yield Static(id="add-summary", markup=False)
            yield CommonFields(
                self._defaults, folders=self._folders, has_batch=True, id="add-common"
            )
        yield KeyBar(first=("add.submit", "add.leave", "review.toggle", "review.edit"))

    def on_mount(self) -> None:
        """Show the draft of an earlier time, then the links in the text to begin with."""
        self.review_list.border_title = _("Review")
        self._changes.subscribe(self, self.show_changes)
        self._show_attachment()
        draft = self._draft.read()
        self.common_fields.fill(draft.fields)
        self._change(draft.rows)
        self._drafted = frozenset(row.text for row in draft.rows)
        for text in filter(str.strip, (draft.text, self._initial_text)):
            self.add_text(text)
        (self.review_list if self.rows or self._unread else self.address).focus()

    def on_resize(self) -> None:
        """Keep in sight the field that has the focus; the list does that by itself."""
        if self.focused not in (None, self.review_list):
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    # Rows

    def add_text(self, pasted: str = "") -> None:
        """Add a row for each address in what was typed, and in what was pasted behind it."""
        text, self.address.value = self.address.value + pasted, ""
        # Halves of characters are lost anyway, and cannot be saved.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if not whole.strip():
            return
        if self._unread or len(whole) > MAX_SYNC_CHARS:
            self._unread.append(whole)
            reading = _("reading {size}…").format(size=size(len(whole)))
            self.summary.update(Content.styled(reading, "$text-muted"))
            self._read_long()
        else:
            self._append(self._new_rows(whole))

    @work(group="read-links", exclusive=True)
    async def _read_long(self) -> None:
        while self._unread:
            rows = await asyncio.to_thread(self._new_rows, self._unread[0])
            del self._unread[0]
            self._append(rows)
        if self._is_submit_pending:
            self.action_submit()

    def _append(self, rows: Iterable[ReviewRow]) -> None:
        """Show new rows below the former ones, and the cursor on the first of them."""
        place = sum(not row.is_mere_text for row in self.rows)
        self._change((*self.rows, *rows))
        self.review_list.highlighted = place
        self.call_after_refresh(self.review_list.scroll_to_highlight, top=True)

    def _new_rows(self, text: str) -> list[ReviewRow]:
        """Return the rows of `text`, but for those that the former draft has."""
        return [row for row in extract(text) if row.text not in self._drafted]

    def _change(self, rows: Iterable[ReviewRow]) -> None:
        """Review `rows` in the place of the former ones, show them, and save them soon.

        Links that have come into the list meanwhile are skipped.
        """
        tasks, former = self._model.tasks, self._known
        count, newest = len(tasks), max(tasks, default=0)
        if (count, newest) != (self._known_count, self._newest_known) and not self._is_queuing:
            self._known_count, self._newest_known = count, newest
            self._known = known_links(tasks.values())
        arrived = self._known.keys() - former.keys()
        skipped = sum(row.keep and row.key in arrived for row in self.rows)
        ordered = sorted(give_up(rows, arrived), key=lambda row: row.is_mere_text)
        self.rows = judge(ordered, self._known)
        self.common_fields.show_count(sum(row.keep for row in self.rows))
        self.review_list.show(self.rows, self.common_fields.common)
        counted = self._waiting_text() if self._is_queuing else counted_text(self.rows)
        self.summary.update(counted)
        self._explain()
        self._draft.keep()
        if skipped:
            self.notify(added_meanwhile_text(skipped), severity="warning", markup=False)

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        row = self.review_list.row
        self.detail.update(Content(sanitize(explanation(row)) if row else ""))

    def _waiting_text(self) -> Content:
        text = _("waiting for the engine… {key} leaves and keeps a draft")
        return Content.styled(text.format(key=key_of(self, "add.leave")), "$text-warning")

    @on(Input.Submitted, "#add-links")
    def _submit_typed(self, event: Input.Submitted) -> None:
        self.add_text()
        if self.rows and not event.value.strip():
            self.review_list.focus()

    @on(Input.Changed, "#add-links")
    def _keep_typed(self) -> None:
        self._draft.keep()

    def on_key(self, event: Key) -> None:
        is_above = self.focused is self.review_list and not self.review_list.highlighted
        if event.key == "up" and is_above:
            self.address.focus()

    def on_paste(self, event: Paste) -> None:
        """Make rows of a paste that no widget has handled."""
        event.stop()
        if self.focused is self.address:
            self.add_text(event.text)
            self.review_list.focus()
        else:
            self.add_text(f"\n{event.text}")

    @work(group="take-clipboard", exclusive=True)
    async def action_take_clipboard(self) -> None:
        if text := (await self._read_clipboard() if self._read_clipboard else ""):
            self.add_text(f"\n{text}")

    @on(OptionList.OptionSelected)
    @work(group="edit-row")
    async def _edit_row(self, event: OptionList.OptionSelected) -> None:
        index = self.review_list.row_index(event.option_index)
        if index is None:
            return
        row = self.rows[index]
        form = EditLinksScreen.of_row(row, folders=self._folders)
        if (requests := await self.app.push_screen_wait(form)) is not None:
            place = next((place for place, it in enumerate(self.rows) if it is row), index)
            rows = list(self.rows)
            rows[place] = edited(rows[place], requests[0])
            self._change(rows)

    @on(CommonFields.Changed)
    def _apply_fields(self) -> None:
        self._change(self.rows)

    def action_browse(self) -> None:
        self.common_fields.folder.action_browse()

    def action_drop(self) -> None:
        """Drop the row under the cursor, which the undo brings back."""
        if (row := self.review_list.row) is not None:
            self._dropped = (row,)
            self._change([it for it in self.rows if it is not row])

    def action_empty(self) -> None:
        """Drop all rows, which the undo brings back."""
        if self.rows:
            self.address.value = ""
            self._dropped, self._drafted = self.rows, ()
            self._change(())
            self.address.focus()
            self.notify(_("Draft emptied: ctrl+z brings it back."), markup=False)

    def action_restore(self) -> None:
        dropped, self._dropped = self._dropped, ()
        self._change((*self.rows, *dropped))

    # The engine's news

    def show_changes(self, change: ModelChange) -> None:
        """Skip the links that have come into the list meanwhile, and name the folders."""
        if change.attachment_changed:
            self._show_attachment()
        if change.folders_changed:
            self.common_fields.folder.check()
        is_new = any(before is None for before, _task in change.moved)
        if change.folders_changed or (is_new and not self._is_finished):
            self._change(self.rows)

    def _show_attachment(self) -> None:
        attachment = self._model.attachment
        lost = Content.styled(lost_word(attachment), "bold $text-error")
        self.review_list.border_subtitle = "" if attachment.is_reachable else lost

    # Queuing

    def action_submit(self) -> None:
        """Queue the kept links; what the engine does not take stays here."""
        self.add_text()
        self._is_submit_pending = bool(self._unread)
        if self._is_queuing or self._is_submit_pending or not self.is_active:
            return
        self._change(self.rows)
        requests = to_requests(self.rows, self.common_fields.common)
        if not requests:
            self.notify(empty_reason(self.rows), severity="warning", markup=False)
        elif self.common_fields.focus_error(self.common_fields, self.action_submit):
            self.app.bell()
            text = _("Nothing was queued: see the note below the field.")
            self.summary.update(Content.styled(text, "$text-error"))  # a message might cover it
        elif self._is_answer_lost and not self._model.attachment.is_reachable:
            text = _("Wait until the engine answers: these links may already be queued.")
            self.notify(text, severity="warning", markup=False)
        else:
            self._is_queuing, self._is_answer_lost = True, False
            self.summary.update(self._waiting_text())
            newest_known = self._newest_known if self._model.is_complete else 0
            again = frozenset(row.text for row in self.rows if row.keep and row.is_duplicate)
            label = self.common_fields.batch_label
            self._submit(AddTasks(requests, label, newest_known, again), self.rows)

    @work(group="submit-links")
    async def _submit(self, command: AddTasks, submitted: Sequence[ReviewRow]) -> None:
        try:
            tasks = await self._engine.run(command)
        except Pan123Error as error:
            self._is_answer_lost = isinstance(error, EngineLost)
            self.summary.update(failed_text(error))
            return
        finally:
            self._is_queuing = False
        self._engine.note_added(tasks)
        self._after_submit(len(tasks), len(command.downloads) - len(tasks), submitted)

    def _after_submit(self, queued: int, skipped: int, submitted: Sequence[ReviewRow]) -> None:
        """Keep what waits for a look, and close unless something was added meanwhile."""
        done = {id(row) for row in submitted if not row.waits}
        self.rows = tuple(row for row in self.rows if id(row) not in done)
        waiting = sum(row.waits for row in self.rows)
        text = queued_text(queued, skipped, is_paused=self._model.status.is_paused)
        if waiting:
            left = _("{count} left in the draft: {key}")
            left = left.format(count=number(waiting), key=self._engine.keys["links.add"])
            text = join_sentences(text, left)
        self.notify(text, severity="warning" if skipped or waiting else "information", markup=False)
        is_new = len(self.rows) > sum(row.waits for row in submitted) or bool(self._unread)
        self._is_finished = not is_new  # its own links come into the list as it closes
        self.common_fields.fill({"common-name": ""})
        self._change(self.rows)
        if not is_new and self.is_active:
            self.dismiss(queued)

    # The draft

    def action_leave(self) -> None:
        """Leave the screen; what is not queued is kept as the draft."""
        if not self.is_active:
            return
        if not self._what_is_left().is_empty:
            kept = _("Kept as a draft: {key} opens it.")
            self.notify(kept.format(key=self._engine.keys["links.add"]), markup=False)
        self.dismiss(0)

    @on(BeforeRemoval)
    def _take_last_changes(self) -> None:
        """Take over the last keys, whose messages have not come, while the fields are there."""
        self.workers.cancel_group(self, "save-draft")
        self._draft.take()

    def on_unmount(self) -> None:
        self._draft.close()

    def _what_is_left(self) -> Draft:
        rows = tuple(row for row in self.rows if not row.is_mere_text)
        text = "\n".join([*self._unread, self.address.value])
        # What is queued some other day is for another folder and batch.
        fields = {} if self._is_finished else self.common_fields.values
        return Draft(text, fields, rows)
