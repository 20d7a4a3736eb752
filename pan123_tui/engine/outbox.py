"""The outbox: sends queued links one by one, and queues failed ones again when it is time."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Problem, ProblemKind, problem_of
from pan123_tui.domain.events import EngineEvent, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.folders import ROOT_ID
from pan123_tui.domain.links.url import percent_encoded
from pan123_tui.domain.send_queue import (
    RetryRule,
    collapse_retries,
    plan_retry,
    retry_by_itself,
    without_plan,
)
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, transition
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.gate import FOLDER_GONE, FOLDER_NOT_MADE, UNPROVEN, Gate, folder_key
from pan123_tui.engine.ports import BackgroundWorker, wait_at_most
from pan123_tui.engine.repository import TaskRepository

LONGEST_SLEEP_S = 60.0
"""While a retry is far off, the clock may be set or the machine suspended."""


class Outbox(BackgroundWorker):
    """Sends queued links in the user's order, each intent on disk first, and none twice unasked."""

    def __init__(self, gate: Gate, folders: Folders, callback_base: str) -> None:
        """`callback_base` is the URL for the service's callbacks; empty if there are none."""
        self._gate = gate
        self._accounts = accounts = gate.accounts
        self._folders = folders
        self._repository, self._session = accounts.repository, accounts.session
        self._breaker, self._runtime = accounts.breaker, accounts.breaker.runtime
        self._callback_base = callback_base
        self.wake = asyncio.Event()
        """Has the queue checked at once."""
        self.sending = asyncio.Lock()
        """Held while a link is being sent."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Check the queue at once if there may be a link to send, or a slot for one."""
        match event:
            case TasksChanged(tasks, removed):
                self._gate.forget_links(tasks, removed)
                self._gate.note_new(tasks)
                if any(task.is_finished and task.arrival is None for task in tasks):
                    self._gate.note_free_place()
                if removed or any(not task.is_active for task in tasks):
                    self.wake.set()
            case StatusChanged(status) if not status.is_paused:
                self.wake.set()

    async def run(self) -> None:
        """Send what is queued until cancelled, whatever a step meets."""
        while True:
            self.wake.clear()
            task, wait_s = self._gate.next(self._repository.queued)
            if task is None:
                await wait_at_most(wait_s, self.wake)
                continue
            try:
                await self._take_step(task)
            except Exception as error:  # noqa: BLE001 - the queue goes on, whatever it is
                self._gate.judge(task, error, is_post=False)
                if self._repository.tasks.get(task.id) is task:
                    await self._repository.commit(replace(task, problem=problem_of(error)))
                await self._repository.recover_interrupted()

    async def _take_step(self, task: Task) -> None:
        """Prove the account, make the folder of `task`, or send the first link."""
        if self._gate.needs_probe:
            await self._probe()
        elif task.subfolder:
            await self._make_folder(task)
        else:
            await self._session.service.wait_for_create_slot()
            # Chosen again, as the user may have paused, or removed or moved a link, meanwhile.
            first, _wait_s = self._gate.next(self._repository.queued)
            if first and not first.subfolder and not self._gate.needs_probe:
                async with self.sending:
                    await self._send(first)

    async def _probe(self) -> None:
        """Fetch the account, which changes nothing, before another create is tried."""
        try:
            await self._accounts.fetch()
        except errors.Pan123Error as error:
            self._gate.hold(UNPROVEN, error.problem)
        else:
            self._gate.prove()

    async def _make_folder(self, task: Task) -> None:
        """Make or find the folder that `task` is to go to; if it is refused, its links wait."""
        place = task.folder_id, task.subfolder
        changes: dict[str, Any] = {"problem": None, "subfolder": ""}
        try:
            folder_id = task.folder_id or ROOT_ID
            for name in task.subfolder.split("/"):
                folder_id = (await self._folders.find_or_make(name, folder_id)).id
        except errors.ServiceError as error:
            if isinstance(error, errors.GENERAL_REFUSALS):
                raise
            if isinstance(error, errors.FolderMissing) and task.folder_id is not None:
                self._gate.hold(FOLDER_GONE, error.problem, folder_key(task.folder_id))
                return
            changes = {"problem": replace(error.problem, kind=ProblemKind.FOLDER_NOT_MADE)}
            self._gate.hold(FOLDER_NOT_MADE, changes["problem"], folder_key(*place))
        else:
            self._gate.release(folder_key(*place))
            self._note_folder(task.folder_id)
            changes["folder_id"] = folder_id
        same = [it for it in self._repository.queued if (it.folder_id, it.subfolder) == place]
        await self._repository.commit(*(replace(it, **changes) for it in same))

    def _note_folder(self, folder_id: int | None) -> None:
        """Let the links for a folder that exists, or exists again, go on: it has just been used."""
        self._breaker.record_success()
        if folder_id is not None and self._gate.release(folder_key(folder_id)):
            self._folders.note(folder_id, is_gone=False)

    async def _send(self, task: Task) -> None:
        wants_callback = self._callback_base and not task.callback_url
        intent = transition(
            task,
            TaskState.SUBMITTING,
            at=self._runtime.clock(),
            problem=None,
            account_uid=self._accounts.uid,
            callback_secret=self._runtime.new_secret() if wants_callback else "",
        )
        state, problem = TaskState.QUEUED, None
        try:
            if not await self._repository.commit(intent):
                status = self._breaker.status.status
                raise errors.error_of(status.store_problem or errors.StoreUnwritable().problem)
            state, problem = TaskState.UNCONFIRMED, Problem(ProblemKind.INTERRUPTED)
            task_id = await self._session.service.create_task(self._request_for(intent))
        except asyncio.CancelledError as error:
            if errors.UNSENT in error.args:
                state, problem = TaskState.QUEUED, None
            await self._finish_attempt(intent, state, problem)
            raise
        except Exception as error:  # noqa: BLE001 - the client names all that comes once it has sent
            state = self._gate.judge(intent, error, is_post=True)
            await self._finish_attempt(intent, state, problem_of(error))
        else:
            await self._on_created(intent, task_id)

    def _request_for(self, intent: Task) -> DownloadRequest:
        """Return the request to send, with this attempt's own callback URL if one is wanted."""
        request, secret = intent.request, intent.callback_secret
        url = percent_encoded(request.url) if self._gate.sends_encoded(intent) else request.url
        callback_url = f"{self._callback_base}/{secret}" if secret else request.callback_url
        return replace(request, url=url, callback_url=callback_url)

    async def _on_created(self, intent: Task, task_id: int) -> None:
        at, uid = self._runtime.clock(), self._accounts.uid
        self._accounts.note_sent(intent.id)  # it may become known while this is saved
        # A callback may have arrived before the answer and added facts.
        latest = self._repository.tasks.get(intent.id) or intent
        running = transition(
            latest, TaskState.RUNNING, at=at, task_id=task_id, account_uid=uid, sent_at=at
        )
        await self._repository.commit(running)
        self._gate.note_taken(intent)
        self._note_folder(intent.folder_id)
        self._breaker.status.clear_error()

    async def _finish_attempt(self, intent: Task, to: TaskState, problem: Problem | None) -> None:
        at = self._runtime.clock()
        finished_at = at if to is TaskState.REJECTED else None
        latest = self._repository.tasks.get(intent.id) or intent  # facts and label may have come
        outcome = transition(latest, to, at=at, problem=problem, finished_at=finished_at)
        await self._repository.commit(collapse_retries(outcome))


class AutoRetries(BackgroundWorker):
    """A background worker that knows which retries are planned; it plans them for the poller."""

    def __init__(
        self, repository: TaskRepository, clock: Callable[[], float], rule: RetryRule
    ) -> None:
        """Use `rule` also for retries that are already planned."""
        self._repository, self._clock = repository, clock
        self._rule = rule
        self._changed = asyncio.Event()

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
        dropped = [it for it, _at in self._planned() if not self._rule.allows(it)]
        await self._repository.commit(*map(without_plan, dropped))
        while True:
            self._changed.clear()
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
