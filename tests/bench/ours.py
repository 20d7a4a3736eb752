"""Our dashboard on an engine that tells of changes and does nothing else.

`python -m tests.bench.ours --changes 200 --report FILE`: FILE gets the longest time, in ms, that
the screen's loop was held up after its first three seconds, time and again.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from pan123_tui.config import gc_pause
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.progress import ProcessStatus, Progress, apply_progress
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.engine_bridge import EngineBridge
from tests.bench import stock
from tests.bench.stream import ACTIVE, TASKS

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine

ENDS_EVERY = 1000
"""One change of so many is a task that ends: each change is a tenth of a percent."""
BEAT_S = 0.002


class Teller:
    """What an engine is to the bridge: it tells of changes, evenly spread over the active tasks."""

    def __init__(self, listen: Callable[[EngineEvent], None], changes_per_s: int) -> None:
        self._listen = listen
        self._changes_per_s = changes_per_s
        self._chance = random.Random(1)
        self._tasks = {task.id: task for task in stock.tasks(active=ACTIVE, ended=TASKS - ACTIVE)}
        self._active = list(range(1, ACTIVE + 1))

    async def run(self) -> None:
        """Tell everything, then change after change."""
        self._listen(TasksLoaded(TaskCollection(self._tasks.values())))
        started, told = time.monotonic(), 0
        while True:
            await asyncio.sleep(0.02)
            due = int((time.monotonic() - started) * self._changes_per_s)
            while told < due:
                told += 1
                self._listen(TasksChanged((self._changed(ends=told % ENDS_EVERY == 0),)))

    async def focus(self, ids: object) -> None:
        """Nobody is asked here."""

    def stop(self) -> None:
        """It is killed."""

    def save_now(self) -> None:
        """There is nothing to save."""

    def _changed(self, *, ends: bool) -> Task:
        task = self._tasks[self._chance.choice(self._active)]
        at = time.time()
        if ends and len(self._active) > ACTIVE // 2:
            self._active.remove(task.id)
            changed = replace(task, state=TaskState.SUCCEEDED, percent=100.0, finished_at=at)
        else:
            percent = min(99.0, task.percent + 0.1)
            changed = apply_progress(task, Progress(percent, ProcessStatus.RUNNING), at=at)
        self._tasks[task.id] = changed
        return changed


class MeasuredApp(Pan123App):
    """Our app, with a heart whose beats tell how long the loop was held up."""

    report: Path | None = None

    async def on_ready(self) -> None:
        """Begin to beat."""
        if self.report is not None:
            self._beating = asyncio.create_task(self._beat(self.report))

    async def _beat(self, report: Path) -> None:
        await asyncio.sleep(3.0)
        longest_s, then = 0.0, time.perf_counter()
        while True:
            await asyncio.sleep(BEAT_S)
            now = time.perf_counter()
            if now - then - BEAT_S > longest_s:
                longest_s = now - then - BEAT_S
                report.write_text(f"{1000 * longest_s:.1f}")  # noqa: ASYNC240 - a few bytes
            then = time.perf_counter()


def main() -> None:
    """Run the app, begun as the program begins."""
    gc_pause.pause()
    options = argparse.ArgumentParser()
    options.add_argument("--changes", type=int, default=0)
    options.add_argument("--report", type=Path)
    chosen = options.parse_args()
    MeasuredApp.report = chosen.report
    MeasuredApp(
        EngineBridge(lambda listener: cast("Engine", Teller(listener.on_event, chosen.changes)))
    ).run()


if __name__ == "__main__":
    main()
