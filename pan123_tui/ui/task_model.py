"""The mirror: the screen's own copy of the tasks, brought up to date from the engine's news."""

from collections import Counter
from collections.abc import Mapping, Set

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import Folder, FolderCache
from pan123_tui.domain.forecast import is_stalled
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.engine_bridge import PendingUpdates


class ModelChange(Struct, frozen=True):
    """What became different in the mirror."""

    tasks: tuple[Task, ...] = ()
    """New values of changed and new tasks."""
    removed: frozenset[int] = frozenset()
    moved: tuple[tuple[Task | None, Task], ...] = ()
    """Those that are in another state than before, or new: (before, now)."""
    stalled_changed: bool = False
    """Whether a task stalled, or a stalled one moved again."""
    status_changed: bool = False
    folders_changed: bool = False
    archive_loaded: bool = False
    """Whether the tasks of former runs came; they are not in `tasks`."""

    @property
    def is_more_than_progress(self) -> bool:
        """Whether tasks came, went, or are in another state."""
        return bool(self.removed or self.moved or self.archive_loaded)


class TaskModel:
    """The tasks and the status as the screen knows them."""

    def __init__(self) -> None:
        self._tasks = TaskCollection()
        self._tallies: Counter[TaskState] = Counter()
        self._stalled: set[int] = set()
        self._percents: dict[int, float] = {}
        self.status = Status()
        self.folders = FolderCache()
        self.default_folder: Folder | None = None
        """The folder that the settings name."""
        self.is_loaded = False
        """False until the engine has told its tasks for the first time."""

    @property
    def tasks(self) -> TaskCollection:
        """All tasks by id; only `apply` changes them."""
        return self._tasks

    @property
    def folder_names(self) -> dict[int, str]:
        """The names of the folders that are known, by id."""
        given = self.default_folder
        return ({given.id: given.name} if given else {}) | self.folders.names

    @property
    def counts(self) -> Mapping[TaskState, int]:
        """How many tasks are in each state."""
        return self._tallies

    @property
    def stalled(self) -> Set[int]:
        """The ids of the active tasks that have stood still for long."""
        return self._stalled

    @property
    def mean_percent(self) -> float | None:
        """How far the active tasks are on average; None: there are none."""
        percents = self._percents.values()
        return sum(percents) / len(percents) if percents else None

    def apply(self, news: PendingUpdates) -> ModelChange:
        """Take the news over and tell what became different."""
        if news.loaded is not None:
            self._load(news.loaded.copy())
        moved = []
        for task in news.tasks.values():
            before = self._tasks.get(task.id)
            if before is None or before.state is not task.state:
                moved.append((before, task))
                self._count(before, task)
            self._tasks.put(task)
            if task.is_active:
                self._percents[task.id] = task.percent
            else:
                self._percents.pop(task.id, None)
        removed = frozenset(news.removed & self._tasks.keys())
        for task_id in removed:
            self._tallies[self._tasks.pop(task_id).state] -= 1
            self._percents.pop(task_id, None)
        self._note_checks(news.checked)
        are_stalls_new = self._note_stalls(news.tasks.keys() | news.checked.keys() | removed)
        is_status_new = news.status is not None and news.status != self.status
        if news.status is not None:
            self.status = news.status
        are_folders_new = news.folders is not None and news.folders != self.folders
        if news.folders is not None:
            self.folders = news.folders
        self.is_loaded = True
        return ModelChange(
            tuple(news.tasks.values()),
            removed,
            tuple(moved),
            are_stalls_new,
            is_status_new,
            are_folders_new,
            news.loaded is not None,
        )

    def _load(self, tasks: TaskCollection) -> None:
        self._tasks = tasks
        self._tallies = Counter(header.state for header in tasks.headers())
        self._percents = {
            task.id: task.percent for task in tasks.unfinished.values() if task.is_active
        }
        self._stalled = {task.id for task in tasks.unfinished.values() if is_stalled(task)}

    def _count(self, before: Task | None, now: Task) -> None:
        if before is not None:
            self._tallies[before.state] -= 1
        self._tallies[now.state] += 1

    def _note_checks(self, checked: Mapping[int, float]) -> None:
        for task_id, at in checked.items():
            task = self._tasks.get(task_id)
            if task is not None and (task.checked_at or 0) < at:
                self._tasks.put(replace(task, checked_at=at))

    def _note_stalls(self, touched: Set[int]) -> bool:
        """Keep the stalled ones known; tell whether they are others than before."""
        known = self._tasks
        now = {i for i in touched if (task := known.get(i)) is not None and is_stalled(task)}
        before = self._stalled & touched
        self._stalled -= before - now
        self._stalled |= now
        return now != before
