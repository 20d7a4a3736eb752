"""Automatic retries: queues links that failed at their source again, when the time comes."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from pan123_tui.config.settings import Settings
from pan123_tui.domain.events import EngineEvent, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.send_queue import RetryRule, plan_retry, retry_by_itself, without_plan
from pan123_tui.domain.task import Task
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.engine.repository import TaskRepository

LONGEST_SLEEP_S = 60.0
"""While a retry is far off, the clock may be set or the machine suspended."""


class AutoRetries(BackgroundWorker):
    """A background worker that knows which retries are planned; it plans them for the poller."""

    def __init__(self, repository: TaskRepository, clock: Callable[[], float]) -> None:
        self._repository = repository
        self._clock = clock
        self._rule = RetryRule()
        self._is_rule_new = True
        self._due: dict[int, float] = {}
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
        """Note which retries are planned."""
        match event:
            case TasksLoaded(loaded):
                for task in loaded.values():
                    self._note(task)
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._due.pop(task_id, None)
                for task in tasks:
                    self._note(task)
            case StatusChanged():  # sending may be paused, or goes on
                self._changed.set()

    def _note(self, task: Task) -> None:
        if task.retry_at is None:
            self._due.pop(task.id, None)
        elif self._due.get(task.id) != task.retry_at:
            self._due[task.id] = task.retry_at
            self._changed.set()

    async def run(self) -> None:
        """Retry what is due until cancelled, but nothing while sending is paused."""
        while True:
            self._changed.clear()
            if self._is_rule_new:
                self._is_rule_new = False
                dropped = [it for it in self._planned(self._due) if not self._rule.allows(it)]
                await self._repository.commit(*map(without_plan, dropped))
            if not self._repository.is_paused:
                now = self._clock()
                due = self._planned((i for i, at in self._due.items() if at <= now))
                await self._repository.commit(*(retry_by_itself(it, at=now) for it in due))
            wait_s = LONGEST_SLEEP_S
            if self._due and not self._repository.is_paused:
                wait_s = min(max(0.01, min(self._due.values()) - self._clock()), wait_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    def _planned(self, ids: Iterable[int]) -> list[Task]:
        known = map(self._repository.tasks.get, ids)
        return [task for task in known if task is not None and task.retry_at is not None]
