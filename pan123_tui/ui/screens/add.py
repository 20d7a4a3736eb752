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
from textual.events import Paste
from textual.getters import query_one
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.links import Harvest
from pan123_tui.domain.task import Draft
from pan123_tui.domain.tray import (
    RowEdit,
    RowKey,
    TrayRow,
    drafts,
    edited,
    known_links,
    review,
    tally,
)
from pan123_tui.draft_file import DraftFile
from pan123_tui.i18n import N_, _
from pan123_tui.ui.desk import Desk
from pan123_tui.ui.mirror import Mirror
from pan123_tui.ui.screens.confirm import ConfirmScreen
from pan123_tui.ui.screens.tray_row import TrayRowScreen
from pan123_tui.ui.widgets.common_fields import CommonFields
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.link_box import LinkBox, Review
from pan123_tui.ui.widgets.link_check import LinkCheck
from pan123_tui.ui.widgets.link_input import LinkInput
from pan123_tui.ui.widgets.link_tray import LinkTray
from pan123_tui.wording import count_links, explain
from pan123_tui.wording_links import verdict_text

SAVE_AFTER_S = 0.5
"""How long typing must rest before the draft is written."""
_NOTHING_GIVEN = Draft("")


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

    box = query_one("#add-links", LinkBox)
    check = query_one("#add-check", LinkCheck)
    tray = query_one("#add-tray", LinkTray)
    fields = query_one("#add-common", CommonFields)

    class SubmitAsked(Message):
        """What is kept is to be queued."""

    def __init__(
        self,
        desk: Desk,
        mirror: Mirror,
        *,
        defaults: Draft = _NOTHING_GIVEN,
        text: str = "",
        draft_file: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._mirror = mirror
        self._defaults = defaults
        self._first_text = text
        self._draft = DraftFile(draft_file) if draft_file else None
        self._now = now
        self._save_timer: Timer | None = None
        self._text = ""
        self._harvest = Harvest()
        self._edits: dict[RowKey, RowEdit] = {}
        self._index: Mapping[str, int] = {}
        self._index_of = (0, 0)
        self._submits_when_read = False
        self._is_sending = False
        self._queued = 0

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add-body", can_focus=False):
            hint = _("Paste or type any text with links in it")
            yield LinkBox(self._reviewer, placeholder=hint, id="add-links")
            yield LinkCheck(id="add-check")
            yield LinkTray(self._mirror, now=self._now, id="add-tray")
            yield CommonFields(self._defaults, known=self._mirror, id="add-common")
        yield KeyBar()

    def on_mount(self) -> None:
        self.box.border_title = _("Links")
        self.tray.border_title = _("Review")
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

    def on_link_box_reading(self, event: LinkBox.Reading) -> None:
        self.check.wait(event.chars)
        self._save_later()

    def on_link_box_reviewed(self, event: LinkBox.Reviewed) -> None:
        self._harvest = event.harvest
        self._lay_out(event.rows)
        self._save_later()
        if self._submits_when_read:
            self.action_submit()

    def on_common_fields_changed(self) -> None:
        self.tray.show(self.tray.rows, self.fields.common)

    def on_link_tray_toggled(self, event: LinkTray.Toggled) -> None:
        self._keep([event.row], not event.row.keep)

    def on_link_tray_duplicates_toggled(self) -> None:
        duplicates = [row for row in self.tray.rows if row.is_duplicate]
        self._keep(duplicates, not all(row.keep for row in duplicates))

    @work(group="edit-row")
    async def on_link_tray_edited(self, event: LinkTray.Edited) -> None:
        row = event.row
        twin = self._mirror.tasks.get(row.twin or 0)
        verdict = verdict_text(row, twin, now=self._now())
        edit = await self.app.push_screen_wait(
            TrayRowScreen(row, verdict=verdict, known=self._mirror)
        )
        if edit is not None:
            self._edits[row.key] = replace(edit, keep=row.keep)
            self._lay_out(self.tray.rows)

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
        chosen = drafts(self.tray.rows, self.fields.common)
        if not chosen:
            self.notify(self.check.reason_for_none(), severity="warning", markup=False)
        elif self.fields.focus_fault():
            needs = _("One of the fields needs a change first.")
            self.notify(needs, severity="error", markup=False)
        else:
            self._is_sending = True
            self._submit(chosen)

    @work(group="submit-links")
    async def _submit(self, chosen: Sequence[Draft]) -> None:
        try:
            await self._desk.add(chosen)
        except Pan123Error as error:
            self.check.complain(explain(error.problem))
        else:
            self._queued += len(chosen)
            self._go_on()
        finally:
            self._is_sending = False

    def _go_on(self) -> None:
        """Leave when all is done, else stay with what was refused."""
        refused = [item.text for item in self._harvest.refused]
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
            links = count_links(tally(self.tray.rows).kept)
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

    def _keep(self, rows: Sequence[TrayRow], keep: bool) -> None:
        for row in rows:
            earlier = self._edits.get(row.key, RowEdit())
            self._edits[row.key] = replace(earlier, keep=keep)
        self._lay_out(self.tray.rows)

    def _lay_out(self, rows: Sequence[TrayRow]) -> None:
        """Show `rows` with every change that was made to them by hand."""
        edits = self._edits
        shown = [edited(row, edits[row.key]) if row.key in edits else row for row in rows]
        counts = tally(shown)
        first_kept = next((row for row in shown if row.keep), None)
        self.fields.show_links(counts.kept, first_kept.guess if first_kept else "")
        self.tray.show(shown, self.fields.common)
        keeps = _("D keeps the duplicates") if counts.skipped_duplicates else ""
        self.tray.border_subtitle = keeps
        self.check.show(counts, self._harvest.refused[:1])

    def _reviewer(self) -> Review:
        """Give a review that looks at nothing which may change while it runs."""
        tasks = self._mirror.tasks
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
