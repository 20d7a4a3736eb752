"""The queue: the order in which links are sent, adopted tasks, and automatic retries."""

from collections.abc import Collection, Iterable
from operator import attrgetter

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.errors import Int64, ProblemKind
from pan123_tui.domain.task import AutoRetry, Task, TaskState, TimelineEntry, reset_for_retry

LONGEST_WAIT_S = 86_400.0


REFUSALS = frozenset(
    {
        ProblemKind.ACCOUNT_BLOCKED,
        ProblemKind.INVALID_RESPONSE,
        ProblemKind.NAME_REFUSED,
        ProblemKind.QUOTA_EXHAUSTED,
        ProblemKind.REQUEST_REJECTED,
        ProblemKind.SERVICE_UNAVAILABLE,
    }
)
"""What the service says if it takes no link, or not this one: nobody knows which."""


def refused_at(task: Task) -> float:
    """Return when the link of a queued task was last refused (Unix seconds); 0: it was not.

    What was refused before it was sent, such as its folder, is not in its timeline.
    """
    if task.problem is None or task.problem.kind not in REFUSALS:
        return 0.0
    last = task.timeline[-1] if task.timeline else None
    return last.at if last and last.problem == task.problem else 0.0


def in_send_order(tasks: Iterable[Task]) -> list[Task]:
    """Return the queued tasks: first those that the user moved forward, then by age.

    What was refused comes last, so that it keeps no other link waiting. Quick for 10,000.
    """
    state = TaskState.QUEUED
    queued = [task for task in tasks if task.state is state]
    queued.sort(key=attrgetter("id"))
    queued.sort(key=attrgetter("rank"))
    if any(task.problem for task in queued):
        queued.sort(key=refused_at)
    return queued


def places(tasks: Iterable[Task]) -> dict[int, int]:
    return {task.id: place for place, task in enumerate(in_send_order(tasks), 1)}


class Adoption(Struct, frozen=True):
    """Of a task that another program created, or whose record was lost."""

    task_id: Int64
    """The service's taskID."""
    name: str = ""


def adopted_task(adoption: Adoption, *, task_id: int, at: float, batch: str = "") -> Task:
    """Return a running task for `adoption`; nothing else is known of it."""
    return Task(
        id=task_id,
        url="",
        name=adoption.name or f"taskID {adoption.task_id}",
        state=TaskState.RUNNING,
        task_id=adoption.task_id,
        batch=batch,
        created_at=at,
        sent_at=at,
        timeline=(TimelineEntry(at, TaskState.RUNNING, adoption.task_id),),
    )


def sent_next(tasks: Iterable[Task], ids: Collection[int]) -> tuple[Task, ...]:
    """Return the queued tasks among `ids`, moved before all `tasks` unless already there."""
    queued = in_send_order(tasks)
    wanted = set(ids)
    chosen = [task for task in queued if task.id in wanted]
    if not chosen or chosen == queued[: len(chosen)]:
        return ()
    first = min(task.rank for task in queued) - len(chosen)
    # Whatever has refused them before, the user wants them tried.
    return tuple(replace(it, rank=first + place, problem=None) for place, it in enumerate(chosen))


def collapse_retries(task: Task) -> Task:
    """Keep only the last of consecutive failed tries in the timeline, which has little room."""
    if task.state is not TaskState.QUEUED:
        return task
    *before, _intent, outcome = task.timeline
    if [step.state for step in before[-2:]] == [TaskState.QUEUED] * 2:
        before.pop()
    return replace(task, timeline=(*before, outcome))


class RetryRule(Struct, frozen=True):
    """How often a failed link may be sent again automatically, and how soon."""

    times: int = 0
    """0: never."""
    after_s: float = 600.0
    """The wait before the first retry, doubled for each further one."""

    def allows(self, task: Task) -> bool:
        return task.has_link and (task.auto_retry or AutoRetry()).done < self.times


def plan_retry(task: Task, rule: RetryRule, *, at: float) -> Task:
    """Return `task` with the time of its next retry, if it has failed and `rule` allows one."""
    if task.state is not TaskState.FAILED or not rule.allows(task):
        return task
    done = (task.auto_retry or AutoRetry()).done
    wait_s = min(LONGEST_WAIT_S, rule.after_s * 2.0 ** min(done, 32))
    return replace(task, auto_retry=AutoRetry(done, rule.times, at + wait_s))


def without_plan(task: Task) -> Task:
    return replace(task, auto_retry=replace(task.auto_retry or AutoRetry(), due_at=None))


def retry_by_itself(task: Task, *, at: float) -> Task:
    """Return `task`, whose retry is due, queued again; its timeline says that this is automatic."""
    queued, plan = reset_for_retry(task, at=at), task.auto_retry or AutoRetry()
    *before, entry = queued.timeline
    timeline = (*before, replace(entry, is_automatic=True))
    return replace(queued, auto_retry=AutoRetry(plan.done + 1, plan.of), timeline=timeline)
