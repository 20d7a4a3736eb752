"""What has yet to be sent to a screen: the rest of its snapshot, and what has changed."""

from collections.abc import Callable

from pan123_tui.client.protocol import Update
from pan123_tui.domain.events import (
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksChecked,
)
from pan123_tui.domain.folders import FolderTree
from pan123_tui.engine.engine import Engine

FIRST_TASKS = 64
"""The tasks of the first update: more than a screenful, but soon across a slow line."""
MAX_TASKS = 128
"""The tasks of a later update: the answer to a ping waits behind it, 8 s on a line of 9.6 kB/s."""


class ScreenFeed:
    """Divides the state into updates for one screen.

    Snapshot and news hold ids and values that the engine has anyway, so a screen that takes no
    updates costs no more memory than the state.
    """

    def __init__(self, engine: Engine, write: Callable[[Update], object]) -> None:
        """`write` sends an update to the screen."""
        self._published = engine.repository.published
        self._write = write
        self._on_their_way = 0
        """How many updates the screen has not acknowledged."""
        tasks = [*sorted(engine.tasks.finished), *sorted(engine.tasks.unfinished)]
        self._to_send = dict.fromkeys(tasks, False)
        """Which tasks are to be sent, from the end, and whether each is news.

        From the end, because a dictionary finds its first item slowly once many are gone.
        """
        self._removed: set[int] = set()
        self._checked: dict[int, float] = {}
        self._status: Status | None = engine.status
        self._folders: FolderTree | None = engine.folders.tree
        self._has_begun = False

    def acknowledge(self) -> None:
        """Send what comes next, because the screen has taken an update."""
        self._on_their_way -= 1
        self.send()

    def send(self, event: EngineEvent | None = None, *, is_wanted: bool = False) -> None:
        """Merge `event` into the news, and send them once the screen has taken the last update.

        If a screen waits for it (`is_wanted`), they are sent at once.
        """
        match event:
            case TasksChanged(tasks, removed):
                for task_id in (*(task.id for task in tasks), *removed):
                    self._to_send.pop(task_id, None)
                    self._checked.pop(task_id, None)
                    self._removed.discard(task_id)
                self._to_send.update((task.id, True) for task in tasks)
                self._removed.update(removed)
            case TasksChecked(at):
                self._checked.update(at)
            case StatusChanged(status):
                self._status = status
            case FoldersChanged(folders):
                self._folders = folders
        if is_wanted or self._on_their_way <= 0:
            update = self._next_update()
            if update is not None:
                self._on_their_way += 1
                self._write(update)

    def _next_update(self) -> Update | None:
        is_first, self._has_begun = not self._has_begun, True
        waiting = len(self._to_send)
        room = FIRST_TASKS if is_first else MAX_TASKS
        items = [self._to_send.popitem() for _ in range(min(room, waiting))]
        found = [(self._published(task_id), is_news) for task_id, is_news in items]
        update = Update(
            is_first=is_first,
            news=tuple(task for task, is_news in found if task and is_news),
            snapshot=tuple(task for task, is_news in found if task and not is_news),
            remaining=len(self._to_send),
            removed=tuple(self._removed),
            checked=self._checked,
            status=self._status,
            # They may be large, and the first tasks should arrive soon.
            folders=None if is_first else self._folders,
        )
        self._removed, self._checked, self._status = set(), {}, None
        self._folders = self._folders if is_first else None
        # Without tasks, which may all have gone, it still says how many remain.
        return None if update == Update(remaining=waiting) else update
