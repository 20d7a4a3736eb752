"""`add --task-id`: tasks that 123pan has already."""

from pathlib import Path

import pytest

from pan123_tui.cli.add import add
from pan123_tui.simulator.messages import CreateRequest
from tests.service.server import SimulatorServer
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


def test_another_clients_tasks_are_watched_by_id(shell: Shell, service: SimulatorServer) -> None:
    first, second = (str(service.world.add_task(CreateRequest(URL)).id) for _ in range(2))
    words = ("--task-id", first, "--task-id", second, "--name", "theirs.iso")
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


ONLY = "With --task-id you can use only --name, --batch and --wait."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        *((f"7 --{it}", ONLY) for it in ("front", "again", "all", "parents", "dir=7", "json")),
        ("7 --dry-run", ONLY),
        (f"7 {URL}", "Links and --task-id cannot be given together."),
        *((it, f"“{it}” does not begin with a taskID.") for it in ("0", "9" * 30)),
        ("no/such/file", "no/such/file"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    shell: Shell, words: str, said: str
) -> None:
    ran = shell.call("add", "--task-id", *words.split())
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err
    assert shell.tasks() == []


def test_a_file_and_a_pipe_hold_many_with_their_names(
    shell: Shell, service: SimulatorServer, tmp_path: Path
) -> None:
    known, named, tabbed, alone = (service.world.add_task(CreateRequest(URL)).id for _ in range(4))
    shell.call("add", "--task-id", str(known))
    file = tmp_path / "ids.txt"
    file.write_text(f"# mine\r\n{known}\r\n\r\n  {named}  two words.iso \r\n", "gb18030")
    ran = shell.call(
        *("add", "--task-id", str(file), "--task-id", str(alone), "--task-id", "-"),
        *("--name", "other.iso", "--batch", "night"),
        stdin=f"{tabbed}\t电影.mkv\n{named}\n",
    )
    assert (ran.code, ran.out) == (0, "2\n3\n4\n")
    assert ran.err.startswith("3 taskIDs added. The next check shows whether 123pan knows them.\n")
    assert [(task["task_id"], task["name"], task["batch"]) for task in shell.tasks()[1:]] == [
        (named, "two words.iso", "night"),
        (alone, "other.iso", "night"),
        (tabbed, "电影.mkv", "night"),
    ]


@pytest.mark.parametrize("bad", ["x7", "0", "-7", "7.5", "9" * 19, "a\x1bb 7"])
def test_a_line_without_a_task_id_is_named_and_nothing_is_watched(shell: Shell, bad: str) -> None:
    ran = shell.call("add", "--task-id", "8", "--task-id", "-", stdin=f"7\n# 8\n{bad}\n9\n")
    assert (ran.code, ran.out, shell.tasks()) == (2, "", [])
    shown = bad.replace("\x1b", "\\x1b")
    assert f"“{shown}” does not begin with a taskID." in ran.err


@pytest.mark.parametrize("text", ["", "\n", "# 7\n"])
def test_a_text_without_a_task_id_is_as_one_without_a_link(shell: Shell, text: str) -> None:
    ran = shell.call("add", "--task-id", "-", stdin=text)
    assert (ran.code, ran.out, ran.err) == (1, "", "There is no taskID in this text.\n")


def test_a_completion_reads_no_file_of_task_ids() -> None:
    words = ["--task-id", "-", "--wait"]
    assert add.make_context("add", words, resilient_parsing=True).params["adoptions"] == ()
