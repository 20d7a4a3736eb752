"""Screen on which text is entered, its links are reviewed one by one, and then queued."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.signal import Signal

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.review import (
    ReviewRow,
    ReviewStatus,
    RowEdit,
    RowKey,
    apply_edit,
    count_rows,
    kept_again,
    known_links,
    mark_known,
    review,
    to_requests,
)
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.add_links.draft import DiscardScreen, DraftSources
from pan123_tui.ui.add_links.link_editor import LinkEditor, Review
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.review_summary import ReviewSummary
from pan123_tui.ui.dialogs.edit_link import RefusedScreen, RowScreen
from pan123_tui.ui.task_actions import TaskActions, lost_word
from pan123_tui.ui.terminal.type_ahead import holding_keys
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.links import review_status_text
from pan123_tui.wording.queue import added_meanwhile_text, queued_text, unqueued_text

_NO_DEFAULTS = DownloadRequest("")


def _is_error(row: ReviewRow) -> bool:
    return row.status is ReviewStatus.REJECTED and not row.is_mere_text


class AddScreen(DraftSources):
    """Returns the number of queued links; the input stays until they are queued."""

    AUTO_FOCUS = "#add-links"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "submit", N_("queue"), id="add.submit", tooltip=N_("Queue all links marked √")
        ),
        Binding(
            "ctrl+o",
            "browse",
            N_("choose folder"),
            id="add.browse",
            tooltip=N_("Choose the folder for all links"),
        ),
        Binding(
            "escape",
            "leave",
            N_("back"),
            id="add.leave",
            tooltip=N_("Leave; a question comes first if links are not queued"),
        ),
    ]

    summary = query_one("#add-summary", ReviewSummary)
    review_list = query_one("#add-review", ReviewList)

    class SubmitRequested(Message):
        """The user wants the kept links to be queued."""

    def __init__(
        self,
        actions: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        *,
        defaults: DownloadRequest = _NO_DEFAULTS,
        text: str = "",
        draft_file: Path | None = None,
        read_clipboard: Callable[[], Awaitable[str]] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`defaults` fills the common fields and `text` the editor.

        What is typed is also saved in `draft_file`, until it is queued or discarded.
        """
        super().__init__(draft_file, read_clipboard)
        self._actions = actions
        self._model = model
        self._changes = changes
        self._defaults = defaults
        self._initial_text = text
        self._now = now
        self._edits: dict[RowKey, RowEdit] = {}
        self._known_links: Mapping[str, int] = {}
        self._known_links_version = (0, 0)
        self._is_submit_pending = self._is_submitting = self._is_answer_lost = False
        self._is_finished = False
        self._to_remove: frozenset[RowKey] = frozenset()
        self._queued, self._skipped, self._all_queued = 0, 0, 0
        self._rest = ""  # the text that was left when the links were queued
        self.has_acted = asyncio.Event()
        """Set unless links are being queued: the next keys are meant for what comes then."""
        self.has_acted.set()

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add-body", can_focus=False):
            hint = _("Paste or type any text with links in it")
            yield LinkEditor(self._reviewer, placeholder=hint, id="add-links")
            yield ReviewSummary(id="add-summary", markup=False)
            yield ReviewList(self._model, now=self._now, id="add-review")
            yield CommonFields(self._defaults, known=self._model, has_batch=True, id="add-common")
        yield KeyBar(first=("add.submit", "add.leave", "add.open_file", "add.browse"))

    def on_mount(self) -> None:
        self.editor.border_title = _("Links")
        self.review_list.border_title = _("Review")
        self._changes.subscribe(self, self.show_changes)
        self._show_attachment()
        self.restore_draft(self._initial_text)

    def on_resize(self) -> None:
        """Keep in sight what has the focus."""
        if self.focused is self.review_list:
            self.call_after_refresh(self.review_list.scroll_to_cursor)
        elif self.focused is not None:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def show_changes(self, change: ModelChange) -> None:
        """Skip the links that have come into the list meanwhile, and name the folders."""
        if change.attachment_changed:
            self._show_attachment()
        if change.folders_changed:
            self.common_fields.folder.check()
            self.review_list.show(self.review_list.rows, self.common_fields.common)
        new = [task for before, task in change.moved if before is None]
        if not new or self._is_submitting or self._to_remove or self._is_finished:
            return
        count, newest = self._known_links_version
        if count + len(new) == len(self._model.tasks):  # else the next check reads all tasks
            self._known_links_version = (len(self._model.tasks), max(newest, *(t.id for t in new)))
        links = known_links(new)
        arrived = {key: links[key] for key in links.keys() - self._known_links.keys()}
        self._known_links = {**self._known_links, **links}
        self._skip_known(arrived)
        if self.editor.is_reading:
            self.editor.review_again()

    def on_link_editor_reading_started(self, event: LinkEditor.ReadingStarted) -> None:
        self.summary.show_reading(event.chars)
        self.save_draft()

    def on_link_editor_reviewed(self, event: LinkEditor.Reviewed) -> None:
        self._show_rows(event.rows)
        self.editor.show_pasted(sum(row.has_link for row in event.rows))
        self.save_draft()
        if self._to_remove and not self._is_submitting:
            self._after_submit(self._to_remove)
        elif self._is_submit_pending:
            self.action_submit()

    def on_common_fields_changed(self) -> None:
        self.review_list.show(self.review_list.rows, self.common_fields.common)
        self.save_draft()

    def on_review_list_toggle_requested(self, event: ReviewList.ToggleRequested) -> None:
        if event.row.status is ReviewStatus.DOUBTFUL:
            self._choose_ends([event.row])
        else:
            self._set_kept([event.row], not event.row.keep)

    def on_review_list_end_choice_requested(self, event: ReviewList.EndChoiceRequested) -> None:
        self._choose_ends(event.rows)

    def on_review_list_toggle_duplicates_requested(self) -> None:
        duplicates = [row for row in self.review_list.rows if row.is_duplicate]
        self._set_kept(duplicates, not all(row.keep for row in duplicates))

    @work(group="edit-row")
    async def on_review_list_edit_requested(self, event: ReviewList.EditRequested) -> None:
        row = event.row
        duplicate = self._model.tasks.get(row.duplicate_of or 0)
        status = review_status_text(row, duplicate, now=self._now(), focus="dialog")
        if not row.has_link:
            if link := await self.app.push_screen_wait(RefusedScreen(row.text, status)):
                self.editor.correct(row.text, link)
            return
        edit = await self.app.push_screen_wait(RowScreen(row, status=status, known=self._model))
        if edit is not None:
            former = self._edits.get(row.key, RowEdit())
            keep = None if row.status is ReviewStatus.DOUBTFUL else row.keep
            self._edits[row.key] = replace(edit, keep=keep, takes_longer=former.takes_longer)
            self._show_rows(self.review_list.rows)

    def action_submit(self) -> None:
        """Queue the kept links after the effects of all earlier keys.

        The request is a message from the focused widget, so it follows the messages of those keys.
        """
        (self.focused or self).post_message(self.SubmitRequested())

    def on_add_screen_submit_requested(self) -> None:
        """Queue the kept links, unless there are none or a field has an error."""
        self._is_submit_pending = self.editor.is_reading
        if self._is_submitting or self._is_submit_pending:
            return
        self._check_again()
        requests = to_requests(self.review_list.rows, self.common_fields.common)
        if not requests:
            self.notify(self.summary.empty_reason(), severity="warning", markup=False)
        elif self.common_fields.focus_error():
            self.app.bell()  # a message might cover the note below the field
        elif self._is_answer_lost and not self._model.attachment.is_reachable:
            text = _("Wait until the engine answers: these links may be queued already.")
            self.notify(text, severity="warning", markup=False)
        else:
            self._is_submitting, self._is_answer_lost = True, False
            self.has_acted.clear()
            self.summary.show_waiting()
            newest_known = self._known_links_version[1] if self._model.is_complete else 0
            again, label = kept_again(self.review_list.rows), self.common_fields.batch_label
            command = AddTasks(requests, label, newest_known, again)
            self._submit(command, frozenset(row.key for row in self.review_list.rows))

    @work(group="submit-links")
    async def _submit(self, command: AddTasks, submitted: frozenset[RowKey]) -> None:
        with holding_keys(self.has_acted):
            try:
                tasks = await self._actions.add(command)
            except Pan123Error as error:
                self._is_answer_lost = isinstance(error, EngineLost)
                self.summary.show_error(error)
            else:
                self._queued, self._skipped = len(tasks), len(command.downloads) - len(tasks)
                self._all_queued += len(tasks)
                self._to_remove = submitted
            finally:
                self._is_submitting = False
            if self._to_remove and not self.editor.is_reading:
                self._after_submit(self._to_remove)

    def _after_submit(self, submitted: frozenset[RowKey]) -> None:
        """Close the screen, or keep it open with what was rejected, is doubtful or came later."""
        self._to_remove = frozenset()
        rest = [
            row
            for row in self.review_list.rows
            if row.key not in submitted or row.status is ReviewStatus.DOUBTFUL or _is_error(row)
        ]
        is_paused = self._model.status.is_paused
        text = queued_text(self._queued, self._skipped, is_paused=is_paused)
        self.notify(text, severity="warning" if self._skipped else "information", markup=False)
        if not rest and self.is_active:
            self._finish()
            return
        self._edits = {key: e for key, e in self._edits.items() if key not in submitted}
        self._show_rows(rest)
        self.common_fields.clear_name()
        texts = (row.source if row.has_link else row.text for row in rest)
        self.editor.replace_text("\n".join(dict.fromkeys(texts)))
        self._rest = self.editor.all_text
        # In the list, keys that are meant for the dashboard type nothing.
        is_typing = any(row.key not in submitted for row in rest)
        (self.editor if is_typing else self.review_list).focus()

    def action_browse(self) -> None:
        self.common_fields.folder.action_browse()

    @work(group="leave")
    async def action_leave(self) -> None:
        """Leave the screen, after a confirmation if links are not queued yet."""
        if not self.is_active:  # its question is open
            return
        if self._is_submitting:
            text = _(
                "It is not known yet whether the links are queued. They are kept as a draft: "
                "{key} opens it."
            )
            self.notify(text.format(key=self._actions.keys["links.add"]), markup=False)
            self.dismiss(self._all_queued)
            return
        counts = count_rows(self.review_list.rows)
        count = counts.kept + counts.doubtful
        is_rest = self.editor.all_text.strip() in ("", self._rest.strip())
        if count or (counts.rejected and not is_rest) or self.editor.is_reading:
            question = DiscardScreen(detail=unqueued_text(count, counts.rejected))
            if await self.app.push_screen_wait(question):
                self._leave(keeps_draft=question.keeps_draft)
            return
        keeps_draft = counts.skipped > 0  # only these can still be queued without another text
        if not (keeps_draft or is_rest):
            self.notify(_("There was nothing to queue: the text is dropped."), markup=False)
        self._leave(keeps_draft=keeps_draft)

    def _leave(self, *, keeps_draft: bool) -> None:
        if not keeps_draft:
            self._finish()
        elif self.is_active:
            self.dismiss(self._all_queued)

    def _finish(self) -> None:
        self._is_finished = True  # its own links come into the list as it closes
        self.remove_draft()
        if self.is_active:
            self.dismiss(self._all_queued)

    def _set_kept(self, rows: Sequence[ReviewRow], keep: bool) -> None:
        for row in rows:
            self._edits[row.key] = replace(self._edits.get(row.key, RowEdit()), keep=keep)
        self._show_rows(self.review_list.rows)

    def _choose_ends(self, rows: Sequence[ReviewRow]) -> None:
        """Take the longer link of each doubtful row, or the shorter if all have the longer."""
        doubtful = [row for row in rows if row.longer_url]
        edits = {row.key: self._edits.get(row.key, RowEdit()) for row in doubtful}
        longer = not all(edit.takes_longer for edit in edits.values())
        for key, edit in edits.items():
            keep = False if edit.keep is False else None  # what was skipped stays skipped
            self._edits[key] = replace(edit, takes_longer=longer, keep=keep)
        if edits:
            self.editor.review_again()
        else:
            self.notify(_("No link's end is doubtful here."), markup=False)

    def _show_rows(self, rows: Sequence[ReviewRow]) -> None:
        """Show `rows` with the user's edits."""
        edits = self._edits
        shown = [apply_edit(row, edits[row.key]) if row.key in edits else row for row in rows]
        counts = count_rows(shown)
        first_kept = next((row for row in shown if row.keep), None)
        self.common_fields.show_links(counts.kept, first_kept.guessed_name if first_kept else "")
        self.review_list.show(shown, self.common_fields.common)
        queued = self._queued if self._rest and self.editor.all_text == self._rest else 0
        rejected = [row for row in shown if _is_error(row)][:1]
        self.summary.show(counts, rejected, queued=queued, is_draft=self.has_draft_only)
        if self._is_submitting:
            self.summary.show_waiting()

    def _reviewer(self) -> Review:
        """Return a review that can run in a thread: it uses nothing that changes meanwhile."""
        self._check_again()
        return partial(review, known=self._known_links, edits=dict(self._edits))

    def _check_again(self) -> None:
        """Skip the links of all tasks that are new since the last check."""
        tasks = self._model.tasks
        version = (len(tasks), max(tasks, default=0))
        if version == self._known_links_version or self._is_submitting or self._to_remove:
            return
        former, self._known_links = self._known_links, known_links(tasks.values())
        self._known_links_version = version
        arrived = self._known_links.keys() - former.keys()
        self._skip_known({key: self._known_links[key] for key in arrived})

    def _skip_known(self, arrived: Mapping[str, int]) -> None:
        """Skip the rows whose links have `arrived` in the list, and show how many they are."""
        rows = self.review_list.rows
        marked = mark_known(rows, arrived)
        skipped = [row for row, now in zip(rows, marked, strict=True) if row.keep and not now.keep]
        for row in skipped:
            if row.key in self._edits:
                self._edits[row.key] = replace(self._edits[row.key], keep=None)
        if marked != rows:
            self._show_rows(marked)
        if count := len(skipped):
            self.notify(added_meanwhile_text(count), severity="warning", markup=False)

    def _show_attachment(self) -> None:
        """Show in the border of the editor whether the engine can be reached."""
        attachment = self._model.attachment
        lost = Content.styled(lost_word(attachment), "bold $text-error")
        self.editor.border_subtitle = "" if attachment.is_reachable else lost
