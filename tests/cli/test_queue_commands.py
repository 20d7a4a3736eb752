"""`pause`, `resume`, `move`, `hold` and `release`, and what the other commands say of them."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from pan123_tui.cli.commands import program
from pan123_tui.domain.task import TaskState
from pan123_tui.store.task_store import TaskStore
from pan123_tui.wording.engine import unsent_if_ended
from tests.engine.remote.stage import serving_engine
from tests.engine_stage import link
from tests.shell import Shell

Run = Callable[..., Result]
PAUSED = "Sending is paused: “pan123-tui resume” goes on.\n"
URLS = [link("fast", number).url for number in range(1, 5)]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, on a data folder of its own."""
    monkeypatch.setenv("PAN123_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PAN123_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("PAN123_LANG", "en")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(program, arguments)

    return invoke


def listed(run: Run) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = json.loads(run("list", "--json").stdout)
    return tasks


def order(run: Run) -> list[int]:
    """Return the ids in the order in which they are sent."""
    going = [task for task in listed(run) if task["place"] is not None]
    return [task["id"] for task in sorted(going, key=lambda task: task["place"])]


def test_a_pause_without_a_program_is_kept_for_the_next_start_and_said_by_all(run: Run) -> None:
    assert run("pause").stderr == run("pause").stderr == PAUSED
    added = run("add", *URLS[:2])
    assert added.stdout == "1\n2\n"
    assert added.stderr == f"2 links queued. {PAUSED}"
    assert run("list").stderr == PAUSED
    status = run("status")
    assert status.stdout.endswith(PAUSED)
    assert json.loads(run("status", "--json").stdout)["paused"] is True
    assert run("resume").stderr == "Sending goes on.\n"
    assert run("list").stderr == ""


def test_links_are_moved_and_held_and_what_is_not_queued_is_named(run: Run) -> None:
    run("add", *URLS)
    assert run("move", "3", "4", "--front").stderr == "2 links moved to the front.\n"
    assert run("move", "1", "--back").stderr == "1 link moved to the end.\n"
    assert order(run) == [3, 4, 2, 1]
    assert run("hold", "4").stderr == "1 link held: not sent until released.\n"
    assert order(run) == [3, 2, 1]
    assert [task["id"] for task in listed(run) if task["held"]] == [4]
    assert "held" in run("list", "--state", "held").stdout
    assert "1  of them held" in run("status").stdout
    assert run("release", "4", "4").stderr == "1 link released.\n"
    assert order(run) == [3, 4, 2, 1]
    nothing = run("hold", "9")
    assert (nothing.exit_code, nothing.stderr) == (1, "There is no task 9.\n")
    assert run("move", "1").exit_code == run("move", "1", "--front", "--back").exit_code == 2


def test_what_is_queued_of_a_batch_is_moved_held_and_released_as_one(run: Run) -> None:
    run("add", *URLS[:2])
    run("add", *URLS[2:], "--batch", "a")
    assert run("move", "--batch", "last", "--front").stderr == (
        "Batch a: 2 tasks\n2 links moved to the front.\n"
    )
    assert order(run) == [3, 4, 1, 2]
    assert run("hold", "--batch", "a").exit_code == 0
    assert order(run) == [1, 2]
    assert run("release", "--batch", "a").stderr == "2 links released.\n"
    assert run("hold", "--batch", "b").exit_code == 1
    assert run("hold").exit_code == run("hold", "1", "--batch", "a").exit_code == 2


def test_of_a_batch_only_what_changes_is_held_and_released(run: Run) -> None:
    run("add", *URLS[:2], "--batch", "a")
    assert run("release", "--batch", "a").stderr == "No link of this batch is held.\n"
    run("hold", "1")
    assert run("hold", "--batch", "a").stderr == "1 link held: not sent until released.\n"
    held = run("hold", "--batch", "a")
    assert held.stderr == "All queued links of this batch are held already.\n"
    assert held.exit_code == 0
    run("release", "1")
    assert run("release", "--batch", "a").stderr == "1 link released.\n"


def test_what_is_not_queued_of_a_batch_is_left_out(run: Run, tmp_path: Path) -> None:
    run("add", *URLS[:2])
    store = TaskStore.open(tmp_path / "data")
    store.put([replace(store.tasks[1], state=TaskState.FAILED)])
    store.save_now()
    store.close()
    held = run("hold", "--batch", "last")
    assert (held.exit_code, held.stderr.splitlines()[1:]) == (
        0,
        ["1 link held: not sent until released."],
    )
    run("remove", "2")
    assert run("hold", "--batch", "last").stderr.endswith("No link of this batch is queued.\n")


async def test_beside_a_program_the_commands_go_over_its_socket(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with serving_engine(tmp_path / "data") as (engine, _server):
        assert (await asyncio.to_thread(run, "pause")).stderr == PAUSED
        assert engine.status.is_paused
        await engine.task_service.add([link("fast", number) for number in (1, 2)])
        added = await asyncio.to_thread(run, "add", URLS[2])
        assert "Sending is paused" in added.stderr
        await asyncio.to_thread(run, "move", "3", "--front")
        await asyncio.to_thread(run, "hold", "1")
        assert await asyncio.to_thread(order, run) == [3, 2]
        assert (await asyncio.to_thread(run, "list")).stderr == PAUSED
        assert {task.state for task in engine.tasks.values()} == {TaskState.QUEUED}
        assert (await asyncio.to_thread(run, "resume")).stderr == "Sending goes on.\n"
        assert not engine.status.is_paused


def test_watch_until_done_ends_where_only_the_user_can_go_on(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.call("add", URLS[0])
    shell.call("pause")
    ran = shell.call("watch", "--until-done")
    assert ran.code == 1
    assert "1 link not sent yet" in ran.err
    assert PAUSED in ran.err


def test_held_links_are_counted_apart_where_the_program_ends(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.call("add", *URLS)
    shell.call("hold", *map(str, range(1, len(URLS) + 1)))
    ran = shell.call("watch", "--until-done", "--quiet")
    assert f"{len(URLS)} links held: they wait until you release them.\n" in ran.err
    assert "not sent yet" not in ran.err
    assert unsent_if_ended(3, held=2).splitlines() == [
        "1 link waits for its next start.",
        "2 links held: they wait until you release them.",
    ]


@pytest.mark.parametrize("command", ["pause", "resume", "move", "hold", "release"])
def test_every_help_has_an_example(run: Run, command: str) -> None:
    assert f"pan123-tui {command}" in run(command, "--help").stdout.partition("Example:")[2]
