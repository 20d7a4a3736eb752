"""`add --task-id`: tasks that 123pan has already."""

import pytest

from pan123_tui.simulator.requests import CreateRequest
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_a_task_of_another_client_is_watched_by_its_id(
    shell: Shell, service: SimulatorServer
) -> None:
    made = service.world.add_task(CreateRequest(URL))
    words = ("add", "--task-id", str(made.id), "--name", "theirs.iso")
    assert shell.call(*words, "--wait").code == 0
    (task,) = shell.tasks()
    assert (task["task_id"], task["name"], task["shown"]) == (made.id, "theirs.iso", "done")
    ran = shell.call(*words)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"skipped: taskID {made.id} (the same as task 1)\n"
    ran = shell.call("list", "--links")
    assert (ran.code, ran.out) == (0, "")
    assert "1 task was added by its taskID" in ran.err


@pytest.mark.parametrize("is_piped", [True, False])
def test_many_are_watched_out_of_a_file_or_a_pipe(
    shell: Shell, service: SimulatorServer, is_piped: bool
) -> None:
    first, second, third = (service.world.add_task(CreateRequest(f"{URL}{n}")).id for n in "123")
    shell.call("add", "--task-id", str(second), "--wait")
    lines = f"\ufeff# theirs\r\n\r\n{first}\t第 1 集.mkv\r\n{second}\n{third}\t\n{first}\n"
    file = shell.folder / "ids.txt"
    file.write_text(lines, "utf-8")
    words = ("add", "--task-id", "-" if is_piped else str(file), "--name", "theirs")
    planned = shell.call(*words, "--dry-run", stdin=lines)
    assert planned.out == f"{first} theirs\n{third} theirs\n".replace("theirs", "第 1 集.mkv", 1)
    assert len(shell.tasks()) == 1
    ran = shell.call(*words, "--batch", "night", "--json", "--wait", stdin=lines)
    assert (ran.code, ran.err) == (0, f"skipped: taskID {second} (the same as task 1)\n")
    assert ran.json["tasks"][:3] == [
        {"task_id": first, "name": "第 1 集.mkv", "duplicate_of": None, "id": 2},
        {"task_id": second, "name": "theirs", "duplicate_of": 1, "id": None},
        {"task_id": third, "name": "theirs", "duplicate_of": None, "id": 3},
    ]
    assert [(it["task_id"], it["name"], it["batch"]) for it in shell.tasks()[1:]] == [
        (first, "第 1 集.mkv", "night"),
        (third, "theirs", "night"),
    ]
    assert {it["shown"] for it in shell.tasks()} == {"done"}


@pytest.mark.parametrize("line", ["x7 a.iso", "0", "-1", "9223372036854775808", "٣", "7.5 a"])
def test_a_line_without_a_task_id_is_named_and_nothing_is_watched(shell: Shell, line: str) -> None:
    ran = shell.call("add", "--task-id", "-", stdin=f"7\n\n{line}\x1b\n")
    assert (ran.code, ran.out) == (2, "")
    assert f"-, line 3: “{line}\\x1b” does not begin with a taskID." in ran.err
    assert shell.tasks() == []


@pytest.mark.parametrize(
    "words",
    ["7 --front", "7 --again", "7 --parents", "7 --dir=7", f"7 {URL}", "0", "9" * 30, "/no/file"],
)
def test_what_cannot_be_meant_is_a_usage_error(shell: Shell, words: str) -> None:
    ran = shell.call("add", "--task-id", *words.split())
    assert (ran.code, ran.out) == (2, "")
    assert shell.tasks() == []
