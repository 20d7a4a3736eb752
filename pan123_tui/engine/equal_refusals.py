"""Equal refusals in a row, which say more of the account than of the links."""

from collections.abc import Callable

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Task, TaskState, transition

MAX_EQUAL_REFUSALS = 2
"""So many links may be refused equally for an unknown reason before the queue is held."""
_Reason = tuple[int | None, str]


class EqualRefusals:
    """Equal unknown refusals in a row: of each, `MAX_EQUAL_REFUSALS` links are rejected at most.

    These are queued again once another link is refused like them, so trouble of the account costs
    no more. A link that is refused for the same reason after a create has worked is rejected for
    good.
    """

    def __init__(self) -> None:
        self.ids: list[int] = []
        """The tasks of the row, in their order."""
        self._reason: _Reason | None = None
        self._rejected_for_good: set[int] = set()
        self._refused_before: dict[_Reason | None, set[int]] = {}
        """The links that were refused before a create has worked, by reason."""

    def record(self, task_id: int, problem: Problem) -> bool:
        """Record a refusal and return whether its link is to be rejected."""
        reason = _reason(problem)
        if reason != self._reason:
            self._reason, self.ids, self._rejected_for_good = reason, [], set()
        if task_id not in self.ids:
            self.ids.append(task_id)
        is_known = task_id in self._refused_before.get(reason, ())
        if is_known and len(self._rejected_for_good) < MAX_EQUAL_REFUSALS:
            self._rejected_for_good.add(task_id)
            return True
        return len(self.ids) <= MAX_EQUAL_REFUSALS

    def put_back(self, find: Callable[[int], Task | None], *, at: float) -> list[Task]:
        """Return, queued again, the row's tasks that were rejected for a common reason."""
        doubtful = (task_id for task_id in self.ids if task_id not in self._rejected_for_good)
        return [
            transition(task, TaskState.QUEUED, at=at, finished_at=None)
            for task in map(find, doubtful)
            if task and task.state is TaskState.REJECTED and _reason(task.problem) == self._reason
        ]

    def end_row(self, answered_id: int) -> None:
        """End the row: the service has accepted `answered_id`, or said what is wrong with it."""
        self._refused_before.setdefault(self._reason, set()).update(self.ids)
        for task_ids in self._refused_before.values():
            task_ids.discard(answered_id)
        self._reason, self.ids = None, []


def _reason(problem: Problem | None) -> _Reason | None:
    return None if problem is None else (problem.code, problem.message)
