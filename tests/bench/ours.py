"""The dashboard on an engine that only publishes changes.

`python -m tests.bench.ours --changes 200 --report FILE` appends to FILE a line for each time that
the event loop was blocked after its first three seconds: when (monotonic), and for how many ms.
"""

import argparse
import asyncio
import gc
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from pan123_tui.client import engine_client
from pan123_tui.client.engine_client import EngineClient, Streams
from pan123_tui.client.starter import connect_to_holder
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.events import EngineEvent, Status, TasksChanged
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.dashboard.screen import DashboardScreen
from tests.bench import stock
from tests.bench.keys import ACTIVE, TASKS

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

HEARTBEAT_S = 0.002


class FakeEngine:
    """An engine that publishes changes, spread evenly over the active tasks."""

    def __init__(
        self, listen: Callable[[EngineEvent], None], changes_per_s: int, tasks: int
    ) -> None:
        self._publish = listen
        self._changes_per_s = changes_per_s
        self._random = random.Random(1)
        self.tasks = TaskCollection(stock.tasks(active=ACTIVE, ended=tasks - ACTIVE))
        self.repository = self
        self.folders = self
        self.status, self.tree, self.is_stopping = Status(), FolderTree(), False
        self.environment_problem = None

    async def run(self) -> None:
        """Publish change after change."""
        started, published = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.02)
            due = int((time.monotonic() - started) * self._changes_per_s)
            while published < due:
                published += 1
                self._publish(TasksChanged((self._changed(),)))

    async def set_visible(self, _ids: object, *, screen_id: str) -> None:
        """Do nothing."""

    def published(self, task_id: int) -> Task | None:
        return self.tasks.get(task_id)

    def _changed(self) -> Task:
        task = self.tasks[self._random.randint(1, ACTIVE)]
        progress = Progress(min(99.0, task.percent + 0.1), ProcessStatus.RUNNING)
        self.tasks.put(changed := apply_progress(task, progress, at=time.time()))
        return changed


class MeasuredApp(Pan123App):
    """The app, measuring how long its event loop is blocked."""

    report: Path | None = None

    def on_ready(self) -> None:
        """Start measuring."""
        if self.report is not None:
            self._measuring = asyncio.create_task(self._measure_delays(self.report))

    async def _measure_delays(self, report: Path) -> None:
        await asyncio.sleep(3.0)
        with report.open("a", buffering=1) as lines:
            then = time.monotonic()
            while True:
                await asyncio.sleep(HEARTBEAT_S)
                now = time.monotonic()
                if (late_s := now - then - HEARTBEAT_S) > HEARTBEAT_S:
                    print(now, 1000 * late_s, file=lines)
                then = time.monotonic()


async def serve(folder: Path, changes_per_s: int, tasks: int) -> None:
    """Run the engine on the socket of `folder`, until the process is killed."""
    with FolderLock(folder, program="engine") as lock:
        server = ScreenServer(lock)
        engine = FakeEngine(server.on_event, changes_per_s, tasks)
        server.use(cast("Engine", engine))
        await asyncio.gather(server.run(), engine.run())


def show(folder: Path) -> None:
    """Run the app on the engine of `folder`."""

    async def connect(*, may_start: bool) -> Streams:
        return await connect_to_holder(folder)

    paths = AppPaths(folder, folder, folder)
    engine_client.PATIENCE_S = 20.0
    MeasuredApp(EngineClient(connect), paths, DashboardScreen).run()


def main() -> None:
    """Run the app, started as the program starts it, and its engine beside it."""
    gc.disable()
    options = argparse.ArgumentParser()
    options.add_argument("--changes", type=int, default=0)
    options.add_argument("--tasks", type=int, default=TASKS)
    options.add_argument("--report", type=Path)
    options.add_argument("--serve", type=Path)
    chosen = options.parse_args()
    MeasuredApp.report = chosen.report
    if chosen.serve:
        asyncio.run(serve(chosen.serve, chosen.changes, chosen.tasks))
        return
    with TemporaryDirectory() as folder:
        serving = ["--serve", folder, *sys.argv[1:]]
        engine = subprocess.Popen([sys.executable, "-m", "tests.bench.ours", *serving])
        try:
            show(Path(folder))
        finally:
            engine.kill()


if __name__ == "__main__":
    main()
