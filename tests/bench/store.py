"""The cost of saving ten thousand tasks."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch

from msgspec.structs import replace
from tinydb import TinyDB, where

from pan123_tui.domain.task import TaskState
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system import private_files
from tests.bench import stock
from tests.bench.figures import Figure

SAVES = 15


def figures() -> Iterator[Figure]:
    """Measure saving progress, saving a final state, and the bytes written."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        stock.fill(folder / "ours", active=1000, ended=9000)
        usual_ms, usual_bytes = _usual(folder)
        flush_ms, commit_ms, flush_bytes = asyncio.run(_ours(folder / "ours"))
    yield Figure("a save of progress, 10,000 stored", usual_ms, flush_ms, "ms", 10)
    yield Figure("a final state to disk", usual_ms, commit_ms, "ms", 50)
    # The baseline updates five times a second; the program saves every three seconds.
    what = "written while 1,000 of 10,000 move"
    yield Figure(what, 5 * usual_bytes / 1e6, flush_bytes / 3 / 1e6, "MB/s", 2)


def _usual(folder: Path) -> tuple[float, int]:
    """Return the time in ms and the bytes of an update by TinyDB itself."""
    db = TinyDB(folder / "usual.json")
    db.insert_multiple(
        {
            "id": task.id,
            "url": task.url,
            "state": str(task.state),
            "percent": task.percent,
            "samples": [list(sample) for sample in task.samples],
        }
        for task in stock.tasks(active=1000, ended=9000)
    )
    times = []
    for number in range(5):
        at = time.perf_counter()
        db.update({"percent": 50.0}, where("id") == number + 1)
        times.append(time.perf_counter() - at)
    db.close()
    return 1000 * median(times), (folder / "usual.json").stat().st_size


async def _ours(folder: Path) -> tuple[float, float, int]:
    store, written = TaskStore.open(folder), 0
    write = private_files._write_synced

    def counted(path: Path, content: bytes) -> None:
        nonlocal written
        written += len(content)
        write(path, content)

    flushes, commits = [], []
    with patch.object(private_files, "_write_synced", counted):
        for number in range(1, SAVES + 1):
            moved = [replace(store.tasks[15 * number + i], percent=70.0) for i in range(15)]
            flushes.append(await _saved_ms(store, moved))
    size = written // SAVES
    for number in range(900, 900 + SAVES):
        ended = replace(store.tasks[number], state=TaskState.SUCCEEDED, percent=100.0)
        commits.append(await _saved_ms(store, [ended]))
    store.close()
    return median(flushes), max(commits), size


async def _saved_ms(store: TaskStore, tasks: list) -> float:  # type: ignore[type-arg]
    at = time.perf_counter()
    store.put(tasks)
    await store.save()
    return 1000 * (time.perf_counter() - at)
