"""Tasks for the tests of the store: plain ones, and a hypothesis strategy for any."""

import os
import re
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import (
    FINISHED_STATES,
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    Misses,
    Sample,
    Task,
    TaskState,
    TimelineEntry,
)

texts = st.text(st.characters(codec="utf-8"), max_size=40)
"""Any text that UTF-8 can hold: control characters, NUL and bidi overrides included."""
numbers = st.integers(-(2**63), 2**63 - 1)
floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
DAMAGED = r"damaged-\d{8}T\d{6}\.\d{6}Z"
TEXTS = ("url", "name", "batch", "callback_url", "callback_secret", "fail_reason")
NUMBERS = ("folder_id", "status", "task_id", "file_id", "account_uid")
TIMES = ("sent_at", "finished_at", "checked_at")


def spoil(path: Path, content: bytes) -> None:
    """Replace what the store has written as a disk does that loses bits: the time stays.

    It is kept in whole seconds, as some file systems do.
    """
    sealed = re.search(rb'"at_us":(\d+)', path.read_bytes())
    path.write_bytes(content)
    if sealed:
        os.utime(path, (int(sealed[1]) // 10**6,) * 2)


def any_problem(words: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Problem]:
    """Return a strategy for any problem, whose texts are `words`."""
    kinds = st.sampled_from(ProblemKind)
    return st.builds(Problem, kinds, words, st.none() | numbers, trace_id=words)


def any_task(
    ids: st.SearchStrategy[int], words: st.SearchStrategy[str] = texts, **facts: Any
) -> st.SearchStrategy[Task]:
    """Return a strategy for any task with one of `ids`; its texts are `words`."""
    states, problems = st.sampled_from(TaskState), st.none() | any_problem(words)
    steps = st.builds(TimelineEntry, floats, states, st.none() | numbers, floats, problems)
    values: dict[str, Any] = dict.fromkeys(Task.__struct_fields__, ...)
    values |= dict.fromkeys(TEXTS, words)
    values |= dict.fromkeys(NUMBERS, st.none() | numbers)
    values |= dict.fromkeys(TIMES, st.none() | floats)
    values |= {
        "id": ids,
        "created_at": floats,
        "percent": floats,
        "rank": numbers,
        "retries": numbers,
        "problem": problems,
        "auto_retry": st.none() | st.builds(AutoRetry, numbers, numbers, st.none() | floats),
        "misses": st.none() | st.builds(Misses, numbers, numbers, floats, st.none() | numbers),
        "samples": st.lists(st.builds(Sample, floats, floats), max_size=5).map(tuple),
        "arrival": st.none()
        | st.builds(ArrivalCheck, st.sampled_from(ArrivalStatus), floats, words, numbers),
        "timeline": st.lists(steps, max_size=3).map(tuple),
    }
    return st.builds(Task, **(values | facts))


def plain_task(task_id: int, state: TaskState = TaskState.RUNNING, *, percent: float = 0.0) -> Task:
    """Return an ordinary task."""
    return Task(
        id=task_id,
        url=f"https://example.com/{task_id}.mkv",
        created_at=1_754_000_000.0 + task_id,
        state=state,
        percent=percent,
        task_id=900_000 + task_id,
        samples=() if state in FINISHED_STATES else (Sample(1_754_000_001.5, percent),),
        timeline=(
            TimelineEntry(1_754_000_000.0 + task_id, TaskState.QUEUED),
            TimelineEntry(1_754_000_001.0, state),
        ),
    )
