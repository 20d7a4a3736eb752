"""What a screen has not been sent yet: the rest of its snapshot, and its news in one slot."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice

from msgspec import Raw, Struct

from pan123_tui.client.protocol import Update, to_raw
from pan123_tui.client.updates import PendingUpdates
from pan123_tui.domain.events import EngineEvent, Status, TasksChanged
from pan123_tui.domain.folders import FolderCache
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection

MAX_CHUNK_BYTES = 256 * 2**10
MIN_CHUNK_BYTES = 8 * 2**10
FIRST_CHUNK_BYTES = 64 * 2**10
"""A screenful, many times over, and yet soon across a slow line."""
SLOW_S = 0.5
"""An update that is acknowledged later than this makes the next one smaller."""
FAST_S = 0.1
_ID_BYTES = 5
_CHECK_BYTES = 14


class EngineState(Struct):
    """The engine's state, as far as it goes to screens."""

    tasks: TaskCollection
    status: Status
    folders: FolderCache
    being_saved: Sequence[Mapping[int, Task | None]] = ()
    """For each commit under way, its tasks as they were published before it."""

    def published(self, task_id: int) -> Task | bytes | None:
        """Return a task, as its JSON if it is archived; what is not on disk yet is not shown."""
        for before in self.being_saved:
            if task_id in before:
                return before[task_id]
        document = self.tasks.archived.document(task_id)
        return self.tasks.get(task_id) if document is None else document


class ScreenFeed:
    """Divides the state into updates for one screen, of which one is on its way at a time.

    Snapshot and news hold ids and values that the engine has anyway, so a screen that takes
    nothing costs no more memory than the state.
    """

    def __init__(self, state: EngineState) -> None:
        self._state = state
        self._news = PendingUpdates()
        self._rest: dict[int, None] = {}
        """Sent from the end: a dictionary gives its first item slowly once many are gone."""
        self._is_first = True
        self._chunk_bytes = FIRST_CHUNK_BYTES
        self._unacknowledged: Update | None = None
        self.sequence = 0
        """The number of the last update."""
        self.restart()

    def restart(self) -> None:
        """Begin a fresh snapshot."""
        state = self._state
        self._news = PendingUpdates(status=state.status, folders=state.folders)
        self._rest = dict.fromkeys([*sorted(state.tasks.archived), *sorted(state.tasks.unfinished)])
        self._is_first = True
        self._unacknowledged = None

    def resume(self, sequence: int) -> bool:
        """Continue after the update `sequence`; return False if that is not possible."""
        last = self._unacknowledged
        if sequence == 0 or sequence not in (self.sequence, self.sequence - bool(last)):
            return False
        self.acknowledge(sequence)
        return True

    def add(self, event: EngineEvent) -> None:
        """Merge `event` into the news."""
        self._news.add(event)
        if isinstance(event, TasksChanged):
            for task_id in chain((task.id for task in event.tasks), event.removed):
                self._rest.pop(task_id, None)
                self._news.checked.pop(task_id, None)

    @property
    def after(self) -> int:
        """The number of the update that contains all that has happened so far."""
        return self.sequence + self._has_news

    @property
    def _has_news(self) -> bool:
        news = self._news
        return bool(news.tasks or news.removed or news.checked or news.status or news.folders)

    def next_update(self) -> Update | None:
        """Return what to send now: None while an update is unacknowledged or nothing is new.

        An update that was lost with a connection is returned again.
        """
        if self._unacknowledged is None and (self._has_news or self._rest or self._is_first):
            self._unacknowledged = self._build()
        return self._unacknowledged

    def is_waiting_for(self, sequence: int) -> bool:
        """Return whether the update `sequence` is not acknowledged yet."""
        last = self._unacknowledged
        return last is not None and last.sequence == sequence

    def acknowledge(self, sequence: int, *, after_s: float = FAST_S) -> None:
        """Allow the next update, and adapt its size to how long this one took."""
        if not self.is_waiting_for(sequence):
            return
        self._unacknowledged = None
        if after_s > SLOW_S:
            self._chunk_bytes = max(MIN_CHUNK_BYTES, self._chunk_bytes // 2)
        elif after_s < FAST_S:
            self._chunk_bytes = min(MAX_CHUNK_BYTES, self._chunk_bytes * 2)

    def _build(self) -> Update:
        self.sequence += 1
        is_first, self._is_first = self._is_first, False
        news, budget = self._news, _Budget(self._chunk_bytes)
        removed = budget.take(news.removed, _ID_BYTES)
        news.removed.difference_update(removed)
        checked = {i: news.checked.pop(i) for i in budget.take(news.checked, _CHECK_BYTES)}
        changed: list[Raw] = []
        while news.tasks and not budget.is_spent:
            _id, task = news.tasks.popitem()
            changed.append(budget.encoded(task))
        snapshot: list[Raw] = []
        archived: dict[int, bytes] = {}
        self._fill(budget, snapshot, archived)
        status, news.status = news.status, None
        folders = None
        if not is_first:  # they may be large, and the first tasks shall be there soon
            folders, news.folders = news.folders, None
        return Update(
            sequence=self.sequence,
            is_first=is_first,
            news=changed,
            snapshot=snapshot,
            archived=archived,
            remaining=len(self._rest),
            removed=removed,
            checked=checked,
            status=status,
            folders=folders,
        )

    def _fill(self, budget: "_Budget", snapshot: list[Raw], archived: dict[int, bytes]) -> None:
        """Take from the rest of the snapshot what has room, with the values of now."""
        while self._rest and not budget.is_spent:
            task_id, _none = self._rest.popitem()
            task = self._state.published(task_id)
            if isinstance(task, bytes):
                archived[task_id] = task
                budget.spend(len(task))
            elif task is not None:
                snapshot.append(budget.encoded(task))


class _Budget:
    """Counts the bytes of an update."""

    def __init__(self, size: int) -> None:
        self._left = size

    @property
    def is_spent(self) -> bool:
        return self._left <= 0

    def spend(self, size: int) -> None:
        self._left -= size

    def encoded(self, value: object) -> Raw:
        encoded = to_raw(value)
        self.spend(len(bytes(encoded)))
        return encoded

    def take(self, ids: Iterable[int], size: int) -> tuple[int, ...]:
        """Return as many of `ids` as there is room for, each of `size` bytes."""
        taken = tuple(islice(ids, max(0, self._left) // size))
        self.spend(size * len(taken))
        return taken
