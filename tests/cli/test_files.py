"""`url` and `confirm` against the simulator."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from pan123_tui.cli.output import aria2_entry, curl_download
from pan123_tui.domain.commands import DownloadLink
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState
from tests.samples import a_task
from tests.service.server import SimulatorServer
from tests.shell import Shell

HOSTILE = 'x\n  dir=/etc\n"; $(rm) \u202e.mkv'
FOUND = ArrivalCheck(ArrivalStatus.FOUND, 1.0, HOSTILE, 5)


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user with two files on the drive, a task whose file is unknown, and unconfirmed ones."""
    drive = service.world.drive()
    files = [drive.add_file(f"{n}.mkv", drive.default_folder(), size=5).id for n in "ab"]
    done, lost = TaskState.SUCCEEDED, TaskState.UNCONFIRMED
    made = Shell(tmp_path, service.base_url)
    made.store(
        task(1, done, file_id=files[0], arrival=FOUND),
        task(2, done, file_id=files[1]),
        task(3, done),
        task(4, lost, file_id=9, arrival=ArrivalCheck(ArrivalStatus.FOUND, 1e9, "d", 2**30)),
        task(5, lost, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, 1e9)),
    )
    return made


def task(number: int, state: TaskState, **facts: Any) -> Task:
    return a_task(number, state, url=f"https://example.com/{number}.mkv", **facts)


def test_links_go_to_the_pipe_and_what_is_wrong_to_the_screen(shell: Shell) -> None:
    ran = shell.call("url", "2", "3", "1", "99", "--format", "aria2c")
    first, other, second, name = ran.out.splitlines()
    assert (ran.code, name) == (1, "  out=2.mkv")
    assert first.startswith("https://cdn.example.com/")
    assert second.startswith("https://cdn.example.com/")
    assert other == "  out=x  dir=_etc_; $(rm) .mkv"
    assert "Task 3: This task's file on the drive is not known." in ran.err
    assert "There is no task 99." in ran.err
    assert "https://cdn" not in ran.err


def test_it_is_said_how_to_get_a_missing_file(shell: Shell, service: SimulatorServer) -> None:
    shell.store(task(6, TaskState.RUNNING, task_id=6), task(7, TaskState.FAILED))
    ran = shell.call("url", "6", "7")
    assert (ran.code, ran.out) == (1, "")
    first, second = ran.err.splitlines()
    assert first.startswith("Task 6 (running): it has no file. “pan123-tui wait 6” waits for it;")
    assert second.endswith("if it has failed, “pan123-tui retry 7” sends its link again.")
    assert not service.world.stats.requests


def test_used_up_traffic_is_asked_and_said_once(shell: Shell, service: SimulatorServer) -> None:
    service.world.configure(has_traffic=False)
    ran = shell.call("url", "1", "2")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith(
        "Task 1, 2: The account's traffic or quota is used up. "
        "Users report 10 GB of traffic a month;"
    )
    assert service.world.stats.requests["download_info"] == 1
    shell.call("stop")
    shell.token = ""
    assert shell.call("url", "1").code == 3


def test_the_users_word_confirms_what_was_found_or_named(shell: Shell) -> None:
    listed = shell.call("list").out
    assert "(in the folder, 1.0 GB)" in listed
    assert "(not in folder yet)" in listed
    ran = shell.call("confirm", "all", "--found")
    assert (ran.code, ran.out, ran.err) == (0, "4\n", "1 task is marked as done.\n")
    ran = shell.call("confirm", "5", "2")
    assert (ran.code, ran.out) == (1, "5\n")
    assert "Task 2 (done): only an unsure task can be confirmed." in ran.err
    ran = shell.call("confirm", "batch:last")
    assert (ran.code, ran.out, ran.err) == (1, "", "None of these tasks is unsure.\n")
    states = [(it["state"], it["file_id"]) for it in shell.tasks()]
    assert states[3:] == [("succeeded", 9), ("succeeded", None)]


def test_a_file_not_looked_for_yet_is_looked_for(shell: Shell, service: SimulatorServer) -> None:
    drive = service.world.drive()
    drive.add_file("3.mkv", drive.default_folder(), size=5)
    ran = shell.call("url", "3", "--format", "aria2c")
    assert (ran.code, ran.out.splitlines()[1], ran.err) == (0, "  out=3.mkv", "")
    drive.add_file("5.mkv", drive.default_folder(), size=5)
    assert shell.call("confirm", "state:unsure", "--found").out == "4\n5\n"


@pytest.mark.parametrize("name", [HOSTILE, "../../etc/passwd", "-rf", "..", "\t", "a\r\nb", "'"])
def test_a_hostile_name_adds_neither_a_line_nor_an_option(name: str) -> None:
    link = DownloadLink(7, name, "https://cdn.example.com/[1-9]?a='&b")
    entry = aria2_entry(link.url, link.safe_name).split("\n")
    assert entry[0] == link.url
    assert entry[1].startswith("  out=")
    assert len(entry) == 2
    command, flags, option, path, url = shlex.split(curl_download(link.url, link.safe_name))
    assert (command, flags, option, url) == ("curl", "-gL", "-o", link.url)
    assert path.startswith("./")
    assert "/" not in path[2:]
    assert path[2:].strip(".")
