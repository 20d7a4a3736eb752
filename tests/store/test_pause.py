"""The user's pause is kept beside the tasks."""

import asyncio
from pathlib import Path

from pan123_tui.store.task_store import TaskStore
from tests.store.store_samples import plain_task


def is_paused_on_disk(folder: Path) -> bool:
    store = TaskStore.open(folder)
    store.close()
    return store.is_paused


async def test_a_pause_is_saved_although_it_comes_during_a_write(tmp_path: Path) -> None:
    store = TaskStore.open(tmp_path)
    store.put([plain_task(1)])
    writing = asyncio.create_task(store.save())
    await asyncio.sleep(0)
    store.set_paused(True)
    await asyncio.gather(writing, store.save())
    assert not store.is_dirty
    assert is_paused_on_disk(tmp_path)
    store.set_paused(False)
    store.close()
    assert not is_paused_on_disk(tmp_path)
