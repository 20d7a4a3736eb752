"""A batch on the dashboard: seen alone, named, and reported when it has ended."""

from pan123_tui import i18n
from pan123_tui.domain.task import Task, TaskState
from tests.ui.dashboard_stage import NOW, story, task

S = TaskState


def of_batch(number: int, state: TaskState, label: str = "", *, at: float = NOW) -> Task:
    return task(number, state, batch=label, created_at=at)


THREE = (
    of_batch(1, S.SUCCEEDED, "影视 [b]1"),
    of_batch(2, S.FAILED, "影视 [b]1"),
    of_batch(3, S.RUNNING, "影视 [b]1"),
)


async def test_b_shows_the_batch_under_the_cursor_and_goes_back() -> None:
    async with story([*THREE, task(4, S.FAILED)]) as told:
        await told.press("slash", *"state:failed", "enter", "j", "b")
        assert len(told.names) == 3
        assert '3 of 4  ·  esc clears it  ·  / batch="影视 [b]1"' in told.text
        await told.press("3")
        assert told.names == ["part-02.iso"]
        await told.reads('1 of 2  ·  esc clears it  ·  / batch="影视 [b]1"')
        await told.press("b", "1")
        assert len(told.names) == 4
        i18n.set_language("zh")
        await told.press("b")
        assert told.dashboard.panel.list_query.search == '批次="影视 [b]1"'
        assert len(told.names) == 3


async def test_the_search_completes_the_labels_and_knows_the_last_batch() -> None:
    async with story([*THREE, of_batch(4, S.RUNNING, "b"), of_batch(5, S.QUEUED)]) as told:
        await told.press("slash", *"batch:影", "tab")
        assert len(told.names) == 3
        await told.press("escape", "slash", *"batch:last", "enter")
        assert told.names == ["part-05.iso"]
        await told.press("3")
        await told.reads("1 task in another tab matches: 1 shows it.")


async def test_the_end_of_a_batch_is_notified_with_its_name_as_it_is() -> None:
    async with story([*THREE, of_batch(4, S.RUNNING, "影视 [b]1"), task(5)]) as told:
        for number, state in ((3, S.SUCCEEDED), (5, S.FAILED), (4, S.FAILED)):
            told.engine.end(number, state)
        await told.sees(lambda: told.app.model.tasks[4].has_failed)
        told.app.notifier.flush()
        said = {"Batch 影视 [b]1: 2 done, 2 failed", "× failed: part-05.iso"}
        await told.sees(lambda: {*"\n".join(told.toasts).splitlines()} == said)
