"""Equal refusals in a row, which say more of the account than of the links."""

from collections.abc import Callable, Collection

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Task, TaskState, transition

MAX_EQUAL_REFUSALS = 2
"""So many links may be refused equally for an unknown reason before the queue is held."""
OWN_REASON_AFTER_S = 43_200.0
"""After half a day of equal refusals while other calls work, each link has its own reason: no
trouble of a night may reject more links than those above."""


class EqualRefusals:
    """Equal unknown refusals in a row, which say more of the account than of the links.

    Of one row, `MAX_EQUAL_REFUSALS` links are rejected at most, and queued again once another one
    is refused like them. So no trouble of the account costs more, and bad links do not wait for
    ever: one that is refused for the same reason after a create has worked is rejected for good,
    and so is one whose row has lasted for `OWN_REASON_AFTER_S`.
    """

    def __init__(self) -> None:
        self._reason: _Reason | None = None
        self._since = 0.0
        self._ids: list[int] = []
        self._rejected_for_good: set[int] = set()
        self._refused_before: dict[_Reason, set[int]] = {}
        """The links that were refused before a create has worked, by reason."""

    @property
    def ids(self) -> Collection[int]:
        """Return the tasks of the row, in their order."""
        return self._ids

    @property
    def doubtful_ids(self) -> Collection[int]:
        """Return the tasks of the row that may have been refused for the account's sake."""
        return [task_id for task_id in self._ids if task_id not in self._rejected_for_good]

    def record(self, task_id: int, problem: Problem, *, now: float) -> bool:
        """Record a refusal and return whether its link is to be rejected."""
        if not self.is_equal(problem):
            self._start_row(_reason(problem), now)
        was_refused = task_id in self._ids
        if not was_refused:
            self._ids.append(task_id)
        if self._is_own_reason(task_id, has_lasted=was_refused and self._is_old(now)):
            self._rejected_for_good.add(task_id)
            return True
        return len(self._ids) <= MAX_EQUAL_REFUSALS

    def _is_old(self, now: float) -> bool:
        return now - self._since >= OWN_REASON_AFTER_S

    def _is_own_reason(self, task_id: int, *, has_lasted: bool) -> bool:
        if has_lasted:
            return True
        known = self._refused_before.get(self._reason, ()) if self._reason else ()
        return task_id in known and len(self._rejected_for_good) < MAX_EQUAL_REFUSALS

    def put_back(self, find: Callable[[int], Task | None], *, at: float) -> list[Task]:
        """Return, queued again, the row's tasks that were rejected for a common reason."""
        return [
            transition(task, TaskState.QUEUED, at=at, finished_at=None)
            for task in map(find, self.doubtful_ids)
            if task and task.state is TaskState.REJECTED and self.is_equal(task.problem)
        ]

    def is_equal(self, problem: Problem | None) -> bool:
        """Return whether `problem` has the code and message of the row."""
        return problem is not None and _reason(problem) == self._reason

    def end_row(self, answered_id: int) -> None:
        """End the row: the service has accepted `answered_id`, or said what is wrong with it."""
        if self._reason is not None:
            self._refused_before.setdefault(self._reason, set()).update(self._ids)
        for task_ids in self._refused_before.values():
            task_ids.discard(answered_id)
        self._reason = None
        self._ids = []

    def _start_row(self, reason: "_Reason", now: float) -> None:
        self._reason, self._since = reason, now
        self._ids = []
        self._rejected_for_good.clear()


_Reason = tuple[int | None, str]


def _reason(problem: Problem) -> _Reason:
    return problem.code, problem.message
