"""The rows under review: what the user does to them, and which links are in the list already."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import (
    ReviewRow,
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
        self.skipped = 0
        """How many rows were skipped that the user has not been told of."""
        self.newest_known = 0
        """The newest task whose link is known to be a duplicate."""
        self._known_count = 0
        self._known: Mapping[str, int] = {}
        self._dropped: tuple[ReviewRow, ...] = ()
        self._drafted: frozenset[str] = frozenset()
        """The links of the former draft, of which another paste makes no second row."""

    def add(self, rows: Iterable[ReviewRow]) -> None:
        """Add rows, but for those that the former draft has."""
        new = [row for row in rows if row.text not in self._drafted]
        self._change(lambda former: (*former, *new))

    def add_draft(self, rows: Iterable[ReviewRow]) -> None:
        """Add the rows of the former draft."""
        self.add(rows)
        self._drafted = frozenset(row.text for row in self.rows)

    def toggle(self, index: int, *, with_alike: bool) -> None:
        """Take or skip a row, and all with the same verdict if `with_alike`."""
        chosen = self.rows[index]
        self._change(
            lambda rows: [
                toggled(row) if place == index or (with_alike and is_alike(row, chosen)) else row
                for place, row in enumerate(rows)
            ]
        )

    def edit(self, row: ReviewRow, index: int, request: DownloadRequest) -> None:
        """Put `request` in the place of `row`, which was at `index` when its form was opened."""
        place = next((place for place, it in enumerate(self.rows) if it is row), index)
        self._change(lambda rows: (*rows[:place], edited(rows[place], request), *rows[place + 1 :]))

    def drop(self, index: int) -> None:
        """Drop a row, until `restore`."""
        self._dropped = (self.rows[index],)
        self._change(lambda rows: (*rows[:index], *rows[index + 1 :]))

    def empty(self) -> None:
        """Drop all rows, until `restore`."""
        self._dropped, self._drafted, self.rows = self.rows, frozenset(), ()

    def restore(self) -> None:
        """Bring back what was dropped last."""
        dropped, self._dropped = self._dropped, ()
        self._change(lambda rows: (*rows, *dropped))

    def remove_queued(self, submitted: Iterable[ReviewRow]) -> None:
        """Remove what was queued of `submitted`."""
        queued = {id(row) for row in submitted if not row.waits}
        self.rows = tuple(row for row in self.rows if id(row) not in queued)

    def skip_known(self) -> None:
        """Skip the rows whose links came into the list since the last time."""
        tasks = self._model.tasks
        version = (len(tasks), max(tasks, default=0))
        if self.is_queuing or version == (self._known_count, self.newest_known):
            return
        former, self._known = self._known, known_links(tasks.values())
        self._known_count, self.newest_known = version
        arrived = {key: self._known[key] for key in self._known.keys() - former.keys()}
        kept = sum(row.keep for row in self.rows)
        self.rows = tuple(mark_known(self.rows, arrived))
        self.skipped += kept - sum(row.keep for row in self.rows)

    def _change(self, change: Callable[[Sequence[ReviewRow]], Iterable[ReviewRow]]) -> None:
        """Change the rows, once those that came into the list meanwhile are skipped."""
        self.skip_known()
        ordered = sorted(change(self.rows), key=lambda row: row.is_mere_text)
        self.rows = judge(ordered, self._known)
