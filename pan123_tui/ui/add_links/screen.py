"""Screen on which links are reviewed one by one, and then queued."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence

from msgspec.structs import replace
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Key, Paste
from textual.getters import query_one
from textual.reactive import var
from textual.widgets import Input, OptionList, Static

from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.schema import Defaults
from pan123_tui.domain.commands import AddTasks, FindFolder
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.file_names import check_template
from pan123_tui.domain.links.review import (
    ReviewRow,
    edited,
    give_up,
    keep_names,
    left_over,
    toggled,
)
from pan123_tui.domain.links.share_pages import redirect_target
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, comma, join_sentences
from pan123_tui.terminal.textual_private import BeforeRemoval, UncutScreen
from pan123_tui.ui.add_links.draft import Draft, DraftKeeper
from pan123_tui.ui.add_links.forms import (
    EMPTY_HINT,
    AddressInput,
    CommonFields,
    EditLinksScreen,
)
from pan123_tui.ui.add_links.review import (
    TESTS_SHOWN_EVERY_S,
    Review,
    ReviewList,
    ReviewState,
    counted_text,
    failed_text,
    kind_of,
    left_out,
    nothing_text,
)
from pan123_tui.ui.dialogs.prompts import confirm
from pan123_tui.ui.session.engine_link import EngineLink, lost_word
from pan123_tui.ui.theme import SCREEN_STYLES
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.actions import added_meanwhile_text, queued_text
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.inputs import explanation, not_found_text
from pan123_tui.wording.problems import explain_problem


class AddScreen(UncutScreen[None]):
    """Queues the links that are kept; the rest stays as the draft."""

    CSS_PATH = SCREEN_STYLES
    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    BINDINGS = [
        Binding("ctrl+s", "submit", N_("queue"), id="add.submit"),
        Binding("escape,q", "leave", N_("back"), id="add.leave"),
        Binding("ctrl+t", "test", N_("test"), id="add.test"),
        Binding("ctrl+o", "browse", N_("choose folder"), id="add.browse"),
        Binding("ctrl+v", "take_clipboard", N_("paste"), id="add.clipboard"),
        Binding("ctrl+x", "empty", N_("clear all"), id="add.empty", tooltip=EMPTY_HINT),
        Binding("ctrl+z", "restore", N_("undo"), id="add.undo", show=False),
    ]

    state = var(ReviewState.EDITING, init=False, always_update=True)

    address = query_one("#add-links", AddressInput)
    summary = query_one("#add-summary", Static)
    detail = query_one("#add-detail", Static)
    review_list = query_one("#add-review", ReviewList)
    common_fields = query_one("#add-common", CommonFields)

    def __init__(
        self,
        engine: EngineLink,
        *,
        defaults: Defaults,
        drafts: DraftKeeper,
        text: str = "",
        read_clipboard: Callable[[], Awaitable[str]],
        tests_from: str,
    ) -> None:
        """The links in `text` follow the draft; `tests_from` is the machine that tests them."""
        super().__init__()
        self._engine = engine
        self._defaults = DownloadRequest(
            "", folder_id=defaults.folder_id, callback_url=defaults.callback_url
        )
        self._batch_folders = defaults.batch_folders
        self._initial_text = text
        self._read_clipboard = read_clipboard
        self._drafts = drafts
        self.review = Review(engine.model)
        self._tests_from = tests_from
        self._trouble = ""
        """Why nothing was queued, in the state FAILED."""
        self._emptied: Mapping[str, str] = {}
        """What was in the fields when the review was last emptied."""
        self._missing: Collection[str] = ()
        """The paths of folders that the user was told are missing."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add-body", can_focus=False):
            hint = _("Paste any text with links in it, or type one")
            yield AddressInput(
                placeholder=hint, compact=True, select_on_focus=False, id="add-links"
            )
            yield ReviewList(self.review, id="add-review")
            yield Static(id="add-detail", markup=False)
            yield CommonFields(
                self._defaults,
                engine=self._engine,
                batch_folders=self._batch_folders,
                id="add-common",
            )
        yield Static(id="add-summary", markup=False)
        yield KeyBar(first=("add.submit", "add.leave", "review.toggle", "review.edit"))

    def on_mount(self) -> None:
        self.review_list.border_title = _("Review")
        self._engine.changes.subscribe(self, self.show_changes)
        self.show_changes(ModelChange())
        draft = self._drafts.read()
        self.common_fields.fill(draft.fields)
        self.review.drafted = frozenset(row.text for row in draft.rows)
        text, rows = self._initial_text, (*draft.rows, *self.review.read(draft.text))
        self._change(rows, self.review.read(text) if text.strip() else None)
        (self.review_list if self.review.rows else self.address).focus()

    def on_resize(self) -> None:
        """Keep the focused field in sight; the list takes care of itself."""
        if self.focused not in (None, self.review_list):
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def watch_state(self, state: ReviewState) -> None:
        match state:
            case ReviewState.SENDING:
                text = _("waiting for the engine… {add.leave} leaves and keeps a draft")
                shown = Content.styled(text, "$text-warning")
            case ReviewState.FAILED:
                shown = Content.styled(self._trouble, "$text-error")
            case _ if self.review.dropped and not self.review.rows:
                shown = Content(_("Draft emptied: {add.undo} brings it back."))
            case _:
                shown = counted_text(self.review)
        self.summary.update(shown)

    # Rows

    def add_text(self, pasted: str = "") -> bool:
        """Add rows for what was typed, then `pasted`; return False if there is none."""
        text, self.address.value = self.address.value + pasted, ""
        if not text.strip():
            return False
        self._change(self.review.rows, rows := self.review.read(text))
        return bool(rows)

    def _change(self, rows: Iterable[ReviewRow], added: Sequence[ReviewRow] | None = None) -> None:
        """Review, show and save other `rows`; the cursor goes to the first one that was `added`.

        A template that came with the draft is for its rows alone.
        """
        rows, name = [*rows], self.common_fields.name_field.input
        if added and rows and not self.review.pastes:
            count = sum(row.keep for row in rows)
            if check_template(name.value, count=count) is None:
                rows, name.value = keep_names(rows, name.value), ""
        is_sending = self.state is ReviewState.SENDING
        skipped = self.review.replace(rows, added or (), is_sending=is_sending)
        if not is_sending:
            self.state = ReviewState.EDITING
        self.common_fields.check(sum(row.keep for row in self.review.rows))
        self.review_list.show(self.common_fields.common)
        if added:
            is_text = all(row.is_mere_text for row in added)
            self.review_list.highlighted = self.review_list.option_count if is_text else 0
            self.call_after_refresh(self.review_list.scroll_to_highlight, top=True)
        elif added is not None:
            self.notify(_("These links are in the draft already."), markup=False)
        self._explain()
        self._keep_draft()
        self._find_sent()
        if skipped:
            self.notify(added_meanwhile_text(skipped), severity="warning", markup=False)

    @on(OptionList.OptionHighlighted)
    def _explain(self) -> None:
        row = self.review_list.row
        self.detail.update(Content(sanitize(explanation(row)) if row else ""))

    @on(Input.Submitted, "#add-links")
    def _submit_typed(self, event: Input.Submitted) -> None:
        self.add_text()
        if self.review.rows and not event.value.strip():
            self.review_list.focus()

    @on(Input.Changed, "#add-links")
    def _keep_draft(self) -> Draft:
        rows = tuple(row for row in self.review.rows if not row.is_mere_text)
        values, initial = self.common_fields.values, self.common_fields.initial
        changed = {id: it for id, it in values.items() if it != initial.get(id)}
        draft = Draft(self.address.value, changed, rows)
        self._drafts.keep(draft)
        return draft

    def on_key(self, event: Key) -> None:
        """Take what is typed over the list as the start of an address."""
        is_typed = event.is_printable and event.key not in self.active_bindings
        if event.character and is_typed and self.focused is self.review_list:
            event.stop()
            self.address.focus()
            self.address.insert_text_at_cursor(event.character)

    def on_paste(self, event: Paste) -> None:
        event.stop()
        if self.focused is self.address:
            self.add_text(event.text)
            self.review_list.focus()
        else:
            self.add_text(f"\n{event.text}")

    @work(group="take-clipboard", exclusive=True)
    async def action_take_clipboard(self) -> None:
        if text := await self._read_clipboard():
            self.add_text(f"\n{text}")

    @on(OptionList.OptionSelected)
    @work(group="edit-row")
    async def _edit_row(self) -> None:
        if (row := self.review_list.row) is None:
            return
        target = redirect_target(row.text) or (row.test.url if row.test else "")
        url = target if row.is_undecided and target else row.text
        request = DownloadRequest(url, row.name, row.folder_id, row.callback_url)
        field = self.common_fields.folder.input
        folder = field.value or field.placeholder
        form = EditLinksScreen([request], engine=self._engine, row=row, common_folder=folder)
        if (requests := await self.app.push_screen_wait(form)) is not None:
            rows = {it.number: it for it in self.review.rows}
            rows[row.number] = edited(row, requests[0])  # the last one if queued meanwhile
            self._change(rows.values())

    @work(group="find-sent", exclusive=True)
    async def _find_sent(self) -> None:
        """Skip the links that were sent before, once the engine has told which they are."""
        if await self.review.find_sent(self._engine.client):
            self._judge_again()

    @on(Input.Changed, "#add-common Input")
    def _judge_again(self) -> None:
        if self.state is not ReviewState.QUEUED:
            self._change(self.review.rows)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no test where no machine can make one."""
        is_offered = action != "test" or bool(self._tests_from)
        return super().check_action(action, parameters) if is_offered else None

    def action_browse(self) -> None:
        self.common_fields.folder.action_browse()

    def action_toggle_row(self, with_alike: bool = False) -> None:
        """Keep or skip the row under the cursor, and all with its verdict if `with_alike`."""
        if (chosen := self.review_list.row) is None:
            self.review_list.toggle_texts()
        elif with_alike and chosen.is_kept_as_new:
            self.notify(_("These links are kept already: {review.toggle} skips one."), markup=False)
        elif chosen.has_link:
            kind = kind_of(chosen)
            self._change(
                toggled(row)
                if row.number == chosen.number or (with_alike and kind_of(row) == kind)
                else row
                for row in self.review.rows
            )
            self.review_list.action_move(not with_alike)

    def action_drop(self) -> None:
        if (row := self.review_list.row) is not None:
            self._change(self.review.drop(row))

    def action_empty(self) -> None:
        fields = self.common_fields
        if self.review.rows or self.address.value or fields.values != fields.initial:
            self.address.value, self._emptied = "", fields.values
            fields.fill(fields.initial)
            self.review.drafted = ()
            self._change(self.review.drop(*self.review.rows))
            self.address.focus()

    def action_restore(self) -> None:
        rows = list(self.review.rows)
        if not rows:
            self.common_fields.fill(self._emptied)
            self._emptied = {}
        for place, row in self.review.dropped.pop() if self.review.dropped else ():
            rows.insert(place, row)
        self._change(rows)

    def show_changes(self, change: ModelChange) -> None:
        """Skip the links that have appeared in the list meanwhile, and name the folders."""
        attachment = self._engine.model.attachment
        lost = Content.styled(lost_word(attachment), "bold $text-error")
        self.review_list.border_subtitle = "" if attachment.is_reachable else lost
        if change.folders_changed:
            self.common_fields.folder.check()
        if change.folders_changed or any(before is None for before, _task in change.moved):
            self._judge_again()
        elif change.attachment_changed:
            self._find_sent()

    @work(group="test-links")
    async def action_test(self) -> None:
        """Test the kept links if the user agrees; the rows show the results as they come."""
        if not self.is_active or self.state is ReviewState.SENDING or self.review.untested:
            return
        machine, links = self._tests_from, self.review.to_test
        if not links:
            self.notify(_("There is no link to test."), severity="warning", markup=False)
            return
        question = _("Test {links}?").format(links=count_links(len(links)))
        detail = _("Their hosts see the address of {machine}.").format(machine=machine)
        if not await confirm(self.app, question, yes=_("Test"), no=_("Do not test"), detail=detail):
            return
        timer = self.set_interval(TESTS_SHOWN_EVERY_S, self._judge_again)
        try:
            await self.review.test(links, self._engine.client)
        except Pan123Error as error:
            self._engine.show_error(error)
        finally:
            timer.stop()
        self._judge_again()

    def _stop_tests(self) -> bool:
        """Stop testing links, and return whether any test ran."""
        if is_running := self.review.untested > 0:
            self.workers.cancel_group(self, "test-links")
            self.review.untested = 0
            self._judge_again()
        return is_running

    # Queuing

    @work(group="submit-links")
    async def action_submit(self) -> None:
        self.add_text()
        self._stop_tests()
        if not self._may_submit():
            return
        fields = self.common_fields
        has_error = await fields.focus_error(fields)
        common, values, batch = fields.common, fields.values, fields.batch_label
        trouble = _("Nothing was queued: see the note below the field.")
        if not has_error:
            trouble = await self._find_folders()
        if not self._may_submit():
            return
        if trouble:
            self.app.bell()  # a message might cover the field
            self._trouble, self.state = trouble, ReviewState.FAILED
            return
        command = self.review.command(common, batch)
        submitted, self.state = self.review.rows, ReviewState.SENDING
        try:
            tasks = await self._engine.run(command)
        except Pan123Error as error:
            if isinstance(error, EngineLost):  # a duplicate that is kept may be queued by now
                self._change(give_up(self.review.rows, {row.key for row in submitted if row.keep}))
            self._trouble, self.state = failed_text(error), ReviewState.FAILED
        else:
            self._engine.added |= {task.id for task in tasks}
            if fields.values == values:  # otherwise they are meant for what was added meanwhile
                fields.fill(fields.initial)
            self._finish(len(tasks), command, submitted, common)

    async def _find_folders(self) -> str:
        """Find the folders that rows name, or make those said to be missing; return the trouble."""
        found: dict[str, int] = {}
        missing: dict[str, str] = {}
        told, self._missing = self._missing, missing
        try:
            while path := next(
                (
                    it.folder
                    for it in self.review.rows
                    if it.keep and it.folder and it.folder not in found | missing
                ),
                "",
            ):
                self.summary.update(_("Looking for the folder…"))
                names = tuple(path.strip("/").split("/"))
                search = await self._engine.ask(FindFolder(names, path in told))
                if search.folder is None:
                    missing[path] = not_found_text(search)
                else:
                    found[path] = search.folder.id
        except Pan123Error as error:
            self._missing = ()
            return explain_problem(error.problem).text
        if found:
            self._change(
                replace(it, folder_id=found[it.folder], folder="") if it.folder in found else it
                for it in self.review.rows
            )
        texts = [*dict.fromkeys(missing.values())][:3]
        again = _("{add.submit} again makes what is missing.")
        return join_sentences(*texts, again) if missing else ""

    def _may_submit(self) -> bool:
        if not self.is_active or self.state is ReviewState.SENDING:
            return False
        if any(row.keep for row in self.review.rows):
            return True
        self.notify(nothing_text(self.review.rows), severity="warning", markup=False)
        return False

    def _finish(
        self, queued: int, sent: AddTasks, submitted: Sequence[ReviewRow], common: DownloadRequest
    ) -> None:
        """Keep what needs a look, with what was `common`; close if nothing else has come."""
        self.app.clear_notifications()  # they speak of the review as it was
        entered = {row.as_entered: row.is_undecided for row in submitted}
        stays = {row: entered.get(row.as_entered, True) for row in self.review.rows}
        rest = [row for row in stays if stays[row]]
        gone = Content(comma()).join(left_out([row for row in stays if not stays[row]]))
        waiting = sum(row.waits for row in rest)
        skipped = len(sent.downloads) - queued
        text = queued_text(queued, skipped, gone.plain, waiting)
        self.notify(text, severity="warning" if skipped or waiting else "information", markup=False)
        has_changed = any(row.as_entered not in entered for row in rest)
        numbers = {row.number for row in submitted}
        self.review.rows = tuple(
            left_over(row, common, self._defaults, batch=sent.batch, number=number)
            if row.number in numbers
            else row
            for number, row in enumerate(rest, len(sent.downloads) + 1)
        )
        self.review.pastes = [max(numbers) + 1]
        self.state = ReviewState.EDITING
        self._change(self.review.rows)
        if not has_changed:
            self.state = ReviewState.QUEUED  # its own links appear in the list as it closes
            self._close_if_queued()

    def on_screen_resume(self) -> None:
        """Close if all was queued under another screen, and that one has added nothing."""
        self.call_after_refresh(self._close_if_queued)

    def _close_if_queued(self) -> None:
        if self.state is ReviewState.QUEUED and self.is_active:
            self.dismiss()

    # The draft

    def action_leave(self) -> None:
        if not self.is_active or self._stop_tests():
            return
        self.app.clear_notifications()
        if not self._keep_draft().is_empty:
            self.notify(_("Kept as a draft: {links.add} opens it."), markup=False)
        self.dismiss()

    @on(BeforeRemoval)
    def _save_last_changes(self) -> None:
        """Save what the last keys changed, even before their messages come."""
        if self.is_mounted:
            self._keep_draft()
        self._drafts.save()
