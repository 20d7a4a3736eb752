"""Stored tasks for a measurement: ended ones as after months of use, and active ones."""

import time
from collections.abc import Iterator
from pathlib import Path

from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    Sample,
    Task,
    TaskState,
    TimelineEntry,
)
from pan123_tui.store.task_store import TaskStore
from tests.bench.service import PERCENT_PER_S

NEWEST = "newest-of-all.mkv"
SECONDS_APART = 600.0
"""Ten thousand tasks end within ten weeks."""


def fill(folder: Path, *, active: int = 0, ended: int = 0) -> None:
    """Store tasks in the data folder; the ended ones are newer and above the active ones."""
    folder.mkdir(parents=True, exist_ok=True)
    store = TaskStore(folder)
    store.put(tasks(active=active, ended=ended))
    store.save_now()
    store._move_ended()
    store.close()


def tasks(*, active: int = 0, ended: int = 0) -> Iterator[Task]:
    """Yield active tasks, then ended ones; the last is named `NEWEST`."""
    now = round(time.time(), 3)
    for number in range(1, active + ended + 1):
        is_active = number <= active
        state = TaskState.RUNNING if is_active else TaskState.SUCCEEDED
        is_last = number == active + ended
        percent = 1.0 + number % 60 if is_active else 100.0
        took_s = percent / PERCENT_PER_S
        age_s = 0.0 if is_active else 3600 + (active + ended - number) * SECONDS_APART
        sent_at = round(now - took_s - age_s, 3)
        name = f"Show {number // 24} - {number % 24:02} [1080p].mkv"
        name = NEWEST if is_last else name
        finished_at = round(sent_at + took_s, 3)
        arrival = ArrivalCheck(ArrivalStatus.FOUND, finished_at + 2, name, 1_400_000_000 + number)
        yield Task(
            id=number,
            url=f"https://example.com/shows/season-{number // 100}/{number}.mkv",
            created_at=sent_at - 5,
            name=name,
            state=state,
            status=0 if is_active else 2,
            percent=percent,
            task_id=900_000 + number,
            sent_at=sent_at,
            finished_at=None if is_active else finished_at,
            checked_at=now - 30 if is_active else finished_at,
            file_id=None if is_active else 14_000_000 + number,
            arrival=None if is_active else arrival,
            samples=tuple(
                Sample(round(sent_at + took_s * step / 9, 3), round(percent * step / 9, 2))
                for step in range(10 if is_active else 0)
            ),
            timeline=(
                TimelineEntry(sent_at - 5, TaskState.QUEUED),
                TimelineEntry(sent_at - 1, TaskState.SUBMITTING),
                TimelineEntry(sent_at, TaskState.RUNNING, 900_000 + number),
            ),
        )
