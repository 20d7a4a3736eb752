"""The latest batches, each as a bar in segments."""

from pathlib import Path

import pytest
from textual.app import App

from pan123_tui import i18n
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import Task, TaskState, transition
from pan123_tui.terminal.screen_buffer import to_ascii
from pan123_tui.ui.dashboard.batch_bars import (
    BatchBars,
    BatchLine,
    drawn_lines,
    segment_cells,
)
from pan123_tui.ui.session.memory import Memory
from tests.ui.dashboard_stage import NOW, Story, story, task
from tests.ui.stage import resize

S = TaskState
TEXTS = ("14 of 21 · 2 failed · ~40 min left", "14 of 21 · 2 failed", "14 of 21")
NIGHT = BatchLine("night", "Batch night", (14.0, 0.5, 1.0, 2.0, 3.5), TEXTS)


def of_batch(label: str, first: int, *states: TaskState) -> list[Task]:
    at = NOW - 900
    return [
        task(first + n, state, batch=label, created_at=at, finished_at=at + 60)
        if state in (S.SUCCEEDED, S.FAILED)
        else task(first + n, state, batch=label, created_at=at)
        for n, state in enumerate(states)
    ]


def bars(told: Story) -> list[str]:
    return [line.title for line in told.dashboard.query_one(BatchBars).lines]


def test_each_segment_is_as_long_as_its_share_and_none_is_lost() -> None:
    assert segment_cells((14, 0.5, 1, 2, 3.5), 42) == [28, 1, 2, 4, 7]
    assert segment_cells((990, 1, 1, 1, 7), 20) == [16, 1, 1, 1, 1]
    assert segment_cells((2, 0, 0, 1, 0), 40) == [27, 0, 0, 13, 0], "one that has ended is whole"
    for cells in range(5, 80):
        assert sum(segment_cells((212, 1.5, 1, 3, 82.5), cells)) == cells


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_lines_are_below_each_other_and_leave_out_what_has_no_room(language: str) -> None:
    i18n.set_language(language)
    long = BatchLine("x", "影视 " * 20, (0.0, 0.0, 0.0, 0.0, 3.0), ("0 of 3",) * 3)
    for cells, text in ((138, TEXTS[0]), (78, TEXTS[0]), (48, TEXTS[2]), (38, TEXTS[2])):
        first, second = (line.plain for line in drawn_lines([NIGHT, long], cells))
        assert first.endswith(f"  {text}")
        assert width(first) <= cells
        assert width(first.partition("━")[0]) == width(second.partition("─")[0])
    (line,) = drawn_lines([NIGHT._replace(title="Batch added 15:29")], 48)
    assert "Batch added 15:29  ━" in line.plain, "a time is whole in 50 columns"


def test_the_segments_are_told_apart_without_colour() -> None:
    (line,) = drawn_lines([NIGHT], 60)
    assert to_ascii(line.plain).startswith("Batch night  #####")
    assert [sign for sign in "━═?×─" if sign in line.plain] == [*"━═?×─"]


async def test_as_many_batches_as_the_screen_has_room_for_are_shown_the_newest_first() -> None:
    labels = ("a", "b", "c", "d")
    tasks = [
        it for n, label in enumerate(labels) for it in of_batch(label, 2 * n, S.QUEUED, S.QUEUED)
    ]
    async with story([*tasks, task(99)], size=(80, 24)) as told:
        await told.sees(lambda: bars(told) == ["Batch d", "Batch c", "Batch b"])
        for rows, count in ((15, 1), (14, 0), (20, 3)):
            await resize(told.pilot, 80, rows)
            await told.sees(lambda most=count: len(bars(told)) == most)  # type: ignore[misc]
            assert told.dashboard.query_one(BatchBars).size.height == count


async def test_a_click_shows_only_that_batch_and_another_click_everything() -> None:
    tasks = [*of_batch("night", 1, S.QUEUED, S.FAILED), *of_batch("[b]", 5, S.QUEUED, S.RUNNING)]
    async with story(tasks) as told:
        await told.reads("Batch night")
        for shown in (["part-02.iso", "part-01.iso"], 4):
            await told.pilot.click(BatchBars, offset=(5, 1))
            await told.sees(lambda it=shown: it in (told.names, len(told.names)))  # type: ignore[misc]


async def test_a_batch_says_how_far_it_is_as_its_tasks_end() -> None:
    tasks = [task(n, created_at=NOW - 60, batch="night") for n in range(1, 6)]
    async with story([*tasks, task(9, created_at=NOW)]) as told:
        await told.reads("0 of 5")
        assert " of 1" not in told.text, "one task is no batch"
        for n, state in ((1, S.FAILED), (2, S.SUCCEEDED), (3, S.SUCCEEDED)):
            at = NOW + 60 * n
            told.engine.tell(transition(tasks[n - 1], state, at=at, finished_at=at))
        await told.reads("2 of 5 done · 1 failed · ~2 min left")
        await resize(told.pilot, 50, 20)
        await told.sees(
            lambda: "2 of 5 done · 1 failed" in told.text and "min left" not in told.text
        )
        await resize(told.pilot, 80, 20)
        await told.press("P")
        await told.sees(lambda: "1 failed" in told.text and "~2 min left" not in told.text)


async def test_a_batch_that_has_ended_stands_there_whole_until_the_next_key(tmp_path: Path) -> None:
    Memory(App(), tmp_path).save(is_end=True, seen_at=NOW - 880)
    ended = of_batch("ended", 1, S.SUCCEEDED, S.FAILED)
    async with story(
        [*ended, *of_batch("open", 5, S.QUEUED, S.QUEUED)], state_dir=tmp_path
    ) as told:
        await told.sees(lambda: bars(told) == ["Batch open", "Batch ended"])
        await told.reads("1 of 2 done · 1 failed")
        await told.press("j")
        await told.sees(lambda: bars(told) == ["Batch open"])
