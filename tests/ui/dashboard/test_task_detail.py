"""The details of one task."""

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.send_queue import Adoption, adopted_task, retry_by_itself
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    AutoRetry,
    DownloadRequest,
    Sample,
    Task,
    TaskState,
    new_task,
    transition,
)
from pan123_tui.ui.app import dashboard_keys
from pan123_tui.ui.dashboard.detail_text import Detail, detail_lines
from pan123_tui.ui.dashboard.task_detail import TaskDetail
from pan123_tui.ui.widgets.text_lines import TextLines
from pan123_tui.wording.notes import NoteContext
from tests.ui.stage import Stage, shown

NOW = 1_764_000_000.0
URL = "https://example.com/files/[SubsPlease]%20Show.mkv?sign=" + "s" * 120 + "&end"
TRACE = "98765432-10ab-cdef-ghij-klmnopqrstuv_kong-db-5898fdd8c6-t5pvc"
REFUSED = Problem(ProblemKind.REQUEST_REJECTED, "文件不存在", 5066, TRACE)


def queued() -> Task:
    return new_task(
        DownloadRequest(URL, "测试.mp4", 10023, "https://cb.example/x"), task_id=12, at=NOW - 9000
    )


def submitting() -> Task:
    return transition(queued(), TaskState.SUBMITTING, at=NOW - 8990)


def running() -> Task:
    """Return a task at 62.5 % that gains one percent every two minutes."""
    sent = transition(
        submitting(), TaskState.RUNNING, at=NOW - 7500, task_id=100001, sent_at=NOW - 7500
    )
    samples = tuple(Sample(NOW - 7500 + 120 * n, min(n, 62.5)) for n in range(1, 62))
    return replace(sent, percent=62.5, status=0, samples=samples, checked_at=samples[-1].at + 30)


def failed() -> Task:
    return transition(
        running(),
        TaskState.FAILED,
        at=NOW - 60,
        problem=REFUSED,
        finished_at=NOW - 60,
        fail_reason="源站返回 403 [/foo]",
        file_id=4711,
    )


NOTES = NoteContext(now=NOW)
KEYS = dashboard_keys({})


def text_of(task: Task, cells: int = 60, **notes: object) -> str:
    context = replace(NOTES, **notes)
    lines = detail_lines(Detail(task, context, KEYS), cells)
    return "\n".join("".join(run.text for run in line) for line in lines)


def test_a_running_task_shows_state_name_progress_and_time_left() -> None:
    text = text_of(running())
    assert text.startswith("▸ running\n测试.mp4\n")
    assert " 62.5%\n" in text
    assert " left" in text
    assert "taskID    100001" in text
    assert "Checked" in text


def test_a_queued_link_says_what_it_waits_for() -> None:
    waiting = text_of(replace(queued(), problem=Problem(ProblemKind.FOLDER_MISSING)), 80)
    assert waiting.startswith("◊ queued\nwaits for folder 10023\n")
    paused = text_of(queued(), 80, status=Status(is_paused=True))
    assert paused.startswith("◊ queued\npaused\n")


@pytest.mark.parametrize(
    ("state", "word"),
    [(TaskState.RETRYING, "▸ running"), (TaskState.MISSING, "? unsure")],
)
def test_the_exact_state_stands_among_the_facts(state: TaskState, word: str) -> None:
    text = text_of(transition(running(), state, at=NOW))
    assert text.startswith(word)
    assert f"State     {state}" in text


def test_a_failed_task_shows_message_code_trace_id_reason_and_advice() -> None:
    text = text_of(failed(), 100)
    assert text.startswith("× failed\n")
    assert "The file does not exist." in text
    for words in ("文件不存在", "5066", TRACE, "源站返回 403 [/foo]", "4711"):
        assert words in text


def succeeded(arrival: ArrivalCheck | None, file_id: int | None = None) -> Task:
    done = transition(
        running(), TaskState.SUCCEEDED, at=NOW - 60, percent=100.0, finished_at=NOW - 60
    )
    return replace(done, arrival=arrival, file_id=file_id)


def test_of_a_task_that_is_done_no_bar_is_drawn() -> None:
    percent = "100.0%"
    full = replace(running(), percent=100.0, samples=(*running().samples, Sample(NOW, 100.0)))
    assert percent in text_of(full)
    done = text_of(transition(full, TaskState.SUCCEEDED, at=NOW, finished_at=NOW))
    assert percent not in done


def test_a_task_that_the_service_no_longer_knows_names_the_keys_that_end_the_doubt() -> None:
    gone = transition(running(), TaskState.MISSING, at=NOW)
    assert "r: it arrived, or send again; d: remove." in text_of(gone, 80)


def test_a_file_that_arrived_has_its_real_name_size_and_id() -> None:
    arrival = ArrivalCheck(ArrivalStatus.FOUND, NOW, "测试(1).mp4", 3 * 2**30 // 2)
    text = text_of(succeeded(arrival, 4711))
    assert "Saved as  测试(1).mp4" in text
    assert "Size      1.5 GB" in text
    assert "File ID   4711" in text
    assert "!" not in text


def test_a_file_that_did_not_arrive_is_shown_with_what_to_do() -> None:
    text = text_of(succeeded(ArrivalCheck(ArrivalStatus.NOT_FOUND, NOW)))
    assert "! not in the folder\nLook for it on the drive" in text
    assert "r downloads it again, e edits it first." in text
    assert "Size" not in text


def test_a_done_task_without_its_file_is_headed_as_failed_and_keeps_its_state() -> None:
    text = text_of(succeeded(ArrivalCheck(ArrivalStatus.TOO_SMALL, NOW, "a.zip", 900)))
    assert text.startswith("× failed\n")
    assert "State     succeeded" in text
    assert "! too small: " in text


def test_a_check_that_is_still_to_come_is_shown_while_it_is() -> None:
    pending = "Looking for the file in its folder"
    task = succeeded(None)
    assert pending in text_of(task)
    assert pending not in text_of(task, checks_arrivals=False)
    assert pending not in text_of(replace(task, finished_at=NOW - 100_000))
    assert pending not in text_of(succeeded(ArrivalCheck(ArrivalStatus.FOUND, NOW, "a", 9)))


def test_an_unconfirmed_task_explains_the_risk_and_names_the_keys() -> None:
    lost = Problem(ProblemKind.RESPONSE_LOST, "ReadTimeout")
    task = transition(submitting(), TaskState.UNCONFIRMED, at=NOW - 8900, problem=lost)
    text = text_of(task, 120)
    assert "The request may have reached 123pan; sending again may download twice." in text
    assert "r: it arrived, or send again; d: remove." in text


def test_the_timeline_names_retries_with_the_former_task_id() -> None:
    again = transition(failed(), TaskState.QUEUED, at=NOW - 50, problem=None, task_id=None)
    again = transition(again, TaskState.SUBMITTING, at=NOW - 40)
    again = transition(again, TaskState.RUNNING, at=NOW - 39, task_id=100077, sent_at=NOW - 39)
    again = transition(again, TaskState.RETRYING, at=NOW - 30, percent=10.0, retries=1)
    story = text_of(again, 100).partition("Timeline\n")[2].splitlines()
    assert [line.split(maxsplit=2)[2] for line in story] == [
        "link added",
        "submitting",
        "sent, taskID 100001",
        "failed at 62%: The file does not exist.",
        "queued again, formerly taskID 100001",
        "submitting",
        "sent, taskID 100077",
        "retrying at 10%",
    ]


def test_the_timeline_says_what_was_retried_by_itself_and_what_was_adopted() -> None:
    planned = replace(failed(), auto_retry=AutoRetry(0, 3, NOW - 50))
    again = retry_by_itself(planned, at=NOW - 50)
    assert "retried by itself, formerly taskID 100001" in text_of(again, 100)
    adopted = adopted_task(Adoption(394756), task_id=1, at=NOW - 60)
    assert "added by its taskID, 394756" in text_of(adopted, 100)


def test_the_timeline_is_punctuated_in_chinese() -> None:
    again = transition(failed(), TaskState.QUEUED, at=NOW - 50, problem=None)
    i18n.set_language("zh")
    try:
        story = text_of(again, 100)
    finally:
        i18n.set_language("en")
    assert "◊ 已添加\n" in story
    assert "× 失败，进度 62%：文件不存在。" in story


def test_a_stall_and_a_full_task_that_still_runs_are_shown_as_text() -> None:
    still = replace(running(), checked_at=NOW)
    still = replace(still, samples=tuple(s for s in still.samples if s.at < NOW - 4000))
    assert "no change for 1 h" in text_of(still)
    full = replace(running(), percent=100.0, samples=(*running().samples, Sample(NOW, 100.0)))
    assert "100%, finishing" in text_of(full)


def test_an_unknown_status_shows_its_number() -> None:
    assert "State     running (status 13)" in text_of(replace(running(), status=13))


def test_the_folder_has_its_name_where_it_is_known() -> None:
    assert "Folder    电影 (10023)" in text_of(running(), folder_names={10023: "电影"})
    assert "来自:离线下载" in text_of(replace(running(), folder_id=None))


@pytest.mark.parametrize("cells", [20, 30, 40, 80, 140])
@pytest.mark.parametrize("task", [queued(), running(), failed()], ids=lambda task: task.state)
def test_no_line_is_wider_than_the_pane(task: Task, cells: int) -> None:
    for line in detail_lines(Detail(task, NOTES, KEYS), cells):
        assert sum(width(run.text) for run in line) <= cells


class _Pane(Stage):
    def __init__(self) -> None:
        self.pane = TaskDetail(KEYS)
        self.pane.set_reactive(TaskDetail.notes, NOTES)
        super().__init__([self.pane])


async def test_the_pane_says_that_no_task_is_under_the_cursor() -> None:
    app = _Pane()
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.shown_task = None
        await pilot.pause()
        assert "No task under the cursor." in shown(app)


async def test_the_pane_scrolls_to_the_end_and_back_up_for_another_task() -> None:
    app = _Pane()
    async with app.run_test(size=(60, 12)) as pilot:
        app.pane.shown_task = failed()
        await pilot.pause()
        app.pane.focus()
        await pilot.press("G")
        await pilot.pause()
        assert "failed at 62%" in shown(app)
        app.pane.shown_task = replace(failed(), percent=61.0)
        await pilot.pause()
        assert "failed at 62%" in shown(app)
        app.pane.shown_task = replace(failed(), id=13)
        await pilot.pause()
        assert shown(app).splitlines()[0].strip() == "× failed"


async def test_a_scroll_bar_that_comes_leaves_no_line_of_the_old_width() -> None:
    app = _Pane()
    async with app.run_test(size=(40, 20)) as pilot:
        app.pane.shown_task = running()
        await pilot.pause()
        await pilot.pause()
        text = app.pane.query_one(TextLines)
        strips = text.render_lines(text.outer_size.region)
        laid = detail_lines(Detail(running(), NOTES, KEYS), text.size.width)
        assert [strip.text.rstrip() for strip in strips] == [
            "".join(run.text for run in line).rstrip() for line in laid
        ]


def test_a_failure_without_a_reason_says_so_and_what_helps() -> None:
    without = replace(failed(), problem=None, fail_reason="")
    shown = text_of(without, 100)
    assert "No reason given." in shown
    assert "Only a callback gives the reason: see [callback] in config.toml." in shown
    assert "no reason" not in text_of(replace(without, fail_reason="404"))
