"""The review: its rows, what it is doing, and what is said of both."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum, auto

from textual.content import Content

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import EngineLost, Pan123Error
from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.review import (
    ReviewRow,
    Verdict,
    edited,
    give_up,
    judge,
    known_links,
    numbered,
    to_requests,
)
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _, comma, join_sentences, ngettext
from pan123_tui.wording.formats import count_links, number
from pan123_tui.wording.problems import explain_problem


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
        self._model = model
        self.rows: tuple[ReviewRow, ...] = ()
        """The lines without a link are at the end."""
        self._known: Mapping[str, int] = {}
        """The newest task of each link in the list, by the key that its spellings share."""
        self._known_count = self._newest_known = 0
        """How many tasks the list had then, and the newest of them."""
        self.drafted: Collection[str] = ()
        """The links of the former draft, of which another paste makes no second row."""
        self.dropped: list[list[tuple[int, ReviewRow]]] = []
        """What each drop took away, with the places: `restore` brings back the latest."""

    def drop(self, *dropped: ReviewRow) -> list[ReviewRow]:
        """Return the rows without `dropped`."""
        numbers = {row.number for row in dropped}
        self.dropped.append([it for it in enumerate(self.rows) if it[1].number in numbers])
        return [row for row in self.rows if row.number not in numbers]

    def restore(self) -> list[ReviewRow]:
        """Return the rows with what the latest drop took away."""
        rows = list(self.rows)
        for place, row in self.dropped.pop() if self.dropped else ():
            rows.insert(place, row)
        return rows

    def edit(self, row: ReviewRow, request: DownloadRequest) -> list[ReviewRow]:
        """Return the rows with `row` as edited, at the end if it was queued meanwhile."""
        rows = {it.number: it for it in self.rows}
        return [*(rows | {row.number: edited(row, request)}).values()]

    def read(self, text: str) -> list[ReviewRow]:
        """Return the rows of `text`, except those that are in the draft already."""
        # Half characters are lost anyway, and cannot be saved.
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return [row for row in extract(whole) if row.text not in self.drafted]

    def replace(self, rows: Iterable[ReviewRow], *, is_sending: bool = False) -> int:
        """Take other `rows`; return how many kept ones others have added to the list."""
        tasks, former = self._model.tasks, self._known
        count, newest = len(tasks), max(tasks, default=0)
        if (count, newest) != (self._known_count, self._newest_known) and not is_sending:
            self._known_count, self._newest_known = count, newest
            self._known = known_links(tasks.values())
        arrived = self._known.keys() - former.keys()
        skipped = sum(row.keep and row.key in arrived for row in self.rows)
        ordered = sorted(give_up(rows, arrived), key=lambda row: row.is_mere_text)
        self.rows = judge(numbered(ordered), self._known)
        return skipped

    def command(self, common: DownloadRequest, batch: str) -> AddTasks:
        """Return the command that queues the kept rows with what is `common` to them."""
        newest_known = self._newest_known if self._model.is_complete else 0
        again = frozenset(row.text for row in self.rows if row.keep and row.is_duplicate)
        return AddTasks(to_requests(self.rows, common), batch, newest_known, again)


def counted_text(rows: Sequence[ReviewRow], dropped: int) -> Content:
    """Return how many rows will be queued, skipped and refused, and how many were dropped."""
    counts = Counter(row.verdict for row in rows if not row.is_mere_text)
    kept, duplicates = counts[Verdict.KEPT], sum(row.is_duplicate and not row.keep for row in rows)
    links = _("{links} to queue").format(links=count_links(kept))
    duplicate = ngettext("{count} duplicate", "{count} duplicates", duplicates)
    numbered = (
        (counts[Verdict.DOUBTFUL], _("{count} to look at"), "$text-warning"),
        (counts[Verdict.REFUSED], _("{count} refused"), "$text-error"),
        (duplicates, duplicate, "$text-muted"),
        (counts[Verdict.SKIPPED] - duplicates, _("{count} skipped"), "$text-muted"),
        (dropped, _("{count} dropped, {add.undo}"), "$text-muted"),
    )
    parts = [Content.styled(links, "$text-success" if kept else "$text-muted")]
    parts += [
        Content.styled(text.format(count=number(count)), style)
        for count, text, style in numbered
        if count
    ]
    return Content(comma()).join(parts)


def failed_text(error: Pan123Error) -> str:
    """Return why nothing was queued, or that it is not known whether anything was."""
    explanation = explain_problem(error.problem)
    if isinstance(error, EngineLost):
        skipped = _(
            "The links may have been queued all the same; those that appear in the list will "
            "be skipped."
        )
        return join_sentences(explanation.summary, skipped)
    return join_sentences(explanation.text, _("Nothing was queued; everything is still here."))


def empty_reason(rows: Sequence[ReviewRow]) -> str:
    """Return why there is nothing to queue."""
    if any(row.verdict is Verdict.DOUBTFUL for row in rows):
        return _("These links need a look: {review.toggle} keeps one, {review.edit} edits it.")
    if any(row.has_link for row in rows):
        return _("All links are duplicates or skipped: {review.toggle} keeps one.")
    return _("There is no link to queue yet.")
