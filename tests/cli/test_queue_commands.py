"""`pause`, `resume`, `move`, `hold` and `release`, and what the other commands say of them."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.task import TaskState, new_task
from tests.engine_stage import link
from tests.shell import Shell

PAUSED = "Sending is paused: “pan123-tui resume” goes on.\n"
URLS = [link("fast", number).url for number in range(1, 5)]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A user whose links stay queued: there is no account."""
    return Shell(tmp_path, token="")


def order(shell: Shell) -> list[int]:
    """Return the ids in the order in which they are sent."""
    going = [task for task in shell.tasks() if task["place"] is not None]
    return [task["id"] for task in sorted(going, key=lambda task: task["place"])]


def test_a_pause_is_kept_for_the_next_start_and_said_by_all(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert shell.call("pause").err == shell.call("pause").err == PAUSED
    added = shell.call("add", *URLS[:2])
    assert added.out == "1\n2\n"
    assert added.err == f"2 links queued. {PAUSED}"
    assert shell.call("list").err == PAUSED
    assert PAUSED in shell.call("status").out
    assert PAUSED in shell.call("stop").err
    assert shell.call("status").out.endswith(PAUSED)
    assert shell.call("status", "--json").json["paused"] is True
    assert shell.call("resume").err == "Sending goes on.\n"
    assert shell.call("list").err == ""


def test_links_are_moved_and_what_is_not_queued_is_named(shell: Shell) -> None:
    shell.call("add", *URLS)
    assert shell.call("move", "3", "4").err == "2 links moved to the front.\n"
    assert order(shell) == [3, 4, 1, 2]
    nothing = shell.call("move", "9")
    assert (nothing.code, nothing.err) == (1, "There is no task 9.\n")


def test_what_is_queued_of_a_batch_is_moved_as_one(shell: Shell) -> None:
    shell.call("add", *URLS[:2])
    shell.call("add", *URLS[2:], "--batch", "a")
    moved = shell.call("move", "--batch", "last").err
    assert moved == "Batch a: 2 tasks\n2 links moved to the front.\n"
    assert order(shell) == [3, 4, 1, 2]
    assert shell.call("move", "--batch", "b").code == 1
    assert shell.call("move").code == shell.call("move", "1", "--batch", "a").code == 2


def test_what_is_not_queued_of_a_batch_is_left_out(shell: Shell) -> None:
    failed, queued = (new_task(link("fast", n), task_id=n, at=1.0) for n in (1, 2))
    shell.store(replace(failed, state=TaskState.FAILED), queued)
    moved = shell.call("move", "--batch", "last")
    assert (moved.code, moved.err.splitlines()[1:]) == (0, ["1 link moved to the front."])
    shell.call("remove", "2")
    assert shell.call("move", "--batch", "last").err.endswith("No link of this batch is queued.\n")


def test_beside_a_watch_the_commands_go_over_its_socket(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with shell.watching() as watch:
        shell.wait_until(lambda: shell.call("status").code == 0)
        assert shell.call("pause").err == PAUSED
        assert shell.call("add", *URLS[:3]).err == f"3 links queued. {PAUSED}"
        shell.call("move", "3")
        assert order(shell) == [3, 1, 2]
        assert shell.call("list").err == PAUSED
        assert {task["state"] for task in shell.tasks()} == {"queued"}
        assert shell.call("status", "--json").json["pid"] == watch.pid
        assert shell.call("resume").err == "Sending goes on.\n"
        assert shell.call("status", "--json").json["paused"] is False


def test_watch_until_done_ends_where_only_the_user_can_go_on(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.call("pause")
    shell.call("add", URLS[0])
    ran = shell.call("watch", "--until-done")
    assert ran.code == 1
    assert "1 link not sent yet" in ran.err
    assert PAUSED in ran.err


@pytest.mark.parametrize("command", ["pause", "resume", "move"])
def test_every_help_has_an_example(shell: Shell, command: str) -> None:
    assert f"pan123-tui {command}" in shell.call(command, "--help").out.partition("Example:")[2]
