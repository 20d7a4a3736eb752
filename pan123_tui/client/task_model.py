"""The view model: the screen's copy of the tasks, kept up to date from the engine's events."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.client.updates import Attachment, AttachmentState, PendingUpdates
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.newest_batch import NewestBatch
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection


class ModelChange(Struct, frozen=True):
    """What an update changed in the model."""

    tasks: tuple[Task, ...] = ()
    """New values of changed and new tasks."""
    removed: frozenset[int] = frozenset()
    moved: tuple[tuple[Task | None, Task], ...] = ()
    """New tasks, and those whose state, batch, arrival or place changed: (before, now)."""
    folders_changed: bool = False
    archive_loaded: bool = False
    """Whether the tasks of earlier runs were loaded; they are not in `tasks`."""
    rest_loaded: bool = False
    """Whether those were not the first ones of this engine."""
    attachment_changed: bool = False
    settings_saved: bool = False
    """Whether a screen, perhaps another one, has saved settings."""

    @property
    def is_more_than_progress(self) -> bool:
        """Whether tasks were added, removed, or changed their state."""
        return bool(self.removed or self.moved or self.archive_loaded)


class TaskModel:
    """The tasks, the folders and the engine's status."""

    def __init__(self) -> None:
        self.tasks = TaskCollection()
        """All tasks by id; only `apply` changes them and their counts."""
        self.newest_batch = NewestBatch()
        self.revision = 0
        """How many updates were applied."""
        self.status = Status()
        self.attachment = Attachment()
        """Which engine the tasks come from."""
        self.folders = FolderTree()
        self.default_folder: Folder | None = None
        """The folder that the settings name."""
        self.is_loaded = False
        """Whether the engine has sent its tasks."""
        self.is_complete = True
        """Whether the engine has sent all of them; it begins with a part."""

    @property
    def counts(self) -> Counter[Shown]:
        """The number of tasks that are shown by each word."""
        return self.newest_batch.all_counts

    @property
    def folder_names(self) -> dict[int, str]:
        """The paths of the known folders by id, or their names if only those are known."""
        default = self.default_folder
        return ({default.id: default.name} if default else {}) | self.folders.names

    @property
    def mean_percent(self) -> float | None:
        """The mean progress of the active tasks; None if there are none."""
        percents = [task.percent for task in self.tasks.unfinished.values() if task.is_active]
        return sum(percents) / len(percents) if percents else None

    def apply(self, updates: PendingUpdates) -> ModelChange:
        """Apply `updates` and return what changed."""
        self.revision += 1
        known = self.tasks.unfinished
        moved: list[tuple[Task | None, Task]] = []
        if updates.loaded is not None and not updates.is_first:
            self.tasks.update(updates.loaded.values())
        elif updates.loaded is not None:
            self.tasks = updates.loaded
            again = ((before, self.tasks.get(before.id)) for before in known.values())
            moved += [(before, now) for before, now in again if now and _has_moved(before, now)]
        for task in updates.tasks.values():
            if _has_moved(before := self.tasks.get(task.id), task):
                moved.append((before, task))
            self.tasks.put(task)
        removed = frozenset(updates.removed & self.tasks.keys())
        gone = [self.tasks.pop(task_id) for task_id in removed]
        if updates.is_first:
            self.newest_batch.count(self.tasks)
        elif moved or gone or updates.loaded is not None:
            self.newest_batch.update(self.tasks, moved, removed=gone, loaded=updates.loaded)
        self._apply_checks(updates.checked)
        revision = updates.status.settings_revision if updates.status else 0
        settings_saved = revision not in (0, self.status.settings_revision)
        folders_changed = updates.folders is not None and updates.folders != self.folders
        self.status = updates.status or self.status
        self.folders = updates.folders or self.folders
        attachment_changed = updates.attachment not in (None, self.attachment)
        self.attachment = updates.attachment or self.attachment
        if self.attachment.state is AttachmentState.ENDED:
            self.status = self.status.without_engine()
        self.is_loaded |= updates.is_first
        if updates.is_complete is not None:
            self.is_complete = updates.is_complete
        return ModelChange(
            tuple(updates.tasks.values()),
            removed,
            tuple(moved),
            folders_changed,
            updates.loaded is not None,
            updates.loaded is not None and not updates.is_first,
            attachment_changed,
            settings_saved,
        )

    def _apply_checks(self, checked: Mapping[int, float]) -> None:
        for task_id, at in checked.items():
            task = self.tasks.get(task_id)
            if task is not None and (task.checked_at or 0) < at:
                self.tasks.put(replace(task, checked_at=at))


def _has_moved(before: Task | None, now: Task) -> bool:
    """Return whether `now` is new, or differs in state, batch, arrival or place."""
    return before is None or _place(before) != _place(now)


def _place(task: Task) -> tuple[TaskState, bool, bool, str, int]:
    return task.state, task.has_suspect_file, task.retry_at is None, task.batch, task.rank
