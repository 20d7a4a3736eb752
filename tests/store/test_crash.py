"""A program killed at any moment leaves a readable store with all that was reported saved."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tinydb import TinyDB

from pan123_tui.domain.task import Task
from pan123_tui.store.task_files import TaskFiles

WRITER = """
import asyncio, sys
from msgspec.structs import replace
from pathlib import Path
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.store import task_files
from pan123_tui.store.task_store import TaskStore

task_files.ARCHIVE_AT = 8

async def work(folder):
    store = TaskStore(folder)
    assert store.notice is None, store.notice
    while True:
        [new] = store.new_ids(1)
        store.put([Task(id=new, url=f"https://h/{new}", created_at=1.0)])
        await store.save()
        print("added", new, flush=True)
        store.put([replace(store.tasks[new], state=TaskState.SUCCEEDED, task_id=new)])
        await store.save()
        print("ended", new, flush=True)
        if new % 5 == 0:
            store.remove([new - 3])
            await store.save()
            print("removed", new - 3, flush=True)

asyncio.run(work(Path(sys.argv[1])))
"""


def killed_after(lines: int, delay_s: float, folder: Path) -> list[str]:
    """Kill the writer shortly after `lines` lines; return all complete lines it printed."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        reported = [process.stdout.readline().strip() for _ in range(lines)]
        try:
            process.wait(delay_s)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        reported += process.stdout.read().splitlines()
    assert process.returncode == -signal.SIGKILL, reported
    return [line for line in reported if len(line.split()) == 2]


def check(reported: list[str], tasks: Mapping[int, Task]) -> list[str]:
    """Compare the reported changes with the disk; return those that were saved unreported."""
    removed = {int(line.split()[1]) for line in reported if line.startswith("removed")}
    ended = {int(line.split()[1]) for line in reported if line.startswith("ended")}
    added = {int(line.split()[1]) for line in reported if line.startswith("added")}
    missing = added - removed - tasks.keys()
    unreported = tasks.keys() - added
    assert missing <= {max(added) - 3}, "a link is lost"
    assert unreported <= {max(added) + 1}
    assert not tasks.keys() & removed, "a removed task came back"
    assert all(tasks[i].task_id == i for i in ended & tasks.keys()), "a taskID is lost"
    return [f"removed {i}" for i in missing] + [f"added {i}" for i in unreported]


def run(folder: Path, times: int) -> int:
    """Kill a writer `times` times on the same folder; return the final number of tasks."""
    chance = random.Random(times)
    reported: list[str] = []
    tasks: Mapping[int, Task] = {}
    for _ in range(times):
        reported += killed_after(chance.randint(1, 30), chance.uniform(0, 0.02), folder)
        files = TaskFiles(folder)
        tasks = files.load(read_only=True)
        assert not files.damaged
        reported += check(reported, tasks)
        with TinyDB(folder / "tasks.json") as stock:
            assert len(stock.table("meta")) == 1
    return len(tasks)


def test_a_writer_killed_five_times_loses_nothing(disk: Path) -> None:
    assert run(disk, 5) > 0
