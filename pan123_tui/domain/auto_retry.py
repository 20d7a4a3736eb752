"""Retries that the engine makes by itself, of links that have failed at their source."""

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.task import AutoRetry, Task, TaskState, reset_for_retry

LONGEST_WAIT_S = 86_400.0


class RetryRule(Struct, frozen=True):
    """How often the user lets a failed link be sent again, and how soon."""

    times: int = 0
    """0: never."""
    after_s: float = 600.0
    """The wait before the first retry, doubled for each further one."""

    def allows(self, task: Task) -> bool:
        """Return whether one more retry of `task` is allowed."""
        done = task.auto_retry.done if task.auto_retry else 0
        return task.has_link and done < self.times


def plan_retry(task: Task, rule: RetryRule, *, at: float) -> Task:
    """Return `task` with the time of its next retry, if it has just failed and `rule` allows one.

    Only a failure that the service reported at `at` counts: what it refused, what is unsure, and a
    file that is not as it should be need the user.
    """
    if task.state is not TaskState.FAILED or not rule.allows(task):
        return task
    done = task.auto_retry.done if task.auto_retry else 0
    wait_s = min(LONGEST_WAIT_S, rule.after_s * 2.0 ** min(done, 32))
    return replace(task, auto_retry=AutoRetry(done, rule.times, at + wait_s))


def without_plan(task: Task) -> Task:
    """Return `task` so that it is not retried by itself any more."""
    assert task.auto_retry is not None  # noqa: S101 - it has a plan
    return replace(task, auto_retry=replace(task.auto_retry, due_at=None))


def retry_by_itself(task: Task, *, at: float) -> Task:
    """Return `task`, whose retry is due, queued again; its timeline says that nobody asked."""
    assert task.auto_retry is not None  # noqa: S101 - it has a plan
    queued = reset_for_retry(task, at=at)
    *before, entry = queued.timeline
    made = AutoRetry(task.auto_retry.done + 1, task.auto_retry.of)
    timeline = (*before, replace(entry, is_automatic=True))
    return replace(queued, auto_retry=made, timeline=timeline)
