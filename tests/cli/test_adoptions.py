"""`add --task-id`: tasks that 123pan has already."""

import pytest

from pan123_tui.simulator.requests import CreateRequest
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_another_clients_tasks_are_watched_by_id(shell: Shell, service: SimulatorServer) -> None:
    first, second = (str(service.world.add_task(CreateRequest(URL)).id) for _ in range(2))
    words = ("--task-id", f"{first}, {second}\n", "--name", "theirs.iso")
    said = "1 taskID added. The next check shows whether 123pan knows it.\n"
    assert shell.call("add", "--task-id", first).err == said
    ran = shell.call("add", *words, "--task-id", second, "--batch", "night", "--wait")
    assert (ran.code, ran.out) == (0, "2\n")
    assert ran.err.startswith(f"{said}1 taskID is already in the list.\n")
    assert shell.call("add", "--task-id", first).err == "1 taskID is already in the list.\n"
    assert [str(task["task_id"]) for task in shell.tasks()] == [first, second]
    task = shell.tasks()[1]
    assert (task["name"], task["batch"], task["shown"]) == ("theirs.iso", "night", "done")
    ran = shell.call("list", "--links")
    assert (ran.code, ran.out) == (0, "")


def test_a_wait_for_one_in_the_list_says_its_end(shell: Shell, service: SimulatorServer) -> None:
    url = "https://example.com/fail/a.iso"
    words = "--task-id", str(service.world.add_task(CreateRequest(url)).id)
    assert shell.call("add", *words).out == "1\n"
    ran = shell.call("add", *words, "--wait")
    assert (ran.code, ran.out) == (1, ""), ran.err
    assert [task["shown"] for task in shell.tasks()] == ["failed"]


ONLY = "With --task-id you can use only --name, --batch and --wait."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        *((f"7 --{it}", ONLY) for it in ("front", "again", "all", "parents", "dir=7", "json")),
        ("7 --dry-run", ONLY),
        (f"7 {URL}", "Links and --task-id cannot be given together."),
        *((it, f"“{it}” is not a taskID.") for it in ("0", "9" * 19, "x", "7.5", "-7")),
        ("a\x1bb", "“a\\x1bb” is not a taskID."),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    shell: Shell, words: str, said: str
) -> None:
    ran = shell.call("add", "--task-id", *words.split())
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err
    assert shell.tasks() == []
