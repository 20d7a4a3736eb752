"""Faults to plant into the program; each breaks one promise, as a slip would."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.api import auth, rate_limit
from pan123_tui.api.rate_limit import Pacer
from pan123_tui.api.token_cache import Token
from pan123_tui.domain.commands import AddTasks, Command, RetryTasks
from pan123_tui.domain.errors import (
    InvalidResponse,
    Pan123Error,
    Problem,
    ProblemKind,
    ResponseLost,
    StoreUnwritable,
    TaskUnknown,
)
from pan123_tui.domain.events import Account, TasksChanged
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.send_queue import plan_retry
from pan123_tui.domain.task import (
    RETRYABLE_STATES,
    AutoRetry,
    Task,
    TaskState,
    new_task,
    reset_for_retry,
    transition,
)
from pan123_tui.engine import commands
from pan123_tui.engine.accounts import TaskOwners
from pan123_tui.engine.auto_retries import AutoRetries
from pan123_tui.engine.callback_server import CallbackReceiver
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.gate import Gate
from pan123_tui.engine.outbox import Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import CloudApi, Origin
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.store import atomic_storage
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.lock import StoreLock
from pan123_tui.store.task_files import Meta, TaskFiles
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system import private_files

S = TaskState


def posts_before_the_intent_is_saved(patch: pytest.MonkeyPatch) -> None:
    original = TaskRepository.commit

    async def commit(self: TaskRepository, *tasks: Task) -> bool:
        if not any(task.state is S.SUBMITTING for task in tasks):
            return await original(self, *tasks)
        for task in tasks:
            self.update(task)
        return True

    patch.setattr(TaskRepository, TaskRepository.commit.__name__, commit)


def leaves_the_file_unsynced(patch: pytest.MonkeyPatch) -> None:
    def write(path: Path, content: bytes) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.write(file, content)
        os.close(file)

    patch.setattr(private_files, private_files._write_synced.__name__, write)


def leaves_the_folder_unsynced(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(private_files, private_files.sync_folder.__name__, lambda _folder: None)


def writes_in_place(patch: pytest.MonkeyPatch) -> None:
    def write(self: AtomicStorage, data: Mapping[str, Mapping[Any, Any]]) -> None:
        try:
            private_files._write_synced(self.path, atomic_storage._with_checksum(data))
            private_files.sync_folder(self.path.parent)
        except OSError as error:
            raise StoreUnwritable(str(error)) from error

    patch.setattr(AtomicStorage, AtomicStorage.write.__name__, write)


def sends_again_after_a_lost_answer(patch: pytest.MonkeyPatch) -> None:
    _queues_after(patch, ResponseLost)


def sends_again_after_a_page_of_html(patch: pytest.MonkeyPatch) -> None:
    _queues_after(patch, InvalidResponse)


def _queues_after(patch: pytest.MonkeyPatch, kind: type[Pan123Error]) -> None:
    original = Outbox._on_error

    async def take(self: Outbox, intent: Task, error: Pan123Error) -> None:
        if isinstance(error, kind):
            self._gate.pause(error.problem, 5.0)
            await self._finish_attempt(intent, S.QUEUED, problem=error.problem)
        else:
            await original(self, intent, error)

    patch.setattr(Outbox, Outbox._on_error.__name__, take)


def shows_a_task_id_before_it_is_saved(patch: pytest.MonkeyPatch) -> None:
    async def take(self: Outbox, intent: Task, task_id: int, service: CloudApi) -> None:
        at = self._runtime.clock()
        running = transition(intent, S.RUNNING, at=at, task_id=task_id, sent_at=at)
        self._repository.update(running)

    patch.setattr(Outbox, Outbox._on_created.__name__, take)


def drops_a_task_id(patch: pytest.MonkeyPatch) -> None:
    async def take(self: Outbox, intent: Task, task_id: int, service: CloudApi) -> None:
        await self._finish_attempt(intent, S.REJECTED, problem=None)

    patch.setattr(Outbox, Outbox._on_created.__name__, take)


def asks_once_a_second_too_often(patch: pytest.MonkeyPatch) -> None:
    original = rate_limit._interval_s
    patch.setattr(rate_limit, original.__name__, lambda rate_per_s: original(rate_per_s + 1))


def sends_at_once_after_a_slow_disk(patch: pytest.MonkeyPatch) -> None:
    def mark_sent(self: Pacer) -> None:
        """Leave the next turn where it is."""

    async def acquire(self: Pacer) -> None:
        await original(self)
        real_mark_sent(self)

    original, real_mark_sent = Pacer.acquire, Pacer.mark_sent
    patch.setattr(Pacer, Pacer.acquire.__name__, acquire)
    patch.setattr(Pacer, Pacer.mark_sent.__name__, mark_sent)
    _sends_together_what_waited(patch)


def _sends_together_what_waited(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pacer, Pacer.keep_distance.__name__, _at_once)


def replays_out_of_turn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pacer, Pacer.acquire_again.__name__, _at_once)


async def _at_once(self: Pacer) -> None:
    """Wait for nothing."""


def queues_a_missing_task_by_itself(patch: pytest.MonkeyPatch) -> None:
    async def lose(self: Poller, asked: Task, error: TaskUnknown) -> None:
        task = self._current_if_active(asked)
        if task is not None:
            self._schedule.forget(task.id)
            await self._repository.commit(replace(task, state=S.QUEUED, task_id=None))

    patch.setattr(Poller, Poller._mark_missing.__name__, lose)


def holds_for_ever(patch: pytest.MonkeyPatch) -> None:
    def pause(self: Gate, problem: Problem | None, pause_s: float) -> None:
        self._until = inf
        self._status.update(hold=problem, hold_until=None)

    patch.setattr(Gate, Gate.pause.__name__, pause)


def restores_in_silence(patch: pytest.MonkeyPatch) -> None:
    async def restore(self: TaskRepository, tasks: Iterable[Task]) -> None:
        self._store.put(task for task in tasks if task.id not in self.tasks)
        await self.save()

    patch.setattr(TaskRepository, TaskRepository.restore.__name__, restore)


def shows_what_was_before_a_poll(patch: pytest.MonkeyPatch) -> None:
    def latest(self: TaskRepository, task: Task) -> Task:
        return task

    patch.setattr(TaskRepository, TaskRepository._latest.__name__, latest)


def sends_again_what_a_crash_interrupted(patch: pytest.MonkeyPatch) -> None:
    async def settle(self: TaskRepository) -> None:
        problem, at = Problem(ProblemKind.INTERRUPTED), self._clock()
        for task in self.find_unfinished(S.SUBMITTING):
            await self.commit(transition(task, S.QUEUED, at=at, problem=problem))

    patch.setattr(TaskRepository, TaskRepository.recover_interrupted.__name__, settle)


def forgets_to_save_a_removal(patch: pytest.MonkeyPatch) -> None:
    async def remove(self: TaskRepository, ids: Iterable[int]) -> tuple[Task, ...]:
        known = [self.tasks[i] for i in ids if i in self.tasks]
        free = tuple(task.id for task in known if task.state is not S.SUBMITTING)
        removed = self._store.remove(free)
        self._events.on_event(TasksChanged(removed=free))
        return removed

    patch.setattr(TaskRepository, TaskRepository.remove.__name__, remove)


def removes_what_is_on_the_wire(patch: pytest.MonkeyPatch) -> None:
    async def remove(self: TaskRepository, ids: Iterable[int]) -> tuple[Task, ...]:
        known = tuple(i for i in ids if i in self.tasks)
        removed = self._store.remove(known)
        await self.save()
        self._events.on_event(TasksChanged(removed=known))
        return removed

    patch.setattr(TaskRepository, TaskRepository.remove.__name__, remove)


def acknowledges_a_link_before_it_is_saved(patch: pytest.MonkeyPatch) -> None:
    async def add(engine: Engine, command: AddTasks, _origin: Origin) -> tuple[Task, ...]:
        at, ids = engine.clock(), engine.repository.new_ids(len(command.downloads))
        wanted = zip(ids, command.downloads, strict=True)
        tasks = tuple(new_task(it, task_id=i, at=at) for i, it in wanted)
        for task in tasks:
            engine.repository.update(task)
        return tasks

    _carries_out(patch, AddTasks, add)


def _carries_out(patch: pytest.MonkeyPatch, command: type[Command[Any]], handler: Any) -> None:
    patch.setattr(commands, "_HANDLERS", {**commands._HANDLERS, command: handler})


def gives_an_id_a_second_time(patch: pytest.MonkeyPatch) -> None:
    def new_ids(self: TaskStore, count: int) -> range:
        first = max(self.tasks, default=0) + 1
        return range(first, first + count)

    patch.setattr(TaskStore, TaskStore.new_ids.__name__, new_ids)


def joins_a_write_that_has_begun(patch: pytest.MonkeyPatch) -> None:
    original = TaskStore.save

    async def save(self: TaskStore) -> None:
        if self._running is None:
            await original(self)

    patch.setattr(TaskStore, TaskStore.save.__name__, save)


def believes_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    original = TaskStore.save_now

    def save_now(self: TaskStore) -> None:
        try:
            original(self)
        except StoreUnwritable:
            self._saved_revision = self._revision
            raise

    patch.setattr(TaskStore, TaskStore.save_now.__name__, save_now)


def drops_ended_tasks_before_the_archive_has_them(patch: pytest.MonkeyPatch) -> None:
    original = TaskFiles.move_ended

    def move_ended(self: TaskFiles) -> None:
        left = {i: raw for i, raw in self._documents.items() if i not in self._ended}
        self._active.save(left, Meta(next_id=self.next_id, removed=tuple(self._removed)))
        original(self)

    patch.setattr(TaskFiles, TaskFiles.move_ended.__name__, move_ended)


def believes_a_late_answer(patch: pytest.MonkeyPatch) -> None:
    def still_asked_for(self: Poller, asked: Task) -> Task | None:
        return asked

    patch.setattr(Poller, Poller._current_if_active.__name__, still_asked_for)


def queues_a_post_that_was_cut_off(patch: pytest.MonkeyPatch) -> None:
    original = Outbox._finish_attempt

    async def settle(self: Outbox, intent: Task, to: TaskState, *, problem: Problem | None) -> None:
        interrupted = problem is not None and problem.kind is ProblemKind.INTERRUPTED
        await original(self, intent, S.QUEUED if interrupted else to, problem=problem)

    patch.setattr(Outbox, Outbox._finish_attempt.__name__, settle)


def retries_unconfirmed_links_unasked(patch: pytest.MonkeyPatch) -> None:
    async def retry(engine: Engine, command: RetryTasks, _origin: Origin) -> tuple[Task, ...]:
        known = [task for task in map(engine.tasks.get, command.ids or ()) if task is not None]
        at = engine.clock()
        queued = tuple(reset_for_retry(t, at=at) for t in known if t.state in RETRYABLE_STATES)
        await engine.repository.commit(*queued)
        return queued

    _carries_out(patch, RetryTasks, retry)


def never_asks_again_after_a_failed_poll(patch: pytest.MonkeyPatch) -> None:
    def put_off(
        self: Poller,
        asked: Task,
        *,
        retry_after_s: float | None = None,
        **changes: Any,
    ) -> bool:
        self._schedule.forget(asked.id)
        return self._current_if_active(asked) is not None

    patch.setattr(Poller, Poller._reschedule.__name__, put_off)


def asks_for_tokens_without_a_pause(patch: pytest.MonkeyPatch) -> None:
    def is_recent(age_s: float, token: Token | None) -> bool:
        return False

    patch.setattr(auth, auth._is_recent.__name__, is_recent)


def believes_a_callback(patch: pytest.MonkeyPatch) -> None:
    async def update_facts(self: Engine, task_id: int, **facts: Any) -> None:
        task = self.repository.get(task_id)
        if task is not None and task.is_active:
            state = S.SUCCEEDED if "file_id" in facts else S.FAILED
            await self.repository.commit(replace(task, state=state, **facts))

    patch.setattr(Engine, Engine.update_facts.__name__, update_facts)


def takes_any_secret(patch: pytest.MonkeyPatch) -> None:
    def find(self: CallbackReceiver, secret: str) -> int | None:
        assert self._engine is not None
        return next((it.id for it in self._engine.tasks.headers() if it.callback_secret), None)

    patch.setattr(CallbackReceiver, CallbackReceiver._find.__name__, find)


def keeps_the_secret_of_the_attempt_before(patch: pytest.MonkeyPatch) -> None:
    known: dict[str, int] = {}
    original = TaskRepository.commit

    async def commit(self: TaskRepository, *tasks: Task) -> bool:
        known.update((task.callback_secret, task.id) for task in tasks if task.callback_secret)
        return await original(self, *tasks)

    def find(_self: CallbackReceiver, secret: str) -> int | None:
        return known.get(secret)

    patch.setattr(TaskRepository, TaskRepository.commit.__name__, commit)
    patch.setattr(CallbackReceiver, CallbackReceiver._find.__name__, find)


def forgets_the_id_of_a_request(patch: pytest.MonkeyPatch) -> None:
    original = commands._add

    async def add(engine: Engine, command: AddTasks, origin: Origin) -> tuple[Task, ...]:
        return await original(engine, command, replace(origin, request_id=""))

    _carries_out(patch, AddTasks, add)


def applies_a_request_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(commands, commands._done_before.__name__, lambda _engine, _origin: ())


def takes_a_repeated_request_for_done(patch: pytest.MonkeyPatch) -> None:
    original = commands._add

    async def add(engine: Engine, command: AddTasks, origin: Origin) -> tuple[Task, ...]:
        return () if origin.is_repeated else await original(engine, command, origin)

    _carries_out(patch, AddTasks, add)


def never_learns_whose_a_task_is(patch: pytest.MonkeyPatch) -> None:
    async def learn(self: TaskOwners, account: Account, service: CloudApi) -> None:
        """Learn nothing."""

    patch.setattr(TaskOwners, TaskOwners.learn.__name__, learn)
    apply_progress = Poller._apply_progress

    async def apply(self: Poller, asked: Task, progress: Progress, *, uid: int | None) -> None:
        await apply_progress(self, asked, progress, uid=None)

    patch.setattr(Poller, Poller._apply_progress.__name__, apply)


def sends_while_paused(patch: pytest.MonkeyPatch) -> None:
    def sendable(self: Gate, queued: Sequence[Task]) -> Sequence[Task]:
        return queued

    patch.setattr(Gate, Gate.sendable.__name__, sendable)


def ends_the_wait_for_creates_by_a_harmless_call(patch: pytest.MonkeyPatch) -> None:
    original = Gate.prove

    def prove(self: Gate) -> None:
        self._unclear = 0
        original(self)

    patch.setattr(Gate, Gate.prove.__name__, prove)


def sends_though_its_lock_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(StoreLock, StoreLock.check.__name__, lambda _self: None)


def retries_more_than_failures_by_itself(patch: pytest.MonkeyPatch) -> None:
    finish = Outbox._finish_attempt

    async def plan(self: Outbox, intent: Task, to: TaskState, *, problem: Problem | None) -> None:
        await finish(self, intent, to, problem=problem)
        task = self._repository.get(intent.id)
        if task is not None and to in (S.REJECTED, S.UNCONFIRMED):
            due = AutoRetry(0, 3, self._runtime.clock() + 60.0)
            await self._repository.commit(replace(task, auto_retry=due))

    patch.setattr(Outbox, Outbox._finish_attempt.__name__, plan)


def forgets_how_often_it_has_retried(patch: pytest.MonkeyPatch) -> None:
    def plan(self: AutoRetries, task: Task) -> Task:
        return plan_retry(replace(task, auto_retry=None), self._rule, at=self._clock())

    patch.setattr(AutoRetries, AutoRetries.plan.__name__, plan)


def sends_more_than_may_run_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Gate, "is_full", False)


Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: tuple[Plant, ...] = tuple(
    plant
    for name, plant in vars().copy().items()
    if not name.startswith("_") and getattr(plant, "__module__", "") == __name__
)
