"""The review: its rows and their list, what it is doing, and what is said of both."""

from bisect import bisect
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum, auto
from functools import partial

from msgspec.structs import replace
from textual.binding import Binding
from textual.content import Content
from textual.css.styles import RulesMap
from textual.events import Click, Key
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.commands import AddTasks, FindSent, ProbeLink
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.probes import ProbeResult, probe_links
from pan123_tui.domain.links.review import (
    ReviewRow,
    Verdict,
    final_names,
    give_up,
    judge,
    known_links,
    numbered,
    to_requests,
    with_test,
)
from pan123_tui.domain.sanitize import TruncateAt, encodable, hide_password, sanitize, width
from pan123_tui.domain.task import DownloadRequest, SentLink
from pan123_tui.i18n import N_, _, comma, join_sentences, ngettext
from pan123_tui.ui.widgets.styled_text import GAP
from pan123_tui.wording.formats import count_links, folder_name, number
from pan123_tui.wording.inputs import size_texts, test_word, verdict_text
from pan123_tui.wording.problems import explain_problem

MIN_SINGLE_LINE_WIDTH = 70
TESTS_SHOWN_EVERY_S = 0.5
"""Results of tests appear together, since all rows are judged again."""
MIN_VERDICT_CELLS, VERDICT_CELLS = 12, 24
_MAX_FOLDER_CELLS = 20
_MARK_CELLS = 2
_MUTED = "$text-muted"
_SIGNS = {
    Verdict.KEPT: ("√", "$text-success"),
    Verdict.DOUBTFUL: ("?", "$text-warning"),
    Verdict.REFUSED: ("×", "$text-error"),
    Verdict.SKIPPED: ("-", _MUTED),
}


class ReviewState(Enum):
    """What the screen is doing; SENDING ends in FAILED, QUEUED or, if rows came, in EDITING."""

    EDITING = auto()
    SENDING = auto()
    """The engine's answer is awaited: links that enter the list now may be the queued ones."""
    FAILED = auto()
    QUEUED = auto()
    """All that was kept is queued: the screen closes."""


class Review:
    """Judges rows by the tasks of the model, and makes the command that queues them."""

    def __init__(self, model: TaskModel) -> None:
        self.model = model
        self.rows: tuple[ReviewRow, ...] = ()
        """By age, the lines without a link at the end."""
        self._last = 0
        """The highest number that a row had before the latest paste."""
        self.pastes: list[int] = []
        """The first numbers of the pastes since the screen opened, or was last queued."""
        self._known: Mapping[str, int] = {}
        """The newest task of each link in the list, by the key that its spellings share."""
        self._known_count = self._newest_known = 0
        """How many tasks the list had then, and the newest of them."""
        self._sent: dict[str, SentLink | None] = {}
        """What became of the links that the engine was asked about, if they were sent before."""
        self.drafted: Collection[str] = ()
        """The links of the former draft, of which another paste makes no second row."""
        self.dropped: list[list[tuple[int, ReviewRow]]] = []
        """What each drop took away, with the places."""
        self.untested = 0
        """How many links are being tested."""
        self._tests: dict[str, ProbeResult] = {}
        """The latest result for each link that was tested."""

    def drop(self, *dropped: ReviewRow) -> list[ReviewRow]:
        numbers = {row.number for row in dropped}
        self.dropped.append([it for it in enumerate(self.rows) if it[1].number in numbers])
        return [row for row in self.rows if row.number not in numbers]

    def read(self, text: str) -> list[ReviewRow]:
        """Return the rows of `text`, except those that are in the draft already."""
        return [row for row in extract(encodable(text)) if row.text not in self.drafted]

    def replace(
        self,
        rows: Iterable[ReviewRow],
        pasted: Sequence[ReviewRow] = (),
        *,
        is_sending: bool = False,
    ) -> int:
        """Take other `rows`; return how many kept ones others have added to the list."""
        rows = [*rows]
        tasks, former = self.model.tasks, self._known
        count, newest = len(tasks), max(tasks, default=0)
        if (count, newest) != (self._known_count, self._newest_known) and not is_sending:
            self._known_count, self._newest_known = count, newest
            self._known = known_links(tasks.values())
        for key in former.keys() - self._known.keys():  # those that have left the list
            self._sent.pop(key, None)
        arrived = self._known.keys() - former.keys()
        skipped = sum(row.keep and row.key in arrived for row in self.rows)
        self._last = max((self._last, *(it.number for it in (*self.rows, *rows))))
        if pasted:
            self.pastes.append(self._last + 1)
        ordered = sorted(give_up((*rows, *pasted), arrived), key=lambda row: row.is_mere_text)
        judged = judge(numbered(ordered, self._last), self._known, self._sent)
        self.rows = tuple(with_test(row, self._tests.get(row.text)) for row in judged)
        return skipped

    async def find_sent(self, engine: EngineClient) -> bool:
        """Ask the engine which other links were sent before, and return whether any was."""
        keys = {row.key for row in self.rows if row.has_link} - self._sent.keys()
        try:
            found = await engine.call(FindSent(tuple(keys))) if keys else {}
        except Pan123Error:  # it leaves them out all the same
            return False
        self._sent |= {key: found.get(key) for key in keys}
        return bool(found)

    def paste_of(self, row: ReviewRow) -> int:
        """Return which of the `pastes` it is from; 0: one before them."""
        return bisect(self.pastes, row.number)

    @property
    def for_template(self) -> Sequence[ReviewRow]:
        """The rows, of which those below the latest pastes take no template."""
        if not any(map(self.paste_of, self.rows)):
            return self.rows
        return [it if self.paste_of(it) else replace(it, has_own_name=True) for it in self.rows]

    @property
    def to_test(self) -> list[str]:
        """The testable links, without those that were tested if there are others."""
        rows = [row for row in self.rows if row.is_testable]
        return [*{row.text: 0 for row in [it for it in rows if it.test is None] or rows}]

    async def test(self, links: Collection[str], engine: EngineClient) -> None:
        """Have the engine test `links`, each of which is another one; raises `Pan123Error`."""

        async def probe(url: str) -> None:
            self._tests[url] = await engine.call(ProbeLink(url))
            self.untested -= 1

        self.untested = len(links)
        try:
            await probe_links(links, probe)
        finally:
            self.untested = 0

    def command(self, common: DownloadRequest, batch: str) -> AddTasks:
        newest_known = self._newest_known if self.model.is_complete else 0
        again = frozenset(row.text for row in self.rows if row.keep and row.is_duplicate)
        batches = {it.text: it.batch for it in self.rows if it.keep and it.batch and not batch}
        return AddTasks(to_requests(self.for_template, common), batch, newest_known, again, batches)


def counted_text(review: Review) -> Content:
    """Return how many rows will be queued, skipped and refused, and what tests have shown."""
    rows, dropped = review.rows, sum(map(len, review.dropped))
    dead, sizes = sum(it.is_dead for it in rows), size_texts(rows, review.model.status.account)
    kept = sum(row.keep for row in rows)
    links = _("{links} to queue").format(links=count_links(kept))
    undecided = sum(it.is_undecided for it in rows)
    parts = [
        Content.styled(links, "$text-success" if kept else _MUTED),
        *_counted((dead, _("{count} dead"), "$text-error")),
        *_counted((undecided - dead, _("{count} to look at"), "$text-warning")),
        *left_out(rows),
        *_counted((dropped, _("{count} dropped, {add.undo}"), _MUTED)),
        *_counted((review.untested, _("testing {count}, {add.leave} stops"), "$text-warning")),
    ]
    for text, style in zip(sizes, ("$text-muted", "$text-warning"), strict=True):
        parts += [Content.styled(text, style)] if text else []
    return Content(comma()).join(parts)


def _counted(*numbered: tuple[int, str, str]) -> list[Content]:
    """Return the texts, with count and style, of what there is any of."""
    return [
        Content.styled(text.format(count=number(count)), style)
        for count, text, style in numbered
        if count
    ]


def left_out(rows: Sequence[ReviewRow]) -> list[Content]:
    """Return how many are refused, duplicates or skipped: what goes when the others are queued."""
    counts = Counter(row.verdict for row in rows if not row.is_mere_text)
    known = [row for row in rows if row.is_duplicate and not row.keep]
    sent = sum(row.sent is not None for row in known)
    duplicates = len(known) - sent
    return _counted(
        (counts[Verdict.REFUSED], _("{count} refused"), "$text-error"),
        (duplicates, ngettext("{count} duplicate", "{count} duplicates", duplicates), _MUTED),
        (sent, _("{count} sent before"), _MUTED),
        (counts[Verdict.SKIPPED] - len(known), _("{count} skipped"), _MUTED),
    )


def nothing_text(rows: Sequence[ReviewRow]) -> str:
    """Return why there is nothing to queue."""
    if any(row.verdict is Verdict.DOUBTFUL for row in rows):
        return _("These links need a look: {review.toggle} keeps one, {review.edit} edits it.")
    if any(row.has_link for row in rows):
        return _("All links are duplicates or skipped: {review.toggle} keeps one.")
    return _("There is no link to queue yet.")


def failed_text(error: Pan123Error) -> str:
    explanation = explain_problem(error.problem)
    if isinstance(error, EngineLost):
        skipped = _(
            "The links may have been queued all the same; those that appear in the list will "
            "be skipped."
        )
        return join_sentences(explanation.summary, skipped)
    return join_sentences(explanation.text, _("Nothing was queued; everything is still here."))


class RowVisual(Visual):
    """One row, drawn only when it comes into sight, so that any number of links is possible."""

    def __init__(self, draw: Callable[[int], Content]) -> None:
        self._draw = draw

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        return 1 if width >= MIN_SINGLE_LINE_WIDTH else 2

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return self._draw(width).render_strips(width, height, style, options)


def kind_of(row: ReviewRow) -> object:
    known = row.is_repeated, row.known_as > 0, bool(row.sent)
    return row.verdict, row.doubt, row.reason, known, test_word(row)


def _column(text: str, cells: int, style: str, *, cut: TruncateAt = "end") -> Content:
    """Return untrusted `text` cut or padded to `cells` cells, with a gap at its end."""
    shown = sanitize(text, max(cells - GAP, 0), truncate_at=cut)
    return Content.styled(shown, style).pad_right(max(cells - width(shown), 0))


class ReviewList(OptionList):
    """Shows review rows; lines without a link share one at the end, which can be opened.

    No letter is a key of it: each may begin an address, which is typed or comes as a plain paste.
    """

    BINDINGS = [
        Binding("space", "screen.toggle_row", N_("on/off"), id="review.toggle"),
        Binding("ctrl+a", "screen.toggle_row(True)", N_("all like this"), id="review.toggle_alike"),
        Binding("enter", "select", N_("edit"), id="review.edit"),
        Binding("delete", "screen.drop", N_("drop"), id="review.drop"),
        Binding("backspace", "screen.drop", show=False),  # the only one that a phone has
        Binding("up", "move(-1)", N_("up"), id="review.up", show=False),
        Binding("down", "move(1)", N_("down"), id="review.down", show=False),
    ]

    def __init__(self, review: Review, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._review = review
        self._names: Mapping[int, str] = {}
        """The name that each row will be sent with, by its number."""
        self._folder_id: int | None = None
        """The folder of rows that have none of their own."""
        self._verdict_cells = MIN_VERDICT_CELLS
        """The width of the widest verdict since rows were added."""
        self._shown: Sequence[ReviewRow | str] = ()
        """The rows as they are shown, the latest paste first, and the lines between them."""
        self._texts: Sequence[str] = ()
        """The texts of those lines; empty for a row."""
        self._earlier = -1
        """The place of the line above those of an earlier paste; -1: there is none."""
        self._is_open = False

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor; None on the line that opens."""
        line = "" if self.highlighted is None else self._shown[self.highlighted]
        return None if isinstance(line, str) else line

    def show(self, common: DownloadRequest) -> None:
        """Show the rows, for which `common` completes; the cursor stays in its place."""
        rows, self._folder_id = self._review.rows, common.folder_id
        names = final_names(self._review.for_template, common.name)
        former = self._names.keys()
        self._names = {row.number: name for row, name in zip(rows, names, strict=True)}
        fewest = self._verdict_cells if self._names.keys() <= former else MIN_VERDICT_CELLS
        verdicts = {self._verdict_of(row) for row in rows if not row.is_mere_text}
        self._verdict_cells = min(max((fewest, *map(width, verdicts))), VERDICT_CELLS)
        self._show_lines()

    def _show_lines(self) -> None:
        review = self._review
        texts = [row for row in review.rows if row.is_mere_text]
        links = [row for row in review.rows if not row.is_mere_text]
        links.sort(key=review.paste_of, reverse=True)
        new = sum(review.paste_of(row) > 0 for row in links)
        self._earlier = new if 0 < new < len(links) else -1
        lines: list[ReviewRow | str] = [*links]
        if self._earlier > 0:
            lines.insert(new, _("from an earlier paste"))
        if texts:
            text = ngettext("{count} line of other text", "{count} lines of other text", len(texts))
            sign = "▾" if self._is_open else "▸"
            lines += [f"{sign} {text}", *(texts if self._is_open else ())]
        self._shown = lines or [_("Each link becomes a row.")]
        former, self._texts = self._texts, [it if isinstance(it, str) else "" for it in self._shown]
        if self._texts == former:
            # One new prompt makes all rows redraw, in a fraction of the time that new options take.
            self.replace_option_prompt_at_index(0, self.options[0].prompt)
            return
        cursor, top = self.highlighted or 0, self.scroll_y
        self.set_options(
            Option(
                text or RowVisual(partial(self.draw, place)),
                disabled=place == self._earlier or not review.rows,
            )
            for place, text in enumerate(self._texts)
        )
        self.scroll_to(y=top, animate=False, immediate=True)
        self.highlighted = cursor

    def validate_highlighted(self, highlighted: int | None) -> int | None:
        """Pass over the line above what is from an earlier paste."""
        place = super().validate_highlighted(highlighted)
        if place is None or place != self._earlier:
            return place
        return place - 1 if self.highlighted == place + 1 else place + 1

    def action_move(self, places: int) -> None:
        """Move the cursor, but not from one end of the list to the other."""
        self.highlighted = (self.highlighted or 0) + places

    def action_select(self) -> None:
        if self.row is None:
            self.toggle_texts()
        else:
            super().action_select()

    def on_click(self, event: Click) -> None:
        event.prevent_default()
        self.highlighted = event.style.meta.get("option", self.highlighted)

    def on_key(self, event: Key) -> None:
        """Leave the list at its upper end."""
        if event.key == "up" and not self.highlighted:
            self.screen.focus_previous()

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def _verdict_of(self, row: ReviewRow) -> str:
        return verdict_text(row, self._review.model.tasks.get(row.known_as))

    def draw(self, place: int, cells: int) -> Content:
        """Return the row at `place` as one line of `cells` cells, or as two if there are few."""
        row, model = self._shown[place], self._review.model
        assert isinstance(row, ReviewRow)  # noqa: S101 - other lines are drawn by themselves
        text = hide_password(row.text)
        link, name = text if row.has_link else "", text
        if link:
            name = self._names[row.number] or row.shown_name
        own_folder = row.folder
        if not own_folder and row.folder_id not in (None, self._folder_id):
            own_folder = folder_name(row.folder_id or 0, model.folder_names)
        folder = sanitize(own_folder and f"→ {own_folder}", _MAX_FOLDER_CELLS)
        folder_cells = width(folder) + GAP if folder else 0
        sign, verdict_style = _SIGNS[Verdict.REFUSED if row.is_dead else row.verdict]
        if (row.is_duplicate or row.doubt) and not row.is_dead:
            verdict_style = "$text-warning"
        name_style = _MUTED if row.verdict is Verdict.SKIPPED else ""
        if not (is_single := cells >= MIN_SINGLE_LINE_WIDTH):
            link = link.removeprefix("https://")  # so that the host has the room
        free = max(cells - _MARK_CELLS, 0)
        verdict_cells = min(self._verdict_cells + GAP, free)
        link_cells = (free - verdict_cells) // (1 + is_single)
        name_cells = free - (verdict_cells + (link_cells if link else 0)) * is_single
        columns = [
            _column(self._verdict_of(row), verdict_cells, verdict_style),
            _column(name, name_cells - folder_cells, name_style, cut="middle" if link else "end"),
            _column(folder, folder_cells, _MUTED),
            _column(link, link_cells, _MUTED),  # its end is in the name
        ]
        if not is_single:
            columns.insert(2, Content("\n" + " " * _MARK_CELLS) + columns.pop(0))
        return Content.styled(f"{sign} ", verdict_style).append(Content("").join(columns))

    def toggle_texts(self) -> None:
        if self._review.rows:
            self._is_open = not self._is_open
            self._show_lines()
            if self._is_open:  # otherwise only the arrow would change, at the end of the list
                self.call_after_refresh(self.scroll_to_highlight, top=True)
