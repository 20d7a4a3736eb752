"""Which tasks and links a command is about, and what a link may be queued with."""

import msgspec
import pytest

from pan123_tui.domain.commands import (
    ANY_COMMAND,
    AddTasks,
    Command,
    DownloadLink,
    EditTask,
    FindFolder,
    RestoreTasks,
    RetryTasks,
    StopEngine,
    file_name,
    result_type,
)
from pan123_tui.domain.folders import FolderSearch
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, DownloadRequest, Task, TaskState
from tests.samples import a_task

A, B, C = (f"https://a.example/{name}" for name in "abc")
S = TaskState


@pytest.mark.parametrize(
    ("newest_known", "again", "added"),
    [
        (None, (), [A, B, C]),
        (0, (), [C]),
        (1, (), [A, C]),
        (2, (), [A, B, C]),
        (0, (A,), [A, C]),
        (0, ("HTTPS://A.Example:443/a",), [A, C]),
    ],
)
def test_links_that_a_newer_task_has_are_left_out(
    newest_known: int | None, again: tuple[str, ...], added: list[str]
) -> None:
    links = tuple(map(DownloadRequest, (A, B, C)))
    command = AddTasks(links, newest_known=newest_known, again=frozenset(again))
    tasks = {1: a_task(1, url=A), 2: a_task(2, url=B)}
    assert [it.url for it in command.select(tasks)] == added


def test_a_removed_task_whose_link_was_added_meanwhile_stays_out() -> None:
    removed = (a_task(1, url=A), a_task(2, url=B), a_task(3, url="", name="adopted"))
    tasks = {4: a_task(4, url=B), 5: a_task(5, url=f"{A}#top"), 6: a_task(6, url="")}
    assert RestoreTasks(removed, newest_known=4).select(tasks) == removed[1:]
    assert RestoreTasks(removed).select(tasks) == removed


ENDED = [a_task(n, state) for n, state in enumerate(S, 1)]
FAILED, UNSURE = [S.REJECTED, S.FAILED], [S.UNCONFIRMED, S.MISSING]


@pytest.mark.parametrize(
    ("command", "states"),
    [
        (RetryTasks(), FAILED),
        (RetryTasks(unsure_too=True), [*FAILED, *UNSURE]),
        (RetryTasks(to=7), [*FAILED, S.QUEUED]),
        (RetryTasks((1, 2, 8)), [S.FAILED]),
    ],
)
def test_a_retry_is_of_what_failed(command: RetryTasks, states: list[TaskState]) -> None:
    assert {task.state for task in command.select(ENDED)} == set(states)
    assert command.select([a_task(1, S.FAILED, url="")]) == []


def test_a_file_is_called_as_it_arrived_else_as_it_should() -> None:
    found = ArrivalCheck(ArrivalStatus.FOUND, 1.0, "real.iso")
    assert file_name(a_task(1, arrival=found)) == "real.iso"
    assert file_name(a_task(1, name="my.iso")) == "my.iso"
    assert DownloadLink(3, "../a/b\n.iso").safe_name.count("/") == 0
    assert DownloadLink(3, "").safe_name == "task-3"
    assert "secret" not in repr(DownloadLink(3, "", url="https://h/secret"))


TAGS = (
    "add test find_sent forget_sent adopt retry confirm look edit remove restore pause next poll"
    " visible find_folder links reload stop"
)


def test_each_command_names_its_result_and_can_be_decoded() -> None:
    assert result_type(EditTask(1, DownloadRequest(A))) == Task | None
    assert result_type(FindFolder(1)) == FolderSearch
    assert result_type(StopEngine()) is type(None)
    command = FindFolder(("a", "b"), makes_missing=True)
    decoded = msgspec.json.decode(msgspec.json.encode(command), type=ANY_COMMAND)
    assert decoded == command
    tags = [it.__struct_config__.tag for it in Command.__subclasses__()]
    assert tags == TAGS.split(), "engines and screens of other versions know these"
