"""The whole dashboard on a fake engine, whose tasks change only when a test says so."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace
from textual.pilot import Pilot

from pan123_tui.client.engine_client import EngineClient
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.events import EngineEvent, EventListener, Status, TasksChanged
from pan123_tui.domain.links.probes import ProbeResult
from pan123_tui.domain.task import Sample, Task, TaskState, transition
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.folder_watcher import FolderWatcher
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.task_store import TaskStore
from pan123_tui.ui.app import Exit, Pan123App
from pan123_tui.ui.dashboard.screen import DashboardScreen
from pan123_tui.ui.dashboard.task_table import TaskTable
from tests.engine_stage import config_of, open_session
from tests.paper_service import PaperService
from tests.served_engine import ServedEngine
from tests.ui.stage import StageUser
from tests.ui.textual_private import messages

NOW = 1_750_000_000.0
_BARE: Mapping[str, str] = {"TERM": "xterm-256color"}
NOWHERE = Path("/dev/null/nowhere")
NO_PATHS = AppPaths(NOWHERE, NOWHERE, NOWHERE)


def task(number: int, state: TaskState = TaskState.RUNNING, **facts: Any) -> Task:
    """Return a task that was added `number` minutes before now."""
    added = NOW - 60 * number
    is_sent = state not in (TaskState.QUEUED, TaskState.SUBMITTING, TaskState.REJECTED)
    known: dict[str, Any] = {
        "id": number,
        "url": f"https://example.com/files/part-{number:02}.iso",
        "created_at": added,
        "state": state,
        "task_id": 9000 + number if is_sent else None,
        "sent_at": added + 1 if is_sent else None,
        "percent": 100.0 if state is TaskState.SUCCEEDED else 10.0,
    }
    return Task(**(known | facts))


def on_its_way(number: int, **facts: Any) -> Task:
    """Return a task that has gained one percent every 10 seconds until now."""
    samples = tuple(Sample(NOW - 10 * (20 - n), 30.0 + n) for n in range(21))
    known: dict[str, Any] = {"samples": samples, "percent": 50.0, "checked_at": NOW}
    return task(number, **(known | facts))


class MemoryStore(TaskStore):
    """Keeps the tasks in memory, where each change counts as saved."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        super().__init__(NOWHERE)
        self.problem = None
        self.put(tasks)

    async def save(self) -> bool:
        return True

    async def check(self) -> None:
        pass


class PaperEngine(Engine):
    """An engine that carries out commands, and by itself sends and asks nothing."""

    def __init__(self, tasks: Iterable[Task], status: Status = Status()) -> None:
        self.now = NOW
        self.drive = PaperService(pages={})
        self.has_folders = True
        """Whether folders can be read."""
        self.found: dict[int, Task] = {}
        """The tasks as a look finds them."""
        store, runtime = MemoryStore(tasks), Runtime(clock=lambda: self.now)
        super().__init__(store, config_of(lambda: self.drive), EventPublisher(), runtime=runtime)
        self.session = self.folders._session = open_session(self.drive)
        self.events.status = status
        self.listen: Callable[[EngineEvent], None] = self.events.on_event
        self.watcher = cast("FolderWatcher", self)

    def opened(self, listener: EventListener) -> Engine:
        self.events.listeners = (listener,)
        self.listen = listener.on_event
        return self

    async def run(self) -> None:
        await self._stopping.wait()

    def tell(self, *tasks: Task) -> None:
        """Set the tasks to these values."""
        self._store.put(tasks)
        self.listen(TasksChanged(tasks))

    def end(self, task_id: int, state: TaskState) -> None:
        """Move a task to `state`, as a poll would."""
        self.tell(transition(self.tasks[task_id], state, at=NOW, finished_at=NOW))

    async def look_now(self, ids: Collection[int]) -> tuple[Task, ...]:
        known = [i for i in ids if i in self.tasks and self.has_folders]
        looked = tuple(self.found.get(i, self.tasks[i]) for i in known)
        self.tell(*looked)
        return looked


def go_to(table: TaskTable, task_id: int) -> None:
    """Move the cursor to a task."""
    table.rows_shown = replace(table.rows_shown, goes_to=task_id)


class Story(StageUser):
    """What a user does on the dashboard and sees there."""

    def __init__(self, pilot: Pilot[Exit], engine: PaperEngine) -> None:
        super().__init__(pilot)
        self.engine = engine

    @property
    def app(self) -> Pan123App:
        return cast("Pan123App", self.pilot.app)

    @property
    def dashboard(self) -> DashboardScreen:
        found = [s for s in self.app.screen_stack if isinstance(s, DashboardScreen)]
        return found[0]

    @property
    def footer(self) -> str:
        return self.text.splitlines()[-1]

    @property
    def names(self) -> list[str]:
        """The names in the table, from the top."""
        return [
            self.app.model.tasks[i].url.rpartition("/")[2]
            for i in self.dashboard.table.visible_ids()
            if i in self.app.model.tasks
        ]

    @property
    def toasts(self) -> list[str]:
        return messages(self.app)

    @property
    def is_filled(self) -> bool:
        """Whether the dashboard shows the loaded tasks, or that there are none to show."""
        browser, is_covered = self.dashboard.panel, self.app.screen is not self.dashboard
        is_drawn = bool(browser.table.visible_ids()) or browser.empty_text is not None
        return self.app.model.is_loaded and (is_drawn or is_covered)

    async def hears(self, words: str) -> None:
        """Wait for a message with `words`."""
        await self.sees(lambda: any(words in toast for toast in self.toasts))


async def no_probe(url: str) -> ProbeResult:
    raise AssertionError(f"nobody has asked for a test of {url}")


class PaperApp(Pan123App):
    """The application with access to its fake engine."""

    def __init__(self, engine: PaperEngine, **kwargs: Any) -> None:
        paths = NO_PATHS._replace(state_dir=kwargs.pop("state_dir", NOWHERE))
        engine.probe = kwargs.pop("probe", no_probe)
        kwargs = {"environ": _BARE, "paths": paths} | kwargs
        self.paper = engine
        self.served = ServedEngine(engine.opened)
        client = EngineClient(self.served.connect)
        super().__init__(client, first_screen=DashboardScreen, **kwargs)
        self.engine.interval_s = 0.05

    def clock(self) -> float:
        return self.paper.now


def paper_app(tasks: Iterable[Task] = (), *, status: Status = Status(), **kwargs: Any) -> PaperApp:
    """Return the application on a fake engine, whose clock only a test moves."""
    return PaperApp(PaperEngine(tasks, status), **kwargs)


@asynccontextmanager
async def story(
    tasks: Iterable[Task] = (),
    *,
    size: tuple[int, int] = (120, 30),
    is_awaited: bool = True,
    **kwargs: Any,
) -> AsyncIterator[Story]:
    """Open the dashboard on `tasks` and wait until they are shown, if that `is_awaited`."""
    app = paper_app(tasks, **kwargs)
    async with app.run_test(size=size, notifications=True) as pilot:
        told = Story(pilot, app.paper)
        try:
            await told.sees(lambda: told.is_filled or not is_awaited)
            yield told
        finally:
            await app.served.close()
