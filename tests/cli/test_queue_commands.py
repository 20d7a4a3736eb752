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


def test_links_are_moved_and_held_and_what_is_not_queued_is_named(shell: Shell) -> None:
    shell.call("add", *URLS)
    assert shell.call("move", "3", "4", "--front").err == "2 links moved to the front.\n"
    assert shell.call("move", "1", "--back").err == "1 link moved to the end.\n"
    assert order(shell) == [3, 4, 2, 1]
    assert shell.call("hold", "4").err == "1 link held: not sent until released.\n"
    assert order(shell) == [3, 2, 1]
    assert [task["id"] for task in shell.tasks() if task["held"]] == [4]
    assert "held" in shell.call("list", "--state", "queued").out
    assert "1  of them held" in shell.call("status").out
    assert shell.call("release", "4", "4").err == "1 link released.\n"
    assert order(shell) == [3, 4, 2, 1]
    nothing = shell.call("hold", "9")
    assert (nothing.code, nothing.err) == (1, "There is no task 9.\n")
    assert shell.call("move", "1").code == shell.call("move", "1", "--front", "--back").code == 2


def test_what_is_queued_of_a_batch_is_moved_held_and_released_as_one(shell: Shell) -> None:
    shell.call("add", *URLS[:2])
    shell.call("add", *URLS[2:], "--batch", "a")
    assert shell.call("move", "--batch", "last", "--front").err == (
        "Batch a: 2 tasks\n2 links moved to the front.\n"
    )
    assert order(shell) == [3, 4, 1, 2]
    assert shell.call("hold", "--batch", "a").code == 0
    assert order(shell) == [1, 2]
    assert shell.call("release", "--batch", "a").err == "2 links released.\n"
    assert shell.call("hold", "--batch", "b").code == 1
    assert shell.call("hold").code == shell.call("hold", "1", "--batch", "a").code == 2


def test_of_a_batch_only_what_changes_is_held_and_released(shell: Shell) -> None:
    shell.call("add", *URLS[:2], "--batch", "a")
    assert shell.call("release", "--batch", "a").err == "No link of this batch is held.\n"
    shell.call("hold", "1")
    assert shell.call("hold", "--batch", "a").err == "1 link held: not sent until released.\n"
    held = shell.call("hold", "--batch", "a")
    assert held.err == "All queued links of this batch are held already.\n"
    assert held.code == 0
    shell.call("release", "1")
    assert shell.call("release", "--batch", "a").err == "1 link released.\n"


def test_what_is_not_queued_of_a_batch_is_left_out(shell: Shell) -> None:
    failed, queued = (new_task(link("fast", n), task_id=n, at=1.0) for n in (1, 2))
    shell.store(replace(failed, state=TaskState.FAILED), queued)
    held = shell.call("hold", "--batch", "last")
    assert (held.code, held.err.splitlines()[1:]) == (0, ["1 link held: not sent until released."])
    shell.call("remove", "2")
    assert shell.call("hold", "--batch", "last").err.endswith("No link of this batch is queued.\n")


def test_beside_a_watch_the_commands_go_over_its_socket(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    with shell.watching() as watch:
        shell.wait_until(lambda: shell.call("status").code == 0)
        assert shell.call("pause").err == PAUSED
        assert shell.call("add", *URLS[:3]).err == f"3 links queued. {PAUSED}"
        shell.call("move", "3", "--front")
        shell.call("hold", "1")
        assert order(shell) == [3, 2]
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


def test_held_links_are_counted_apart_where_the_program_ends(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.call("pause")
    shell.call("add", *URLS)
    shell.call("hold", *map(str, range(1, len(URLS) + 1)))
    shell.call("resume")
    ran = shell.call("watch", "--until-done", "--quiet")
    assert f"{len(URLS)} links held: they wait until you release them.\n" in ran.err
    assert "not sent yet" not in ran.err


@pytest.mark.parametrize("command", ["pause", "resume", "move", "hold", "release"])
def test_every_help_has_an_example(shell: Shell, command: str) -> None:
    assert f"pan123-tui {command}" in shell.call(command, "--help").out.partition("Example:")[2]
