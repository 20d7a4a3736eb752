"""The view model: the screen's copy of the tasks, kept up to date from the engine's events."""

from collections import Counter
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.client.engine_client import Attachment, AttachmentState
from pan123_tui.client.protocol import Update
from pan123_tui.domain.commands import RestoreTasks
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.query import View, count_by_view
from pan123_tui.domain.task import Shown, Task, count_shown
from pan123_tui.domain.task_collection import TaskCollection


class ModelChange(Struct, frozen=True):
    """What an update changed in the model."""

    tasks: tuple[Task, ...] = ()
    """New values of changed and new tasks."""
    removed: RestoreTasks = RestoreTasks(())
    """What brings back the tasks that were removed, by whomever."""
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
        return bool(self.removed.tasks or self.moved or self.archive_loaded)


class TaskModel:
    """The tasks, the folders and the engine's status."""

    def __init__(self) -> None:
        self.tasks = TaskCollection()
        """All tasks by id; only `apply` changes them and their counts."""
        self.counts: Counter[Shown] = Counter()
        self.views: Mapping[View, int] = {}
        self.status = Status()
        self.attachment = Attachment()
        self.folders = FolderTree()
        self.default_folder: Folder | None = None
        """The folder that the settings name."""
        self.is_loaded = False
        self.is_complete = True
        """Whether the engine has sent all of them; it begins with a part."""

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

    def apply(self, *news: Update | Attachment) -> ModelChange:
        """Apply what has come from the engine, in its order, and return what changed."""
        folders, attachment, revision = self.folders, self.attachment, self.status.settings_revision
        was_complete, newest = self.is_complete, max(self.tasks, default=0)
        updates: list[Update] = []
        before: dict[int, Task | None] = {}
        removed: dict[int, Task] = {}
        for message in news:
            if isinstance(message, Attachment):
                self.attachment = message
            else:
                self._apply(message, before, removed)
                updates.append(message)
        after = {task_id: self.tasks.get(task_id) for task_id in before}
        both = [(before[task_id], now) for task_id, now in after.items() if now is not None]
        moved = [(was, now) for was, now in both if was is None or _place(was) != _place(now)]
        gone = tuple(task for i, task in removed.items() if i not in self.tasks)
        loaded = [task for update in updates for task in update.snapshot]
        is_first = any(update.is_first for update in updates)
        # The rest comes in many parts, and is counted once.
        is_whole = self.is_complete and (loaded or not was_complete)
        if is_first or moved or gone or is_whole:
            known = [*self.tasks.finished.values(), *self.tasks.unfinished.values()]
            self.counts, self.views = count_shown(known), count_by_view(known)
        if self.attachment.state is AttachmentState.ENDED:
            # Nothing is tried again without one.
            self.status = replace(self.status, hold=None, hold_until=None)
        changed = dict.fromkeys(task.id for update in updates for task in update.news)
        return ModelChange(
            tuple(now for task_id in changed if (now := after[task_id]) is not None),
            RestoreTasks(gone, newest if gone else None),
            tuple(moved),
            self.folders != folders,
            is_first or bool(loaded),
            bool(loaded) and not is_first,
            self.attachment != attachment,
            self.status.settings_revision not in (0, revision),
        )

    def _apply(
        self, update: Update, before: dict[int, Task | None], removed: dict[int, Task]
    ) -> None:
        """Apply `update`; add what was known of its tasks to `before`, and the last of them."""
        if update.is_first:
            before.update(self.tasks.unfinished | before)
            self.tasks, self.is_loaded = TaskCollection(), True
        self.tasks.update(update.snapshot)
        for task_id in (*(task.id for task in update.news), *update.removed):
            before.setdefault(task_id, self.tasks.get(task_id))
        self.tasks.update(update.news)
        for task_id in self.tasks.keys() & update.removed:
            removed[task_id] = self.tasks.pop(task_id)
        for task_id, at in update.checked.items():
            task = self.tasks.get(task_id)
            if task is not None and (task.checked_at or 0) < at:
                self.tasks.put(replace(task, checked_at=at))
        self.status = update.status or self.status
        self.folders = update.folders or self.folders
        self.is_complete = not update.remaining


def _place(task: Task) -> tuple[object, ...]:
    size = task.arrival.size if task.arrival else 0
    return task.state, task.needs_user, size, task.retry_at is None, task.batch, task.rank
