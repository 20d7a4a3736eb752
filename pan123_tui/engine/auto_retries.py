"""Automatic retries: queues links that failed at their source again, when the time comes."""

import asyncio
from collections.abc import Callable
from math import inf

from pan123_tui.config.settings import Settings
from pan123_tui.domain.events import EngineEvent, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.send_queue import RetryRule, plan_retry, retry_by_itself, without_plan
from pan123_tui.domain.task import Task
from pan123_tui.engine.ports import BackgroundWorker, wait_at_most
from pan123_tui.engine.repository import TaskRepository

LONGEST_SLEEP_S = 60.0
"""While a retry is far off, the clock may be set or the machine suspended."""


class AutoRetries(BackgroundWorker):
    """A background worker that knows which retries are planned; it plans them for the poller."""

    def __init__(self, repository: TaskRepository, clock: Callable[[], float]) -> None:
        self._repository, self._clock = repository, clock
        self._rule = RetryRule()
        self._is_rule_new = True
        self._changed = asyncio.Event()

    def follow(self, settings: Settings, /) -> None:
        """Use `settings` from now on, also for retries that are already planned."""
        self._rule = RetryRule(settings.retry.times, settings.retry.after_s)
        self._is_rule_new = True
        self._changed.set()

    def plan(self, task: Task) -> Task:
        """Return `task` with its next retry, if it has just failed and one is allowed."""
        return plan_retry(task, self._rule, at=self._clock())

    def on_event(self, event: EngineEvent, /) -> None:
        """Have the plans looked at again if one is new, or sending is paused or goes on."""
        match event:
            case TasksLoaded() | StatusChanged():
                self._changed.set()
            case TasksChanged(tasks) if any(task.retry_at is not None for task in tasks):
                self._changed.set()

    async def run(self) -> None:
        """Retry what is due until cancelled, but nothing while sending is paused."""
        while True:
            self._changed.clear()
            if self._is_rule_new:
                self._is_rule_new = False
                dropped = [it for it, _at in self._planned() if not self._rule.allows(it)]
                await self._repository.commit(*map(without_plan, dropped))
            wait_s, now = LONGEST_SLEEP_S, self._clock()
            if not self._repository.is_paused:
                planned = self._planned()
                due = [task for task, at in planned if at <= now]
                await self._repository.commit(*(retry_by_itself(it, at=now) for it in due))
                soonest = min((at for _task, at in planned if at > now), default=inf)
                wait_s = min(max(0.01, soonest - self._clock()), wait_s)
            await wait_at_most(wait_s, self._changed)

    def _planned(self) -> list[tuple[Task, float]]:
        ended = self._repository.tasks.finished.values()
        return [(task, at) for task in ended if (at := task.retry_at) is not None]
