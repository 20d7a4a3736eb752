"""The input screen: text goes in at the top, and is reviewed link by link before it is queued."""

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Paste
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from pan123_tui.config.state_files import DraftFile
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.links.extractor import ExtractionResult, RejectedText
from pan123_tui.domain.links.review import (
    ReviewCounts,
    ReviewRow,
    RowEdit,
    RowKey,
    apply_edit,
    count_rows,
    known_links,
    review,
    to_requests,
)
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.add_links.common_fields import CommonFields
from pan123_tui.ui.add_links.link_editor import LinkEditor, Review
from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.row_dialog import RowScreen
from pan123_tui.ui.dialogs.confirm import ConfirmScreen
from pan123_tui.ui.task_actions import TaskActions
from pan123_tui.ui.task_model import TaskModel
from pan123_tui.ui.widgets.form_fields import LinkInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.formats import Explanation, count_links, explain_problem, number, size
from pan123_tui.wording.links import rejection_text, review_status_text

_SHOWN_CELLS = 24


class ReviewSummary(Static):
    """Says what will be queued, skipped and refused, or what went wrong."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id, markup=False)
        self._tally = ReviewCounts()

    def show(self, counts: ReviewCounts, refused: Sequence[RejectedText]) -> None:
        """Say `counts`, and the first of the `refused` with its reason."""
        self._tally = counts
        parts = [_kept(counts)]
        if counts.skipped_duplicates:
            parts.append(_duplicates(counts.skipped_duplicates))
        if counts.skipped:
            said = ngettext("{count} skipped", "{count} skipped", counts.skipped)
            parts.append((said.format(count=number(counts.skipped)), "$text-muted"))
        if refused:
            parts.append(_refusals(counts.rejected, refused[0]))
        self.update(Content(" · ").join(Content.styled(text, style) for text, style in parts))

    def wait(self, chars: int) -> None:
        """Say that a long text is being read."""
        self.update(Content.styled(_("reading {size} …").format(size=size(chars)), "$text-muted"))

    def show_error(self, explanation: Explanation) -> None:
        """Say why nothing was queued; everything is still in the box."""
        kept = _("Nothing was queued; everything is still here.")
        self.update(Content.styled(f"{explanation.text} {kept}", "$text-error"))

    def reason_for_none(self) -> str:
        """Say why there is nothing to queue."""
        if self._tally.skipped_duplicates:
            return _("All links are duplicates; D in the list keeps them.")
        if self._tally.skipped:
            return _("Every link is skipped; space in the list keeps one.")
        return _("There is no link to queue yet.")


def _kept(counts: ReviewCounts) -> tuple[str, str]:
    said = _("{links} to queue").format(links=count_links(counts.kept))
    return said, "$text-success" if counts.kept else "$text-muted"


def _duplicates(count: int) -> tuple[str, str]:
    said = ngettext("{count} duplicate skipped", "{count} duplicates skipped", count)
    return said.format(count=number(count)), "$text-warning"


def _refusals(count: int, first: RejectedText) -> tuple[str, str]:
    said = ngettext(
        "{count} refused: “{text}”: {reason}", "{count} refused, such as “{text}”: {reason}", count
    )
    text = plain_content(first.text, _SHOWN_CELLS, cut="middle").plain
    reason = rejection_text(first.reason)
    return said.format(count=number(count), text=text, reason=reason), "$text-error"


SAVE_AFTER_S = 0.5
"""How long typing must rest before the draft is written."""
_NOTHING_GIVEN = DownloadRequest("")


class AddScreen(Screen[int]):
    """Returns the number of links that were queued; 0: it was left without.

    While they cannot be queued, everything stays where it is.
    """

    AUTO_FOCUS = "#add-links"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "submit", N_("queue"), id="add.submit", tooltip=N_("Queue all links marked ✓")
        ),
        Binding(
            "ctrl+o",
            "browse",
            N_("choose folder"),
            id="add.browse",
            tooltip=N_("Choose the folder for all links"),
        ),
        Binding("escape", "leave", N_("back"), id="add.leave", tooltip=N_("Leave without queuing")),
    ]

    box = query_one("#add-links", LinkEditor)
    check = query_one("#add-summary", ReviewSummary)
    review_list = query_one("#add-review", ReviewList)
    fields = query_one("#add-common", CommonFields)

    class SubmitAsked(Message):
        """What is kept is to be queued."""

    def __init__(
        self,
        desk: TaskActions,
        model: TaskModel,
        *,
        defaults: DownloadRequest = _NOTHING_GIVEN,
        text: str = "",
        draft_file: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._model = model
        self._defaults = defaults
        self._first_text = text
        self._draft = DraftFile(draft_file) if draft_file else None
        self._now = now
        self._save_timer: Timer | None = None
        self._text = ""
        self._harvest = ExtractionResult()
        self._edits: dict[RowKey, RowEdit] = {}
        self._index: Mapping[str, int] = {}
        self._index_of = (0, 0)
        self._submits_when_read = False
        self._is_sending = False
        self._queued = 0

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add-body", can_focus=False):
            hint = _("Paste or type any text with links in it")
            yield LinkEditor(self._reviewer, placeholder=hint, id="add-links")
            yield ReviewSummary(id="add-summary")
            yield ReviewList(self._model, now=self._now, id="add-review")
            yield CommonFields(self._defaults, known=self._model, id="add-common")
        yield KeyBar()

    def on_mount(self) -> None:
        self.box.border_title = _("Links")
        self.review_list.border_title = _("Review")
        left_behind = self._draft.read() if self._draft else ""
        if left_behind.strip() and left_behind.strip() != self._first_text.strip():
            self.notify(_("What you had typed before is back."), markup=False)
            self.add_text(left_behind)
        self.add_text(self._first_text)

    def on_unmount(self) -> None:
        if self._draft:
            self._draft.write(self._text)

    def add_text(self, text: str) -> None:
        """Add `text` after what is already there, as a paste does."""
        self.box.add_at_end(text)

    def on_paste(self, event: Paste) -> None:
        """Take a paste that no field took, such as one over the list."""
        event.stop()
        self.add_text(event.text)

    def on_link_input_links_pasted(self, event: LinkInput.LinksPasted) -> None:
        self.add_text(event.text)

    def on_link_editor_reading(self, event: LinkEditor.Reading) -> None:
        self.check.wait(event.chars)
        self._save_later()

    def on_link_editor_reviewed(self, event: LinkEditor.Reviewed) -> None:
        self._harvest = event.extraction
        self._lay_out(event.rows)
        self._save_later()
        if self._submits_when_read:
            self.action_submit()

    def on_common_fields_changed(self) -> None:
        self.review_list.show(self.review_list.rows, self.fields.common)

    def on_review_list_toggled(self, event: ReviewList.Toggled) -> None:
        self._keep([event.row], not event.row.keep)

    def on_review_list_duplicates_toggled(self) -> None:
        duplicates = [row for row in self.review_list.rows if row.is_duplicate]
        self._keep(duplicates, not all(row.keep for row in duplicates))

    @work(group="edit-row")
    async def on_review_list_edited(self, event: ReviewList.Edited) -> None:
        row = event.row
        twin = self._model.tasks.get(row.duplicate_of or 0)
        verdict = review_status_text(row, twin, now=self._now())
        edit = await self.app.push_screen_wait(RowScreen(row, verdict=verdict, known=self._model))
        if edit is not None:
            self._edits[row.key] = replace(edit, keep=row.keep)
            self._lay_out(self.review_list.rows)

    def action_submit(self) -> None:
        """Queue what is kept, once all that was done before has taken effect.

        Keys may come faster than the messages they cause, so the wish goes the same way as those.
        """
        (self.focused or self).post_message(self.SubmitAsked())

    def on_add_screen_submit_asked(self) -> None:
        """Queue what is kept, unless something must be put right first."""
        self._submits_when_read = self.box.is_reading
        if self._is_sending or self._submits_when_read:
            return
        chosen = to_requests(self.review_list.rows, self.fields.common)
        if not chosen:
            self.notify(self.check.reason_for_none(), severity="warning", markup=False)
        elif self.fields.focus_fault():
            needs = _("One of the fields needs a change first.")
            self.notify(needs, severity="error", markup=False)
        else:
            self._is_sending = True
            self._submit(chosen)

    @work(group="submit-links")
    async def _submit(self, chosen: Sequence[DownloadRequest]) -> None:
        try:
            await self._desk.add(chosen)
        except Pan123Error as error:
            self.check.show_error(explain_problem(error.problem))
        else:
            self._queued += len(chosen)
            self._go_on()
        finally:
            self._is_sending = False

    def _go_on(self) -> None:
        """Leave when all is done, else stay with what was refused."""
        refused = [item.text for item in self._harvest.rejected]
        if not refused:
            self._finish()
            return
        queued = _("{links} queued").format(links=count_links(self._queued))
        self.notify(queued, markup=False)
        self._edits.clear()
        self.fields.clear_name()
        self.box.hold("\n".join(refused))
        self.box.focus()

    def action_browse(self) -> None:
        self.fields.folder.action_browse()

    @work(group="leave")
    async def action_leave(self) -> None:
        """Leave; ask first where something would be lost."""
        if self._is_sending:
            return
        if self.box.all_text.strip():
            question = _("Leave what you have typed?")
            links = count_links(count_rows(self.review_list.rows).kept)
            detail = _("{links} would not be queued.").format(links=links)
            answer = ConfirmScreen(question, yes=_("Leave"), no=_("Stay"), detail=detail)
            if not await self.app.push_screen_wait(answer):
                return
        self._finish()

    def _finish(self) -> None:
        if self._draft:
            self._draft.remove()
        if self.is_current:
            self.dismiss(self._queued)

    def _keep(self, rows: Sequence[ReviewRow], keep: bool) -> None:
        for row in rows:
            earlier = self._edits.get(row.key, RowEdit())
            self._edits[row.key] = replace(earlier, keep=keep)
        self._lay_out(self.review_list.rows)

    def _lay_out(self, rows: Sequence[ReviewRow]) -> None:
        """Show `rows` with every change that was made to them by hand."""
        edits = self._edits
        shown = [apply_edit(row, edits[row.key]) if row.key in edits else row for row in rows]
        counts = count_rows(shown)
        first_kept = next((row for row in shown if row.keep), None)
        self.fields.show_links(counts.kept, first_kept.guessed_name if first_kept else "")
        self.review_list.show(shown, self.fields.common)
        keeps = _("D keeps the duplicates") if counts.skipped_duplicates else ""
        self.review_list.border_subtitle = keeps
        self.check.show(counts, self._harvest.rejected[:1])

    def _reviewer(self) -> Review:
        """Give a review that looks at nothing which may change while it runs."""
        tasks = self._model.tasks
        version = (len(tasks), max(tasks, default=0))
        if version != self._index_of:
            self._index_of = version
            self._index = known_links(tasks.values())
        return partial(review, known=self._index, edits=dict(self._edits))

    def _save_later(self) -> None:
        self._text = self.box.all_text
        if self._draft is None:
            return
        if self._save_timer is not None:
            self._save_timer.stop()
        save = partial(self._save, self._draft)
        self._save_timer = self.set_timer(SAVE_AFTER_S, save)

    @work(thread=True, group="save-draft")
    def _save(self, draft: DraftFile) -> None:
        draft.write(self._text)
