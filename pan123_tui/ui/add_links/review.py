"""The rows under review: what the user does to them, and which links are in the list already."""

from collections.abc import Iterable, Mapping

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import (
    ReviewRow,
    count_rows,
    edited,
    is_alike,
    judge,
    known_links,
    mark_known,
    toggled,
)
from pan123_tui.domain.task import DownloadRequest


class Review:
    """Holds the rows, the lines without a link at the end."""

    def __init__(self, model: TaskModel) -> None:
        self._model = model
        self.rows: tuple[ReviewRow, ...] = ()
        self.is_queuing = False
        """Whether an answer is waited for: what comes into the list may be these links."""
        self.newest_known = 0
        """The newest task whose link is known to be a duplicate."""
        self._known_count = 0
        self._known: Mapping[str, int] = {}
        self._dropped: tuple[ReviewRow, ...] = ()
        self._drafted: frozenset[str] = frozenset()
        """The links of the former draft, of which another paste makes no second row."""

    def add(self, rows: Iterable[ReviewRow]) -> None:
        """Add rows, but for those that the former draft has."""
        self._judge((*self.rows, *(row for row in rows if row.text not in self._drafted)))

    def add_draft(self, rows: Iterable[ReviewRow]) -> None:
        """Add the rows of the former draft."""
        self.add(rows)
        self._drafted = frozenset(row.text for row in self.rows)

    def toggle(self, index: int, *, with_alike: bool) -> None:
        """Take or skip a row, and all with the same verdict if `with_alike`."""
        row = self.rows[index]
        self._judge(
            toggled(it) if it is row or (with_alike and is_alike(it, row)) else it
            for it in self.rows
        )

    def edit(self, row: ReviewRow, index: int, request: DownloadRequest) -> None:
        """Put `request` in the place of `row`, which was the row at `index`."""
        rows = [*self.rows]
        places = (place for place, it in enumerate(rows) if it is row)
        rows[next(places, index)] = edited(row, request)
        self._judge(rows)

    def drop(self, index: int) -> None:
        """Drop a row, until `restore`."""
        self._dropped = (self.rows[index],)
        self._judge((*self.rows[:index], *self.rows[index + 1 :]))

    def empty(self) -> None:
        """Drop all rows, until `restore`."""
        self._dropped, self._drafted, self.rows = self.rows, frozenset(), ()

    def restore(self) -> None:
        """Bring back what was dropped last."""
        dropped, self._dropped = self._dropped, ()
        self._judge((*self.rows, *dropped))

    def remove_queued(self, submitted: Iterable[ReviewRow]) -> None:
        """Remove what was queued of `submitted`."""
        queued = {id(row) for row in submitted if not row.waits}
        self.rows = tuple(row for row in self.rows if id(row) not in queued)

    def skip_known(self) -> int:
        """Skip the rows whose links came into the list since the last time; return how many."""
        tasks = self._model.tasks
        version = (len(tasks), max(tasks, default=0))
        if self.is_queuing or version == (self._known_count, self.newest_known):
            return 0
        former, self._known = self._known, known_links(tasks.values())
        self._known_count, self.newest_known = version
        arrived = {key: self._known[key] for key in self._known.keys() - former.keys()}
        kept = count_rows(self.rows).kept
        self.rows = tuple(mark_known(self.rows, arrived))
        return kept - count_rows(self.rows).kept

    def _judge(self, rows: Iterable[ReviewRow]) -> None:
        ordered = sorted(rows, key=lambda row: row.is_mere_text)
        self.rows = judge(ordered, self._known)
