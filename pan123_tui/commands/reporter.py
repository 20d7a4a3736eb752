"""Tells what the engine does, line by line: changes on stdout, troubles on stderr."""

from collections.abc import Collection

from msgspec.structs import replace

from pan123_tui.commands.output import line_of, now, say, tell
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import (
    EngineEvent,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.explanation import explain
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState

STEP_PERCENT = 10
_BAD_STATES = FAILED_STATES | {TaskState.UNCONFIRMED}


class Reporter:
    """One line a change; what it tells first, the tasks of former runs, is no change."""

    def __init__(self, *, is_quiet: bool = False, ids: Collection[int] | None = None) -> None:
        """`is_quiet`: only what went wrong; `ids`: only these tasks."""
        self.failed: set[int] = set()
        """The tasks that went wrong while it listened."""
        self._is_quiet = is_quiet
        self._ids = ids
        self._seen: dict[int, tuple[TaskState, int]] = {}
        self._told: set[Problem] = set()

    def hear(self, event: EngineEvent) -> None:
        """Tell what changed."""
        match event:
            case TasksLoaded(tasks):
                self._seen = {task.id: _sight(task) for task in tasks.values()}
            case TasksChanged(changed):
                for task in changed:
                    self._take(task)
            case StatusChanged(status):
                self._take_status(status)

    def _take(self, task: Task) -> None:
        sight = _sight(task)
        before = self._seen.get(task.id)
        self._seen[task.id] = sight
        if sight == before:
            return
        is_bad = task.state in _BAD_STATES
        if is_bad and (before is None or before[0] is not task.state):
            self.failed.add(task.id)
        elif not is_bad:
            self.failed.discard(task.id)
        is_wanted = self._ids is None or task.id in self._ids
        if is_wanted and (is_bad or not self._is_quiet):
            tell(f"{now()}  {line_of(task)}")

    def _take_status(self, status: Status) -> None:
        """Say each trouble once, until all is well again."""
        problems = (status.last_error, status.store_problem, status.notice)
        # Each answer has a trace id of its own: with it, the same trouble would be news.
        troubles = {replace(problem, trace_id=""): problem for problem in problems if problem}
        for trouble, problem in troubles.items():
            if trouble not in self._told:
                say(f"{now()}  {explain(problem).text}")
        self._told = set(troubles)


def _sight(task: Task) -> tuple[TaskState, int]:
    """Return what has to change for a task to be told of."""
    return task.state, int(task.percent // STEP_PERCENT)
