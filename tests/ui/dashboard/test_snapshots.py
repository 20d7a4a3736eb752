"""Snapshots of the dashboard at a frozen time."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import NOW, PaperApp, on_its_way, paper_app, task

S = TaskState
Compare = Callable[..., bool]
ONLINE = Status(Connection.ONLINE, Account(1, "visitor", 380 << 30, 2 << 40))
REFUSED = Problem(ProblemKind.REQUEST_REJECTED, "文件名不合法", 1, "trace-4711")
TASKS = (
    on_its_way(1, name="debian-13.2.0-amd64-DVD-1.iso", folder_id=4711),
    task(2, S.RETRYING, percent=61.0, retries=2, name="lecture 12.mp4"),
    task(3, S.SUCCEEDED, name="bach-cello-suites.zip", finished_at=NOW - 60),
    task(4, S.FAILED, percent=12.0, name="[group] [/b] show.mkv", finished_at=NOW - 120),
    task(5, S.REJECTED, problem=REFUSED, name="wrong.exe"),
    task(6, S.UNCONFIRMED, sent_at=None),
    task(7, S.QUEUED),
    task(8, percent=100.0, name="full.bin"),
    task(9, S.MISSING, percent=49.0),
)
CHINESE = (
    on_its_way(1, name="老照片备份-2019年春节🧧全家福.zip"),
    task(2, S.SUCCEEDED, name="三体全集.epub", finished_at=NOW - 60),
    task(3, S.FAILED, percent=12.0, name="考研数学资料合集.rar", finished_at=NOW - 120),
    task(4, percent=33.0, name="纪录片《蓝色星球》第二季 第3集 珊瑚礁.2160p.BluRay.x265.10bit.mkv"),
)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fix the time zone."""
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _app(tasks: Any = TASKS) -> PaperApp:
    return paper_app(tasks, status=ONLINE)


async def _loaded(pilot: Any) -> None:
    """Wait until the first events of the engine are painted."""
    app: PaperApp = pilot.app
    while not (app.model.is_loaded and app.model.status == ONLINE):
        await pilot.pause(0.01)
    await pilot.pause()


def test_dark(snap_compare: Compare) -> None:
    assert snap_compare(_app(), terminal_size=(110, 18), run_before=_loaded)


def test_narrow(snap_compare: Compare) -> None:
    assert snap_compare(_app(), terminal_size=(50, 18), run_before=_loaded)


def test_chinese_names(snap_compare: Compare) -> None:
    assert snap_compare(_app(CHINESE), terminal_size=(80, 12), run_before=_loaded)


def test_help(snap_compare: Compare) -> None:
    async def open_help(pilot: Any) -> None:
        await _loaded(pilot)
        await pilot.press("f1")

    assert snap_compare(_app(), terminal_size=(140, 44), run_before=open_help)
