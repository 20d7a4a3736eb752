"""The cost of the store in counts: bytes per save, modules per start."""

import subprocess
import sys
from pathlib import Path

import pytest

from pan123_tui.domain.task import TaskState
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_store import TaskStore
from tests.store.store_samples import plain_task


async def test_a_thousand_ended_tasks_rewrite_the_archive_twice_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = AtomicStorage.write

    def noted(self: AtomicStorage, data: dict[str, dict[str, object]]) -> None:
        written.append(self.path.name)
        write(self, data)

    monkeypatch.setattr(AtomicStorage, "write", noted)
    store = TaskStore.open(tmp_path)
    for i in range(1, 1001):
        store.put([plain_task(i, TaskState.SUCCEEDED)])
        if i % 20 == 0:
            await store.save()
    store.close()
    assert written.count("tasks.json") == 50
    assert 1 <= written.count("archive.json") / 2 <= 2


def test_the_store_imports_neither_the_screens_nor_the_network() -> None:
    code = (
        "import sys, pan123_tui.store.task_files; print(*sys.modules);"
        "import pan123_tui.store.task_store, pan123_tui.store.lock; print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    to_read, to_write = (set(line.split()) for line in ran.stdout.splitlines())
    assert not {"asyncio", "filelock"} & to_read
    assert not {"textual", "rich", "httpx", "uvicorn", "starlette"} & to_write
