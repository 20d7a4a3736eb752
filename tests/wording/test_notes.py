"""What is said of tasks: notes, as a table of tasks and sentences, and results."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Sample,
    Shown,
    Task,
    TaskState,
)
from pan123_tui.domain.task import TimelineEntry as Entry
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.wording.notes import NoteContext, next_to_send, note, signed_word, since_text

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


UNREADABLE = ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW, problem=Problem(K.REQUEST_NOT_SENT))
QUEUED = a_task(S.QUEUED)
BUSY = Problem(K.SERVICE_UNAVAILABLE, "服务繁忙", 500)


def refused(task: Task) -> Task:
    """Return a queued task that 123pan has just refused."""
    return replace(task, problem=BUSY, timeline=(Entry(NOW, S.QUEUED, problem=BUSY),))


REFUSED = refused(QUEUED)
FOLDERS = {9: "影视"}
CONTEXT = NoteContext(now=NOW, folder_names=FOLDERS, next_id=2)


def case(task: Task, **facts: Any) -> Callable[[], str]:
    return partial(note, task, replace(CONTEXT, **facts))


NOTES = [
    case(QUEUED),
    case(QUEUED, next_id=1),
    case(QUEUED, next_id=1, status=Status(is_paused=True)),
    case(QUEUED, status=replace(held(K.QUOTA_EXHAUSTED), is_paused=True)),
    case(replace(QUEUED, folder_id=9), status=Status(missing_folders=(9,), is_paused=True)),
    case(replace(QUEUED, folder_id=8), status=Status(missing_folders=(8,))),
    case(QUEUED, status=held(K.TOO_MANY_TASKS), running=3),
    case(QUEUED, status=held(K.RUNNING_LIMIT, None), running=2),
    case(QUEUED, status=held(K.QUOTA_EXHAUSTED)),
    case(QUEUED, status=held(K.QUOTA_EXHAUSTED, NOW + 12)),
    case(QUEUED, status=held(K.QUOTA_EXHAUSTED, NOW)),
    case(QUEUED, status=Status(connection=Connection.NO_ACCOUNT, hold=Problem(K.ACCOUNT_MISSING))),
    case(replace(QUEUED, problem=Problem(K.LINK_NOT_PARSED))),
    case(QUEUED, status=held(K.QUOTA_EXHAUSTED, NOW + 1)),
    case(a_task(S.SUBMITTING, timeline=(Entry(NOW - 4.9, S.SUBMITTING),))),
    case(a_task(S.SUBMITTING, timeline=(Entry(NOW - 5, S.SUBMITTING),))),
    case(a_task(S.FAILED, fail_reason="x" * 301)),
    case(a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "URL invalid", 777))),
    case(a_task(S.SUBMITTING, timeline=(Entry(NOW - 38, S.SUBMITTING),))),
    case(run(10.0)),
    case(run(10.0, 20.0, 30.0, 40.0, 50.0, step_s=60)),
    case(run(10.0, 50.0, 100.0)),
    case(run(10.0, state=S.RETRYING)),
    case(run(10.0, sent_at=NOW - 9000, samples=(Sample(NOW - 1810, 10.0),))),
    case(run(10.0, problem=Problem(K.TASK_UNKNOWN))),
    case(run(0.0, samples=(), sent_at=NOW - 9, problem=Problem(K.TASK_UNKNOWN))),
    case(REFUSED, status=held(K.SERVICE_UNAVAILABLE)),
    case(REFUSED, next_id=1),
    case(REFUSED, status=Status(is_paused=True)),
    case(replace(QUEUED, problem=Problem(K.NAME_REFUSED)), has_keys=True),
    case(a_task(S.REJECTED, problem=Problem(K.NAME_REFUSED)), has_keys=True),
    case(replace(QUEUED, name="1.mkv"), status=Status(refuses_names=True)),
    case(replace(QUEUED, name=""), status=Status(refuses_names=True)),
    case(run(10.0, 20.0, 50.0, step_s=90, checked_at=NOW + 590), now=NOW + 590),
    case(run(10.0, 20.0, 50.0, step_s=90, checked_at=NOW + 600), now=NOW + 610),
    case(run(0.0, url="", problem=Problem(K.TASK_UNKNOWN))),
    case(run(0.0, url="", account_uid=1, problem=Problem(K.TASK_UNKNOWN))),
    case(a_task(S.SUCCEEDED, task_id=7, finished_at=NOW - 5)),
    case(a_task(S.SUCCEEDED, task_id=7, finished_at=NOW - 5), status=Status(looks_for_files=False)),
    case(a_task(S.SUCCEEDED, task_id=7, arrival=found())),
    case(a_task(S.SUCCEEDED, finished_at=NOW - 5)),
    case(a_task(S.FAILED)),
    case(a_task(S.FAILED, fail_reason="HTTP 404\n")),
    case(a_task(S.FAILED, fail_reason="HTTP 404", auto_retry=AutoRetry(1, 3, NOW + 720))),
    case(a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.ERROR_PAGE))),
    case(a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.NOT_FOUND))),
    case(a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.TOO_SMALL, 3072))),
    case(a_task(S.SUCCEEDED, arrival=found(ArrivalStatus.BLOCKED))),
    case(a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "文件不存在", 5066))),
    case(a_task(S.REJECTED, problem=Problem(K.REQUEST_REJECTED, "something new", 777))),
    case(a_task(S.UNCONFIRMED)),
    case(a_task(S.UNCONFIRMED, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW))),
    case(a_task(S.UNCONFIRMED, arrival=UNREADABLE)),
    case(a_task(S.UNCONFIRMED, arrival=found(size=978 * 1024**2))),
    case(a_task(S.MISSING)),
    case(a_task(S.MISSING, url="")),
    case(a_task(S.MISSING, arrival=ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW))),
    case(a_task(S.MISSING, arrival=found(size=978 * 1024**2))),
    case(run(50.0, 100.0, checked_at=NOW + 1800)),
    case(run(0.0)),
    case(a_task(S.MISSING, arrival=UNREADABLE)),
    case(a_task(S.UNCONFIRMED, arrival=found()), has_keys=True),
    case(QUEUED, next_id=1, has_engine=False),
    case(QUEUED, has_engine=False, status=Status(is_paused=True)),
    case(a_task(S.SUBMITTING, timeline=(Entry(NOW - 38, S.SUBMITTING),)), has_engine=False),
    case(a_task(S.SUCCEEDED, task_id=7, finished_at=NOW - 5), has_engine=False),
    case(a_task(S.REJECTED, problem=Problem(K.LINK_NOT_PARSED))),
    case(QUEUED, status=held(K.TOO_MANY_TASKS), running=0),
    case(a_task(S.FAILED, fail_reason="源站返回404，文件不存在")),
    case(run(10.0, 50.0, 90.0), now=NOW + 7200),
    case(run(10.0), now=NOW + 599),
    case(replace(QUEUED, problem=Problem(K.FOLDER_NOT_MADE, "父级文件ID不存在"))),
]
"""What is said of these stands in `sentences.md`."""


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("源站返回 HTTP 503 错误", "source: HTTP 503"),
        ("源站响应状态码：403", "source: HTTP 403"),
        ("源站文件大小为500MB，超过限制", "源站文件大小为500MB，超过限制"),
        ("源站响应 5000", "源站响应 5000"),
    ],
)
def test_of_the_numbers_in_a_reason_only_a_status_of_http_is_one(reason: str, said: str) -> None:
    assert note(a_task(S.FAILED, fail_reason=reason), CONTEXT) == said


def test_only_a_file_that_was_found_or_is_not_looked_for_is_certain() -> None:
    done = a_task(S.SUCCEEDED, task_id=7, finished_at=NOW)
    assert signed_word(done, CONTEXT) == "· done"
    assert signed_word(done, replace(CONTEXT, status=Status(looks_for_files=False))) == "√ done"
    assert signed_word(replace(done, arrival=found()), CONTEXT) == "√ done"
    assert signed_word(replace(done, task_id=None), CONTEXT) == "√ done"


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_that_123pan_does_not_know_a_task_stands_whole_in_80_columns(language: str) -> None:
    i18n.set_language(language)
    unknown = run(0.0, problem=Problem(K.TASK_UNKNOWN))
    for task in (unknown, replace(unknown, samples=(), url=""), a_task(S.MISSING, url="")):
        assert width(note(task, CONTEXT)) <= 22


def test_the_next_link_is_the_first_in_the_order_of_sending() -> None:
    tasks = [a_task(S.RUNNING), a_task(S.QUEUED, id=2), a_task(S.QUEUED, id=3, rank=-1)]
    assert next_to_send(TaskCollection(tasks)) == 3
    assert next_to_send(TaskCollection([*tasks[:2], refused(tasks[2])])) == 2
    assert next_to_send(TaskCollection(tasks[:1])) is None


def test_what_ended_while_no_screen_looked_is_said_with_the_time_of_leaving() -> None:
    counts = {Shown.DONE: 41, Shown.FAILED: 3, Shown.UNSURE: 1}
    yesterday = time.mktime((*time.localtime(NOW - 86400)[:3], 23, 10, 0, 0, 0, -1))
    said = since_text(yesterday, counts, now=NOW)
    assert said == "Since yesterday 23:10: 41 done, 3 failed, 1 unsure"
    i18n.set_language("zh")
    assert since_text(yesterday, counts, now=NOW) == "昨天 23:10 以来：完成 41，失败 3，待确认 1"
