"""Faults to plant into the program; each breaks one promise, as a slip would."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.api import auth
from pan123_tui.api.rate_limit import Pacer
from pan123_tui.domain.commands import AddTasks, Command, RetryTasks
from pan123_tui.domain.errors import (
    InvalidResponse,
    Problem,
    ProblemKind,
    ResponseLost,
    StoreUnwritable,
    TaskUnknown,
)
from pan123_tui.domain.events import Account, TasksChanged
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.send_queue import plan_retry
from pan123_tui.domain.task import AutoRetry, Task, TaskState, new_task, reset_for_retry, transition
from pan123_tui.engine import commands
from pan123_tui.engine.accounts import Accounts
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.gate import QUEUE, Gate, Rule
from pan123_tui.engine.http_server import CallbackReceiver
from pan123_tui.engine.outbox import AutoRetries, Outbox
from pan123_tui.engine.poller import Poller
from pan123_tui.engine.ports import CloudApi
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.store import atomic_storage
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.private_files import sync_folder, write_synced

S = TaskState


Plant = Callable[[pytest.MonkeyPatch], None]
FAULTS: list[Plant] = []


def fault(plant: Plant) -> Plant:
    """Note a fault that needs more than one patch."""
    FAULTS.append(plant)
    return plant


Wrong = Callable[..., Any]


def _planted(put: Callable[[pytest.MonkeyPatch, Wrong], None]) -> Callable[[Wrong], Plant]:
    """Return a decorator that notes a fault, which `put` plants."""

    def note(wrong: Wrong) -> Plant:
        def plant(patch: pytest.MonkeyPatch) -> None:
            put(patch, wrong)

        plant.__name__ = wrong.__name__
        return fault(plant)

    return note


def instead_of(owner: Any, method: Wrong) -> Callable[[Wrong], Plant]:
    """Plant the decorated function in the place of `method` of a class or module."""
    return _planted(lambda patch, wrong: patch.setattr(owner, method.__name__, wrong))


def around(owner: Any, method: Wrong) -> Callable[[Wrong], Plant]:
    """Plant the decorated function, whose first argument is the original."""

    def put(patch: pytest.MonkeyPatch, wrong: Wrong) -> None:
        # A function, so that it becomes a method.
        patch.setattr(owner, method.__name__, lambda *args, **facts: wrong(method, *args, **facts))

    return _planted(put)


def carries_out(command: type[Command[Any]]) -> Callable[[Wrong], Plant]:
    """Plant the decorated function as the one that carries out commands of a type."""
    return _planted(lambda patch, wrong: patch.setitem(commands.HANDLERS, command, wrong))


@around(TaskRepository, TaskRepository.commit)
async def posts_before_the_intent_is_saved(usual: Any, self: TaskRepository, *tasks: Task) -> bool:
    if not any(task.state is S.SUBMITTING for task in tasks):
        return bool(await usual(self, *tasks))
    for task in tasks:
        self.update(task)
    return True


@instead_of(atomic_storage, write_synced)
def leaves_the_file_unsynced(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(file, content)
    os.close(file)


@instead_of(atomic_storage, sync_folder)
def leaves_the_folder_unsynced(_folder: Path) -> None:
    """Do nothing."""


@instead_of(AtomicStorage, AtomicStorage.write)
def writes_in_place(self: AtomicStorage, data: Mapping[str, Mapping[Any, Any]]) -> None:
    try:
        write_synced(self.path, atomic_storage._with_checksum(data, 0))
        sync_folder(self.path.parent)
    except OSError as error:
        raise StoreUnwritable(str(error)) from error


@around(Gate, Gate.judge)
def sends_again_after_a_lost_answer(
    usual: Any, self: Gate, intent: Task, error: Exception, *facts: Any, **named: Any
) -> Any:
    state = usual(self, intent, error, *facts, **named)
    return S.QUEUED if isinstance(error, ResponseLost) else state


@around(Gate, Gate.judge)
def sends_again_after_an_html_page(
    usual: Any, self: Gate, intent: Task, error: Exception, *facts: Any, **named: Any
) -> Any:
    state = usual(self, intent, error, *facts, **named)
    return S.QUEUED if isinstance(error, InvalidResponse) else state


@instead_of(Outbox, Outbox._on_created)
async def shows_a_task_id_before_it_is_saved(self: Outbox, intent: Task, task_id: int) -> None:
    at = self._runtime.clock()
    running = transition(intent, S.RUNNING, at=at, task_id=task_id, sent_at=at)
    self._repository.update(running)


@instead_of(Outbox, Outbox._on_created)
async def drops_a_task_id(self: Outbox, intent: Task, _task_id: int) -> None:
    await self._finish_attempt(intent, S.REJECTED, None)


@around(Pacer, Pacer.__init__)
def asks_once_a_second_too_often(usual: Any, self: Pacer, rate_per_s: float, *others: Any) -> Any:
    return usual(self, rate_per_s + 1, *others)


@fault
def sends_at_once_after_a_slow_disk(patch: pytest.MonkeyPatch) -> None:
    def mark_sent(self: Pacer) -> None:
        """Leave the next turn where it is."""

    async def acquire(self: Pacer) -> None:
        await original(self)
        real_mark_sent(self)

    original, real_mark_sent = Pacer.acquire, Pacer.mark_sent
    patch.setattr(Pacer, Pacer.acquire.__name__, acquire)
    patch.setattr(Pacer, Pacer.mark_sent.__name__, mark_sent)
    patch.setattr(Pacer, Pacer.keep_distance.__name__, _at_once)


async def _at_once(_self: Pacer) -> None:
    """Wait for nothing."""


@instead_of(Pacer, Pacer.acquire_again)
async def replays_out_of_turn(_self: Pacer) -> None:
    """Wait for nothing."""


@instead_of(Poller, Poller._mark_missing)
async def queues_a_missing_task_by_itself(self: Poller, asked: Task, _error: TaskUnknown) -> None:
    task = self._current_if_active(asked)
    if task is not None:
        self._schedule.forget(task.id)
        await self._repository.commit(replace(task, state=S.QUEUED, task_id=None))


@around(Gate, Gate.hold)
def holds_forever(usual: Any, self: Gate, rule: Rule, problem: Problem, *key: Any) -> None:
    usual(self, rule, problem, *key)
    self._holds = {it: replace(hold, until=inf) for it, hold in self._holds.items()}


@instead_of(TaskRepository, TaskRepository.restore)
async def restores_silently(self: TaskRepository, tasks: Sequence[Task]) -> Sequence[Task]:
    self._store.put(task for task in tasks if task.id not in self.tasks)
    await self._store.save()
    return tasks


@instead_of(TaskRepository, TaskRepository._latest)
def shows_what_was_before_a_poll(_self: TaskRepository, task: Task) -> Task:
    return task


@instead_of(TaskRepository, TaskRepository.recover_interrupted)
async def sends_again_what_a_crash_interrupted(self: TaskRepository) -> None:
    problem, at = Problem(ProblemKind.INTERRUPTED), self._clock()
    for task in [it for it in self.tasks.values() if it.state is S.SUBMITTING]:
        await self.commit(transition(task, S.QUEUED, at=at, problem=problem))


@instead_of(TaskRepository, TaskRepository.remove)
async def forgets_to_save_a_removal(self: TaskRepository, ids: Iterable[int]) -> tuple[Task, ...]:
    known = [self.tasks[i] for i in ids if i in self.tasks]
    free = tuple(task.id for task in known if task.state is not S.SUBMITTING)
    removed = self._store.remove(free)
    self._events.on_event(TasksChanged(removed={task.id: task for task in removed}))
    return removed


@instead_of(TaskRepository, TaskRepository.remove)
async def removes_what_is_on_the_wire(self: TaskRepository, ids: Iterable[int]) -> tuple[Task, ...]:
    known = tuple(i for i in ids if i in self.tasks)
    removed = self._store.remove(known)
    await self._store.save()
    self._events.on_event(TasksChanged(removed={task.id: task for task in removed}))
    return removed


@carries_out(AddTasks)
async def acknowledges_a_link_before_it_is_saved(
    engine: Engine, command: AddTasks
) -> tuple[Task, ...]:
    at, ids = engine.clock(), engine.repository.new_ids(len(command.downloads))
    wanted = zip(ids, command.downloads, strict=True)
    tasks = tuple(new_task(it, task_id=i, at=at) for i, it in wanted)
    for task in tasks:
        engine.repository.update(task)
    return tasks


@instead_of(TaskStore, TaskStore.new_ids)
def gives_an_id_a_second_time(self: TaskStore, count: int) -> range:
    first = max(self.tasks, default=0) + 1
    return range(first, first + count)


@around(TaskStore, TaskStore.save)
async def joins_a_write_that_has_begun(usual: Any, self: TaskStore) -> None:
    if not self._saving.locked():
        await usual(self)


@around(TaskStore, TaskStore.save_now)
def believes_a_full_disk(usual: Any, self: TaskStore) -> None:
    try:
        usual(self)
    except StoreUnwritable:
        self._saved_revision = self._revision
        raise


@fault
def keeps_an_intent_in_one_generation(patch: pytest.MonkeyPatch) -> None:
    never = property(lambda _files: False, lambda _files, _value: None)
    patch.setattr(TaskFiles, "_needs_both", never, raising=False)


@around(TaskFiles, TaskFiles.move_ended)
def drops_ended_tasks_before_the_archive_has_them(usual: Any, self: TaskFiles) -> None:
    ended = [it for i in self._ended if (it := self._active.tasks.get(doc_id=i)) is not None]
    self._active.tasks.remove(doc_ids=self._ended)
    self._active.behind.flush()
    self._active.tasks.insert_multiple(ended)
    usual(self)


@instead_of(Poller, Poller._current_if_active)
def believes_a_late_answer(_self: Poller, asked: Task) -> Task | None:
    return asked


@around(Outbox, Outbox._finish_attempt)
async def queues_a_post_that_was_cut_off(
    usual: Any, self: Outbox, intent: Task, to: TaskState, problem: Problem | None
) -> None:
    interrupted = problem is not None and problem.kind is ProblemKind.INTERRUPTED
    await usual(self, intent, S.QUEUED if interrupted else to, problem)


@carries_out(RetryTasks)
async def retries_unconfirmed_links_unasked(
    engine: Engine, command: RetryTasks
) -> tuple[Task, ...]:
    known = [task for task in map(engine.tasks.get, command.ids or ()) if task is not None]
    at, wanted = engine.clock(), [it for it in known if it.has_failed or it.is_unsure]
    queued = tuple(reset_for_retry(it, at=at) for it in wanted)
    await engine.repository.commit(*queued)
    return queued


@instead_of(Poller, Poller._reschedule)
def never_asks_again_after_a_failed_poll(self: Poller, asked: Task, **_changes: Any) -> bool:
    self._schedule.forget(asked.id)
    return self._current_if_active(asked) is not None


@instead_of(auth, auth._is_recent)
def asks_for_tokens_without_a_pause(_age_s: float) -> bool:
    return False


@instead_of(Engine, Engine.update_facts)
async def believes_a_callback(self: Engine, task_id: int, **facts: Any) -> None:
    task = self.tasks.get(task_id)
    if task is not None and task.is_active:
        state = S.SUCCEEDED if "file_id" in facts else S.FAILED
        await self.repository.commit(replace(task, state=state, **facts))


@instead_of(CallbackReceiver, CallbackReceiver._find)
def takes_any_secret(self: CallbackReceiver, _secret: str) -> int | None:
    assert self.engine is not None
    return next((it.id for it in self.engine.tasks.values() if it.callback_secret), None)


@fault
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


@carries_out(AddTasks)
async def adds_again_what_is_in_the_list(engine: Engine, command: AddTasks) -> tuple[Task, ...]:
    return await commands._add(engine, replace(command, newest_known=None))


@fault
def never_learns_whose_a_task_is(patch: pytest.MonkeyPatch) -> None:
    async def learn(self: Accounts, account: Account, service: CloudApi) -> None:
        """Learn nothing."""

    patch.setattr(Accounts, Accounts._learn.__name__, learn)
    apply_progress = Poller._apply_progress

    async def apply(self: Poller, asked: Task, progress: Progress, *, uid: int | None) -> None:
        await apply_progress(self, asked, progress, uid=None)

    patch.setattr(Poller, Poller._apply_progress.__name__, apply)


@fault
def sends_while_paused(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TaskRepository, "is_paused", False)


@around(Gate, Gate.prove)
def ends_the_wait_for_creates_by_a_harmless_call(usual: Any, self: Gate) -> None:
    usual(self)
    self._forget(QUEUE)


@instead_of(FolderLock, FolderLock.check)
def sends_though_its_lock_is_lost(_self: FolderLock) -> None:
    """Find nothing wrong."""


@fault
def retries_more_than_failures_by_itself(patch: pytest.MonkeyPatch) -> None:
    finish = Outbox._finish_attempt

    async def finish_and_plan(
        self: Outbox, intent: Task, to: TaskState, problem: Problem | None
    ) -> None:
        await finish(self, intent, to, problem)
        task = self._repository.tasks.get(intent.id)
        if task is not None and to in (S.REJECTED, S.UNCONFIRMED):
            due = AutoRetry(0, 3, self._runtime.clock() + 60.0)
            await self._repository.commit(replace(task, auto_retry=due))

    def planned(self: AutoRetries) -> list[tuple[Task, float]]:
        tasks = self._repository.tasks.values()
        return [(task, at) for task in tasks if (at := task.retry_at) is not None]

    patch.setattr(Outbox, Outbox._finish_attempt.__name__, finish_and_plan)
    patch.setattr(AutoRetries, AutoRetries._planned.__name__, planned)


@instead_of(AutoRetries, AutoRetries.plan)
def forgets_how_often_it_has_retried(self: AutoRetries, task: Task) -> Task:
    return plan_retry(replace(task, auto_retry=None), self._rule, at=self._clock())


@fault
def sends_more_than_may_run_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Accounts, Accounts.count_running.__name__, lambda _self: 0)
