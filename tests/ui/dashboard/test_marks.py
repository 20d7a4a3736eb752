"""Marks: one action on many tasks."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.commands import Command, RemoveTasks
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, TaskState
from pan123_tui.ui.dashboard import filter_bar
from tests.ui.dashboard_stage import NOW, story, task

S = TaskState
MIXED = [
    task(1, S.FAILED),
    task(2, S.RUNNING),
    task(3, S.FAILED),
    task(4, S.SUCCEEDED),
    task(5, S.FAILED),
]


async def test_marks_stay_through_sorting_and_repaints_while_their_tasks_are_shown() -> None:
    async with story(MIXED) as told:
        table = told.dashboard.table
        await told.press("space", "j", "space", "enter")
        await told.sees(lambda: told.dashboard.panel.is_detail_open)
        await told.press("escape")
        assert not told.dashboard.panel.is_detail_open
        assert table.marks.ids == {5, 3}
        await told.press("s")
        await told.reads("Sort by")
        await told.press("down", "enter", "S", "3")
        assert table.marks.ids == {5, 3}
        await told.reads("2 marked")
        assert [line[1] for line in told.text.splitlines()[2:5]].count("*") == 2
        told.engine.end(2, S.FAILED)
        await told.sees(lambda: len(told.names) == 4)
        assert table.marks.ids == {5, 3}
        await told.press("slash", *"part-05", "enter")
        assert told.names == ["part-05.iso"]
        assert "1 marked" in told.text
        assert "esc clears it" not in told.text, "it unmarks first"
        await told.press("escape")
        assert "esc clears it" in told.text
        await told.press("enter")
        assert "esc clears it" not in told.text, "it closes the details first"
        await told.press("escape", "escape")
        assert table.marks.ids == frozenset()


@pytest.mark.parametrize("most", [0, 2_000])
async def test_half_typed_words_take_no_marks_but_the_finished_search_does(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(filter_bar, "MANY_TASKS", most)
    async with story(MIXED) as told:
        table = told.dashboard.table
        await told.press("v", "j", "slash")  # an open range ends
        assert table.marks.ids == {5, 4}
        await told.press(*"part-01")
        await told.sees(lambda: told.names == ["part-01.iso"])
        assert not table.marks.ids
        assert "marked" not in told.text
        await told.press("backspace")
        await told.sees(lambda: len(told.names) == 5)
        assert table.marks.ids == {5, 4}
        await told.press("5")
        await told.sees(lambda: told.names == ["part-05.iso"])
        await told.reads("1 marked")
        await told.press("enter", "escape", "slash", "enter")
        await told.press("escape")
        await told.sees(lambda: len(told.names) == 5)
        assert not table.marks.ids, "the finished search did not show them"


@pytest.mark.parametrize("action", ["marks.toggle", "marks.invert", "view.back"])
async def test_what_is_unmarked_while_a_search_is_typed_stays_unmarked(action: str) -> None:
    async with story(MIXED) as told:
        table = told.dashboard.table
        await told.press("v", "j", "slash", "5")
        await told.sees(lambda: table.marks.ids == {5})
        await told.press("f1", *action, "enter")
        await told.sees(lambda: not table.marks.ids)
        await told.press("backspace")
        await told.sees(lambda: len(told.names) == 5)
        assert table.marks.ids == (set() if action == "view.back" else {4})


async def test_what_was_removed_while_a_search_is_typed_comes_back_unmarked() -> None:
    async with story(MIXED) as told:
        await told.press("j", "space", "slash", "4")
        await told.press("f1", *"tasks.remove", "enter")
        await told.sees(lambda: told.names == [])
        await told.press("f1", *"tasks.undo", "enter")
        await told.sees(lambda: told.names == ["part-04.iso"])
        assert not told.dashboard.table.marks.ids


async def test_what_is_marked_and_what_the_keys_of_marks_do() -> None:
    async with story(MIXED) as told:
        await told.press("3", "ctrl+a")
        assert told.dashboard.table.marks.ids == {1, 3, 5}
        await told.press("1", "asterisk")
        assert told.dashboard.table.marks.ids == {2, 4}
        await told.press("escape", "g")
        assert "mark up to here" not in told.footer
        await told.press("v", "j", "j")
        assert "v mark up to here" in told.footer
        await told.press("v")
        assert "mark up to here" not in told.footer
        assert told.dashboard.table.marks.ids == {5, 4, 3}
        await told.press("escape", "g", "v", "j")
        assert told.dashboard.table.marks.ids == {5, 4}
        await told.press("S", "G")
        assert told.dashboard.table.marks.ids == {5}
        await told.press("g")
        assert told.dashboard.table.marks.ids == {1, 2, 3, 4, 5}


async def test_a_range_whose_first_task_has_left_the_view_is_over() -> None:
    async with story([task(n, S.QUEUED) for n in (1, 2, 3)]) as told:
        await told.press("2", "G", "v")
        await told.reads("1 marked")
        told.engine.end(1, S.SUBMITTING)
        told.engine.end(1, S.REJECTED)
        await told.sees(lambda: len(told.names) == 2)
        await told.press("g")
        assert told.dashboard.table.marks.ids == frozenset()
        await told.press("v")
        assert told.dashboard.table.marks.ids == {3}


async def test_retrying_takes_those_that_failed_and_says_how_many_were_left_out() -> None:
    async with story(MIXED) as told:
        await told.press("v", "j", "j")
        await told.reads("3 marked")
        assert "d remove 3" in told.footer
        await told.press("k")
        await told.reads("2 marked")
        await told.press("G", "r")
        await told.reads("3 links queued again. 2 others were left as they are.")
        states = [told.engine.tasks[n].state for n in range(1, 6)]
        assert states == [S.QUEUED, S.RUNNING, S.QUEUED, S.SUCCEEDED, S.QUEUED]
        await told.press("k")
        assert len(told.dashboard.table.marks.ids) == 5, "the range has ended"


async def test_what_an_action_takes_out_of_the_view_is_not_marked_any_more() -> None:
    tasks = [task(1, S.FAILED), task(2, S.FAILED), task(3, S.UNCONFIRMED), task(4, S.FAILED)]
    async with story(tasks) as told:
        table = told.dashboard.table
        await told.press("3", "j", "space", "space", "r")
        await told.reads("send again")
        await told.press("escape", "r")
        await told.reads("send again")
        assert told.engine.tasks[2].state is S.FAILED, "what is left undone is left whole"
        await told.press("down", "down", "enter")
        await told.sees(lambda: told.engine.tasks[3].state is S.QUEUED)
        await told.sees(lambda: not table.marks.ids)
        assert told.names == ["part-04.iso", "part-01.iso"]
        await told.press("ctrl+a", "e")
        await told.reads("Edit 2 links")
        await told.press("ctrl+s")
        await told.sees(lambda: told.names == [])
        await told.sees(lambda: not table.marks.ids)
        await told.press("1", "ctrl+a")
        assert len(table.marks.ids) == 4


@pytest.mark.parametrize(
    ("keys", "said", "back"),
    [
        (
            ["ctrl+a", "d"],
            "1,206 tasks removed. 123pan carries on with 1 download. u undoes this.",
            "1,206 tasks are back.",
        ),
        (["3", "c"], "1,201 tasks removed. u undoes this.", "1,201 tasks are back."),
    ],
)
async def test_removals_ask_nothing_and_are_undone(keys: list[str], said: str, back: str) -> None:
    ended = [task(n, S.SUCCEEDED) for n in range(6, 1206)]
    doubtful = task(1206, S.SUCCEEDED, arrival=ArrivalCheck(ArrivalStatus.BLOCKED, NOW))
    async with story([*MIXED, *ended, doubtful], size=(140, 30)) as told:
        await told.press(*keys)
        await told.sees(lambda: told.toasts == [said])
        assert set(told.engine.tasks) == (set() if "d" in keys else {1, 2, 3, 5, 1206})
        assert "marked" not in told.text
        await told.press("u")
        await told.sees(lambda: told.toasts == [back])  # no undo is offered any more
        assert len(told.engine.tasks) == 1206


async def test_an_undo_waits_for_its_removal(monkeypatch: pytest.MonkeyPatch) -> None:
    is_asked, may_go_on = asyncio.Event(), asyncio.Event()
    async with story([task(1), task(2)]) as told:
        call = told.app.client.call

        async def slow(command: Command[Any]) -> Any:
            if isinstance(command, RemoveTasks):
                is_asked.set()
                await may_go_on.wait()
            return await call(command)

        monkeypatch.setattr(told.app.client, "call", slow)
        await told.press("d")
        await asyncio.wait_for(is_asked.wait(), 10)
        await told.press("u")
        may_go_on.set()
        await told.sees(lambda: any("1 task is back" in toast for toast in told.toasts))
        assert not any("nothing to undo" in toast for toast in told.toasts)
        assert len(told.app.model.tasks) == 2


async def test_retrying_the_failed_leaves_those_that_the_search_hides() -> None:
    tasks = [task(1, S.FAILED, batch="a"), task(2, S.FAILED, batch="b"), task(3, batch="c")]
    async with story(tasks) as told:
        await told.press("g", "b", "R")  # the newest is of c
        await told.sees(lambda: told.toasts == ["The search finds nothing that failed."])
        await told.press("escape", "down", "b", "4", "R")  # it counts whatever tab is shown
        await told.sees(lambda: "1 link queued again." in told.toasts)
        assert told.app.model.tasks[1].state is S.FAILED


async def test_the_cursor_goes_to_what_is_back() -> None:
    async with story([task(n) for n in range(1, 61)]) as told:
        await told.press("space", "space", "d")
        await told.sees(lambda: len(told.dashboard.table.order) == 58)
        await told.press("G", "u")
        await told.sees(lambda: told.names[0] == "part-60.iso")
        assert told.dashboard.table.cursor_id == 60
        await told.press("d")
        await told.sees(lambda: len(told.dashboard.table.order) == 59)
        await told.press("3", "u")
        await told.sees(lambda: told.names[:1] == ["part-60.iso"])
        assert told.dashboard.table.cursor_id == 60


async def test_a_link_that_was_added_again_comes_back_no_second_time() -> None:
    async with story([task(1, S.QUEUED), task(2, S.QUEUED)]) as told:
        await told.press("ctrl+a", "d")
        await told.sees(lambda: told.dashboard.table.order == ())
        told.engine.tell(task(3, S.QUEUED, url=task(2).url))
        await told.press("u")
        await told.sees(lambda: told.dashboard.table.order == (3, 1))
        text = "1 task is back. 1 link is skipped: by now in the list, or sent before."
        await told.sees(lambda: text in told.toasts)


async def test_what_others_remove_comes_back_as_it_was_at_last() -> None:
    async with story([task(1, S.QUEUED), task(2), task(3, S.SUCCEEDED)]) as told:
        repository, table = told.engine.repository, told.dashboard.table
        sent = replace(task(1), batch="sent before it was seen")
        told.engine.tell(sent)
        await repository.remove((1,))
        (_, _) = await repository.remove((2, 3))
        await told.sees(lambda: table.order == ())
        await repository.restore((task(2), task(3, S.SUCCEEDED)))
        await told.sees(lambda: len(table.order) == 2)
        await told.press("u")
        await told.sees(lambda: "1 task is back." in told.toasts)
        assert told.engine.tasks[1] == sent, "what has come back by itself is undone no second time"
        await told.press("u")
        await told.sees(lambda: "There is nothing to undo." in told.toasts)


async def test_the_latest_removal_is_undone_first() -> None:
    async with story([task(1), task(2), task(3)]) as told:
        table = told.dashboard.table
        await told.press("d")
        await told.sees(lambda: table.order == (2, 1))
        await told.press("d")
        await told.sees(lambda: table.order == (1,))
        assert told.toasts == ["1 task removed. 123pan carries on with 1 download. u undoes this."]
        await told.press("a")
        await told.sees(lambda: not told.toasts)  # u is a letter of an address there
        await told.press("escape")
        await told.press("u")
        await told.sees(lambda: table.order == (2, 1))
        await told.press("u")
        await told.sees(lambda: table.order == (3, 2, 1))
        await told.sees(lambda: told.toasts == ["1 task is back."])
        await told.press("u")
        await told.sees(lambda: "There is nothing to undo." in told.toasts)
