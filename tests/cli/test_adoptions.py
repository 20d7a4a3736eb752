"""`add --task-id`: tasks that 123pan has already."""

import pytest

from pan123_tui.simulator.requests import CreateRequest
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_tasks_of_another_client_are_watched_by_their_ids(
    shell: Shell, service: SimulatorServer
) -> None:
    first, second = (str(service.world.add_task(CreateRequest(URL)).id) for _ in range(2))
    words = ("--task-id", first, "--task-id", second, "--name", "theirs.iso")
    assert shell.call("add", "--task-id", first).out == "1\n"
    ran = shell.call("add", *words, "--task-id", second, "--batch", "night", "--wait")
    assert (ran.code, ran.out) == (0, "2\n")
    assert ran.err == "1 taskID is in the list already.\n"
    assert [str(task["task_id"]) for task in shell.tasks()] == [first, second]
    task = shell.tasks()[1]
    assert (task["name"], task["batch"], task["shown"]) == ("theirs.iso", "night", "done")
    ran = shell.call("list", "--links")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        *(
            (words, 2)
            for words in ("7 --front", "7 --again", "7 --all", "7 --parents", "7 --dir=7")
        ),
        *((words, 2) for words in (f"7 {URL}", "7 --json", "7 --dry-run", "0", "x", "7.5")),
        ("9" * 30, 1),
    ],
)
def test_what_cannot_be_meant_is_refused(shell: Shell, words: str, code: int) -> None:
    ran = shell.call("add", "--task-id", *words.split())
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err
    assert shell.tasks() == []
