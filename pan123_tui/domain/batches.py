"""Batches: the tasks that were added together, named by a label or else by their time.

Tasks that were added together have the same `created_at`. Batches with the same name are one batch.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import chain
from typing import Literal

from msgspec import Struct

from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.links.file_names import clean_name
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import ACTIVE_STATES, UNSENT_STATES, Shown, Task, TaskState, count_shown
from pan123_tui.domain.task_collection import TaskCollection

SETTLE_S = 15.0
"""How long after its end a batch is reported: its files are looked for meanwhile."""
_MAX_ENDS = 20
FolderRule = Literal["none", "date", "batch"]
"""Which folder inside the chosen one the links of a batch go to: none, one for each local day, or
one for each label; a batch without a label goes to the chosen folder itself."""
LAST_WORDS: Mapping[str, str] = {"last": "最近"}


def batch_name(task: Task) -> str:
    """Return the batch label of `task`, or else its local time: "2026-11-25 14:05:33"."""
    return task.batch or time_name(task.created_at)


@lru_cache(maxsize=4096)
def time_name(created_at: float) -> str:
    """Return the name of a batch without a label that was added at `created_at` (Unix seconds)."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(created_at))
    except (OverflowError, ValueError, OSError):  # happens only in a damaged store
        return "-"


def folder_name(rule: FolderRule, label: str, at: float) -> str:
    """Return the folder name for a batch that is added at `at` (Unix seconds); "": no folder."""
    if rule == "date":
        return time_name(at).partition(" ")[0]
    return clean_name(clean_label(label)) if rule == "batch" else ""


def batch_term(name: str, language: str) -> str:
    return f'{"批次" if language.startswith("zh") else "batch"}="{name}"'


def batch_labels(tasks: TaskCollection) -> list[str]:
    """Return the labels of all batches, those of unfinished tasks first."""
    every = chain(tasks.unfinished.values(), tasks.finished.values())
    return list(dict.fromkeys(task.batch for task in every if task.batch))


def is_open(task: Task) -> bool:
    return task.state in UNSENT_STATES | ACTIVE_STATES or task.retry_at is not None


class BatchResult(Struct, frozen=True):
    name: str
    counts: Mapping[Shown, int]
    sizes: tuple[int, ...]
    is_open: bool
    """Whether the batch has not ended, or is open again."""
    ends: tuple[float, ...] = ()
    """When the latest of its tasks ended (Unix seconds)."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def batch_results(tasks: TaskCollection, names: Collection[str]) -> dict[str, BatchResult]:
    """Return the results of the batches `names`, by name; batches without tasks are left out."""
    members: defaultdict[str, list[Task]] = defaultdict(list)
    for task in tasks.values() if names else ():
        if (name := batch_name(task)) in names:
            members[name].append(task)
    results = {}
    for name, found in members.items():
        there = (it for it in found if it.state is TaskState.SUCCEEDED and was_found(it))
        sizes = tuple(it.arrival.size for it in there if it.arrival)
        ends = sorted(it.finished_at for it in found if it.is_finished and it.finished_at)
        is_going_on, latest = any(map(is_open, found)), tuple(ends[-_MAX_ENDS:])
        results[name] = BatchResult(name, count_shown(found), sizes, is_going_on, latest)
    return results


class BatchEnds:
    """Tracks which tasks keep their batches open; ends before the start are not reported."""

    def __init__(self) -> None:
        self.tasks = TaskCollection()
        """The tasks as they were published."""
        self._open: dict[int, str] = {}

    def ended_by(self, event: EngineEvent) -> list[str]:
        """Return the names of the batches whose last open task was ended or removed by `event`."""
        match event:
            case TasksLoaded(loaded):
                self.tasks = TaskCollection(loaded)
                self._open = {it.id: batch_name(it) for it in loaded if is_open(it)}
            case TasksChanged(tasks, removed):
                self.tasks.update(tasks)
                for task_id in removed.keys() & self.tasks.keys():
                    self.tasks.pop(task_id)
                ids = (*removed, *(task.id for task in tasks))
                touched = {self._open.pop(task_id, "") for task_id in ids} - {""}
                self._open.update((task.id, batch_name(task)) for task in tasks if is_open(task))
                return sorted(touched.difference(self._open.values())) if touched else []
        return []
