"""The note beside the word of a task, as a table of tasks and sentences in both languages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, AutoRetry, Sample, Task, TaskState
from pan123_tui.domain.task import TimelineEntry as Entry
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext, is_certain, next_to_send, note

NOW = 1_750_000_000.0
S = TaskState
K = ProblemKind
GB = 1024**3


def a_task(state: TaskState, **facts: Any) -> Task:
    known: dict[str, Any] = {"id": 1, "url": "https://a.example/b.iso", "created_at": NOW - 60}
    return Task(state=state, **(known | facts))


def held(kind: ProblemKind, until: float | None = NOW + 470) -> Status:
    return Status(hold=Problem(kind), hold_until=until)


def found(status: ArrivalStatus = ArrivalStatus.FOUND, size: int = int(1.4 * GB)) -> ArrivalCheck:
    return ArrivalCheck(status, NOW, "b.iso", size)


def run(*percents: float, step_s: float = 10.0, **facts: Any) -> Task:
    """Return a running task that had `percents`, one each `step_s` seconds until now."""
    samples = tuple(
        Sample(NOW - step_s * n, percent) for n, percent in enumerate(reversed(percents))
    )[::-1]
    known: dict[str, Any] = {
        "samples": samples,
        "percent": percents[-1],
        "sent_at": samples[0].at - step_s,
        "checked_at": NOW,
        "task_id": 7,
    }
    return a_task(facts.pop("state", S.RUNNING), **(known | facts))


QUEUED = a_task(S.QUEUED)
FOLDERS = {9: "影视"}
CONTEXT = NoteContext(now=NOW, folder_names=FOLDERS, next_id=2)
NOTES: list[tuple[Task, dict[str, Any], str, str]] = [
    (QUEUED, {}, "", ""),
    (QUEUED, {"next_id": 1}, "next", "下一个"),
    (QUEUED, {"next_id": 1, "status": Status(is_paused=True)}, "paused", "已暂停"),
    (
        QUEUED,
        {"status": replace(held(K.QUOTA_EXHAUSTED), is_paused=True)},
        "paused",
        "已暂停",
    ),
    (
        replace(QUEUED, folder_id=9),
        {"status": Status(missing_folders=(9,), is_paused=True)},
        "waits for folder 影视",
        "等待文件夹 影视",
    ),
    (
        replace(QUEUED, folder_id=8, problem=Problem(K.FOLDER_MISSING)),
        {},
        "waits for folder 8",
        "等待文件夹 8",
    ),
    (
        QUEUED,
        {"status": held(K.TOO_MANY_TASKS), "running": 3},
        "limit reached, 3 running",
        "已达上限，下载中 3",
    ),
    (
        QUEUED,
        {"status": held(K.RUNNING_LIMIT, None), "running": 2},
        "limit reached, 2 running",
        "已达上限，下载中 2",
    ),
    (QUEUED, {"status": held(K.QUOTA_EXHAUSTED)}, "tries again in 7 min", "7 分钟后重试"),
    (QUEUED, {"status": held(K.QUOTA_EXHAUSTED, NOW + 12)}, "tries again in 15 s", "15 秒后重试"),
    (QUEUED, {"status": held(K.QUOTA_EXHAUSTED, NOW)}, "waits for 123pan", "等待 123云盘"),
    (QUEUED, {"status": held(K.STORE_LOST, None)}, "waits for you", "等待处理"),
    (
        QUEUED,
        {"status": Status(connection=Connection.NO_ACCOUNT, hold=Problem(K.ACCOUNT_MISSING))},
        "waits for you to log in",
        "等待登录",
    ),
    (
        replace(QUEUED, problem=Problem(K.LINK_NOT_PARSED)),
        {},
        "123pan could not read it, trying again",
        "链接没能解析，会重试",
    ),
    (QUEUED, {"status": held(K.QUOTA_EXHAUSTED, NOW + 1)}, "tries again in 5 s", "5 秒后重试"),
    (a_task(S.SUBMITTING, timeline=(Entry(NOW - 4.9, S.SUBMITTING),)), {}, "", ""),
    (
        a_task(S.SUBMITTING, timeline=(Entry(NOW - 5, S.SUBMITTING),)),
        {},
        "waits for 123pan, 5 s",
        "等待 123云盘，5 秒",
    ),
    (a_task(S.FAILED, fail_reason="x" * 301), {}, "x" * 299 + "…", "x" * 299 + "…"),
    (
        a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "URL invalid", 777)),
        {},
        "link refused: URL invalid",
        "链接被拒：URL invalid",
    ),
    (
        a_task(S.SUBMITTING, timeline=(Entry(NOW - 38, S.SUBMITTING),)),
        {},
        "waits for 123pan, 40 s",
        "等待 123云盘，40 秒",
    ),
    (run(10.0), {}, "", ""),
    (run(10.0, 20.0, 30.0, 40.0, 50.0, step_s=60), {}, "~5 min", "~5 分钟"),
    (run(10.0, 50.0, 100.0), {}, "finishing", "即将完成"),
    (
        run(10.0, state=S.RETRYING),
        {},
        "source failed, 123pan tries again",
        "源站出错，云盘会重试",
    ),
    (
        run(10.0, sent_at=NOW - 9000, samples=(Sample(NOW - 1810, 10.0),)),
        {},
        "no change for 30 min",
        "30 分钟没有变化",
    ),
    (
        run(10.0, problem=Problem(K.TASK_UNKNOWN)),
        {},
        "123pan does not know it yet",
        "123云盘还查不到",
    ),
    (
        run(0.0, url="", problem=Problem(K.TASK_UNKNOWN)),
        {},
        "123pan does not know this taskID; if it is wrong, remove it",
        "123云盘没有这个 taskID；写错了就请移除",
    ),
    (
        run(0.0, url="", account_uid=1, problem=Problem(K.TASK_UNKNOWN)),
        {},
        "123pan does not know it yet",
        "123云盘还查不到",
    ),
    (
        a_task(S.SUCCEEDED, task_id=7, finished_at=NOW - 5),
        {},
        "looking for the file",
        "正在查找文件",
    ),
    (a_task(S.SUCCEEDED, task_id=7, finished_at=NOW - 5), {"checks_arrivals": False}, "", ""),
    (a_task(S.SUCCEEDED, task_id=7, arrival=found()), {}, "1.4 GB", "1.4 GB"),
    (a_task(S.SUCCEEDED, finished_at=NOW - 5), {}, "", ""),
    (a_task(S.FAILED), {}, "no reason given", "未说明原因"),
    (a_task(S.FAILED, fail_reason="HTTP 404\n"), {}, "HTTP 404\\n", "HTTP 404\\n"),
    (
        a_task(S.FAILED, fail_reason="HTTP 404", auto_retry=AutoRetry(1, 3, NOW + 720)),
        {},
        "retry 2 of 3 in 12 min",
        "12 分钟后第 2/3 次重试",
    ),
    (
        a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.ERROR_PAGE)),
        {},
        "a web page, not a file",
        "是网页，不是文件",
    ),
    (
        a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.NOT_FOUND)),
        {},
        "not in the folder",
        "不在文件夹里",
    ),
    (
        a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.TOO_SMALL, 3072)),
        {},
        "too small: 3.0 KB",
        "太小：3.0 KB",
    ),
    (
        a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.BLOCKED)),
        {},
        "blocked by 123pan",
        "被 123云盘屏蔽",
    ),
    (
        a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "文件不存在", 5066)),
        {},
        "link refused: the file does not exist",
        "链接被拒：文件不存在",
    ),
    (
        a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "something new", 777)),
        {},
        "link refused: something new",
        "链接被拒：something new",
    ),
    (a_task(S.UNCONFIRMED), {}, "no answer came", "没收到响应"),
    (
        a_task(S.UNCONFIRMED, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)),
        {},
        "no answer came, not in the folder yet",
        "没收到响应，文件夹里还没有",
    ),
    (
        a_task(
            S.UNCONFIRMED,
            arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW, problem=Problem(K.REQUEST_NOT_SENT)),
        ),
        {},
        "no answer came, folder not readable",
        "没收到响应，无法查看文件夹",
    ),
    (
        a_task(S.UNCONFIRMED, arrival=found(size=978 * 1024**2)),
        {},
        "found in the folder, 978 MB",
        "文件夹里有，978 MB",
    ),
    (a_task(S.MISSING), {}, "123pan no longer knows it", "123云盘已查不到"),
    (
        a_task(S.MISSING, url=""),
        {},
        "123pan does not know this taskID; if it is wrong, remove it",
        "123云盘没有这个 taskID；写错了就请移除",
    ),
]


@pytest.mark.parametrize(("task", "facts", "english", "chinese"), NOTES)
def test_the_note_says_in_plain_words_what_the_state_does_not(
    task: Task, facts: dict[str, Any], english: str, chinese: str
) -> None:
    context = replace(CONTEXT, **facts)
    assert note(task, context) == english
    i18n.set_language("zh")
    assert note(task, context) == chinese


@given(st.sampled_from(TaskState), st.text(), st.text())
def test_a_note_of_hostile_words_is_one_harmless_line(
    state: TaskState, reason: str, message: str
) -> None:
    problem = Problem(K.REQUEST_REJECTED, message, 777)
    task = a_task(state, fail_reason=reason, problem=problem, folder_id=9)
    said = note(task, NoteContext(now=NOW, folder_names={9: message}))
    assert all(char == " " or char.isprintable() for char in said.replace("　", " "))


def test_only_a_file_that_was_found_or_is_not_looked_for_is_certain() -> None:
    done = a_task(S.SUCCEEDED, task_id=7, finished_at=NOW)
    assert not is_certain(done, checks_arrivals=True)
    assert is_certain(done, checks_arrivals=False)
    assert is_certain(replace(done, arrival=found()), checks_arrivals=True)
    assert is_certain(replace(done, task_id=None), checks_arrivals=True)


def test_the_next_link_is_the_first_in_the_order_of_sending() -> None:
    tasks = [a_task(S.RUNNING), a_task(S.QUEUED, id=2), a_task(S.QUEUED, id=3, rank=-1)]
    assert next_to_send(TaskCollection(tasks)) == 3
    assert next_to_send(TaskCollection(tasks[:1])) is None
