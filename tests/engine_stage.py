"""Runs the engine with the real store and client against the simulator over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar, cast

from msgspec.structs import replace

from pan123_tui.api.client import Pan123Client
from pan123_tui.api.connection import ServiceConnection
from pan123_tui.config import schema
from pan123_tui.config.settings import Settings
from pan123_tui.domain.batches import FolderRule
from pan123_tui.domain.commands import AddTasks, Command, DownloadLink, EditTask, RetryTasks
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import EngineEvent, Status, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.domain.task import ArrivalCheck, DownloadRequest, Task, TaskState
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import (
    BackgroundWorker,
    CloudApi,
    ServiceConfig,
    Session,
)
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from tests.service.accounts import ACCESS_TOKEN

FAST = schema.Service(create_per_s=100, process_per_s=200)


def settings_of(
    *,
    looks: bool = False,
    max_running: int = 0,
    batch_folders: FolderRule = "none",
    retry_times: int = 0,
    retry_after: str = "10m",
) -> Settings:
    """Return settings for an engine, which by itself looks for files only if `looks`."""
    return Settings(
        arrival=schema.Arrival(check=looks),
        service=schema.Service(max_running=max_running),
        defaults=schema.Defaults(batch_folders=batch_folders),
        retry=schema.Retry(times=retry_times, after=retry_after),
    )


QUIET = settings_of()
FAST_POLLING = replace(QUIET, service=FAST)
FAST_RATES = dict.fromkeys(Endpoint, 1000.0) | {Endpoint.PROCESS: 200.0}
T = TypeVar("T")
TIMEOUT_S = 20.0
"""Longest wait of a test before it fails."""


class Witness:
    """Follows the events of an engine, and lets a test wait for a condition."""

    def __init__(self) -> None:
        self.tasks: dict[int, Task] = {}
        self.status = Status()
        self.history: list[tuple[int, TaskState]] = []
        self.bugs: list[str] = []
        """Errors that nobody expects; a test that provokes one clears this."""
        self.on_status: Callable[[Status], object] = lambda _status: None
        self._changed = asyncio.Event()

    def on_event(self, event: EngineEvent) -> None:
        match event:
            case TasksLoaded(tasks):
                self._take(tasks)
            case TasksChanged(changed, removed):
                self._take(changed)
                for task_id in removed:
                    self.tasks.pop(task_id, None)
            case StatusChanged(status):
                self.status = status
                self.on_status(status)
                if status.notice and status.notice.kind is ProblemKind.INTERNAL:
                    self.bugs.append(status.notice.message)
        self._changed.set()

    def _take(self, tasks: Iterable[Task]) -> None:
        for task in tasks:
            before = self.tasks.get(task.id)
            if before is None or before.state is not task.state:
                self.history.append((task.id, task.state))
            self.tasks[task.id] = task

    def states_of(self, task_id: int) -> list[TaskState]:
        """Return all published states of the task in their order."""
        return [state for seen_id, state in self.history if seen_id == task_id]

    @property
    def hold_kind(self) -> ProblemKind | None:
        """Why the queue waits."""
        return self.status.hold.kind if self.status.hold else None

    async def wait_until(
        self, is_true: Callable[["Witness"], object], *, within_s: float = TIMEOUT_S
    ) -> None:
        """Wait until `is_true`."""
        async with asyncio.timeout(within_s):
            while not is_true(self):
                self._changed.clear()
                await self._changed.wait()

    async def wait_for_state(self, task_id: int, *states: TaskState) -> Task:
        """Wait until the task is in one of `states`, and return it."""
        try:
            await self.wait_until(lambda w: task_id in w.tasks and w.tasks[task_id].state in states)
        except TimeoutError:
            raise AssertionError(f"{states} never came: {self.tasks.get(task_id)}") from None
        return self.tasks[task_id]


def client_factory(base_url: str) -> Callable[[], Pan123Client]:
    """Return a factory of clients without rate limits of their own."""
    token = AccessToken(ACCESS_TOKEN)
    return lambda: Pan123Client(ServiceConnection(base_url, rates=FAST_RATES), token)


def config_of(connect: Callable[[], CloudApi], settings: Settings = QUIET) -> ServiceConfig:
    """Return how an engine uses the service that `connect` returns, with some account."""
    return ServiceConfig(connect, settings, AccessToken(ACCESS_TOKEN))


async def change(engine: Engine, **changes: object) -> None:
    """Have the engine go on with `changes` to its configuration, and wait until it does."""
    saved = replace(engine.config, **changes)
    engine.change_to(saved)
    await until(lambda: engine.config is saved)


def open_session(service: CloudApi) -> Session:
    """Return a session that is open already, without an engine."""
    session = Session(lambda: service)
    session._service = service
    return session


async def execute(engine: Engine, command: Command[T]) -> T:
    """Have the engine carry out `command`."""
    return cast("T", await HANDLERS[type(command)](engine, command))


async def add_links(engine: Engine, links: Iterable[DownloadRequest]) -> tuple[Task, ...]:
    """Queue links as a screen does."""
    return await execute(engine, AddTasks(tuple(links)))


async def retry_tasks(
    engine: Engine, ids: Iterable[int], *, unsure_too: bool = False, to: int | None = None
) -> tuple[Task, ...]:
    """Queue tasks again as a screen does."""
    return await execute(engine, RetryTasks(tuple(ids), unsure_too, to))


async def edit_task(engine: Engine, task_id: int, download: DownloadRequest) -> Task | None:
    """Change a task as a screen does."""
    return await execute(engine, EditTask(task_id, download))


@asynccontextmanager
async def running_engine(
    folder: Path,
    base_url: str,
    *,
    settings: Settings = FAST_POLLING,
    workers: Sequence[BackgroundWorker] = (),
    connect: Callable[[], CloudApi] | None = None,
    load_saved: Callable[[], ServiceConfig] | None = None,
    lock: FolderLock | None = None,
) -> AsyncIterator[tuple[Engine, Witness]]:
    """Run an engine on the data in `folder`; it is stopped and saved at the end."""
    witness = Witness()
    store = TaskStore(folder, lock=lock)
    config = config_of(connect or client_factory(base_url), settings)
    engine = Engine(store, config, witness, load_saved=load_saved, workers=workers)
    poll_fast(engine)
    work = asyncio.create_task(engine.run())
    try:
        yield engine, witness
    finally:
        engine.stop()
        async with asyncio.timeout(TIMEOUT_S):
            await work
        store.close()
        assert not witness.bugs


def poll_fast(engine: Engine) -> None:
    """Have an engine that does not run yet poll each task as often as it can."""
    engine._poller._schedule = Schedule(min_interval_s=0.01, max_interval_s=0.02)


def problem_of(it: Task | ArrivalCheck | DownloadLink) -> ProblemKind | None:
    """Return the kind of a problem."""
    return it.problem.kind if it.problem else None


def arrival_of(task: Task) -> ArrivalCheck:
    """Return what was found of the file of `task`."""
    assert task.arrival is not None
    return task.arrival


async def until(is_true: Callable[[], bool]) -> None:
    """Look again and again until `is_true`."""
    async with asyncio.timeout(TIMEOUT_S):
        while not is_true():  # noqa: ASYNC110 - the service is another thread
            await asyncio.sleep(0.01)


def load_stored(folder: Path) -> dict[int, Task]:
    """Load the tasks from the files of `folder`."""
    store = TaskStore(folder)
    tasks = dict(store.tasks)
    store.close()
    return tasks


def link(word: str, number: int = 1) -> DownloadRequest:
    """Return a link; `word` decides how its task ends at the simulator."""
    return DownloadRequest(f"https://example.com/{word}/{number}.bin")
