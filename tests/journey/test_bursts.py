"""Keys that arrive at once act one after the other, each on what the former one did."""

from pathlib import Path

from msgspec.structs import replace

from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import TaskState
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import load_stored
from tests.journey.terminal import Terminal
from tests.store.store_samples import plain_task


def test_each_key_of_a_burst_has_its_effect_and_the_list_shows_it(tmp_path: Path) -> None:
    data, config = tmp_path / "data", tmp_path / "config"
    store = TaskStore.open(data)
    store.put(plain_task(number, TaskState.QUEUED) for number in range(1, 4))
    store.put([replace(plain_task(4, TaskState.FAILED), finished_at=1.0)])
    store.set_paused(True)
    store.close()
    environ = {"PAN123_DATA_DIR": str(data), "PAN123_CONFIG_DIR": str(config)}
    with Terminal(environ=environ) as terminal:
        terminal.sees("queued 3", "failed 1")
        terminal.press("2Gg<")
        terminal.sees("1 link moved to the front.")
        terminal.press("3rr")
        terminal.sees("queued 4")
        terminal.sees("1 link queued again")
        terminal.press("Q")
        assert terminal.ends(within_s=60) == 0
    tasks = load_stored(data)
    assert {task.state for task in tasks.values()} == {TaskState.QUEUED}
    assert min(tasks.values(), key=send_key).id == 3
