"""The details of one task."""

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
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
from pan123_tui.ui.dashboard.task_detail import Detail, DetailText, TaskDetail, detail_lines
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


def text_of(task: Task, cells: int = 60, **notes: object) -> str:
    context = replace(NOTES, **notes)
    lines = detail_lines(Detail(task, context), cells)
    return "\n".join(line.plain for line in lines)


def succeeded(arrival: ArrivalCheck | None, file_id: int | None = None) -> Task:
    done = transition(
        running(), TaskState.SUCCEEDED, at=NOW - 60, percent=100.0, finished_at=NOW - 60
    )
    return replace(done, arrival=arrival, file_id=file_id)


V = ArrivalStatus
FOUND = ArrivalCheck(V.FOUND, NOW, "测试(1).mp4", 3 * 2**30 // 2)
LOST = Problem(ProblemKind.RESPONSE_LOST, "ReadTimeout")
FULL = replace(running(), percent=100.0, samples=(*running().samples, Sample(NOW, 100.0)))
STILL = replace(running(), checked_at=NOW, samples=running().samples[:20])
DOUBT = "r: it arrived, or send again; d: remove."
GONE = transition(
    running(), TaskState.MISSING, at=NOW, finished_at=NOW, problem=Problem(ProblemKind.TASK_UNKNOWN)
)
PATIENCE = "Nothing to do: 123pan goes on; sending the link again would only make a second task."
LOOKING = "Looking for the file in its folder"
NO_REASON = ("No reason given.", "Only a callback gives the reason: see “Callbacks” in the manual.")


@pytest.mark.parametrize(
    ("task", "words", "absent"),
    [
        (running(), ("▸ running\n~1 h left\n\n测试.mp4\n", " 62.5%\n", "taskID    100001"), "!"),
        (running(), ("Checked", "Folder    电影 (ID 10023)"), PATIENCE),
        (replace(running(), folder_id=None), ("来自:离线下载",), "电影"),
        (replace(queued(), subfolder="夜"), ("Folder    电影/夜\n",), "10023"),
        (replace(running(), name=""), ("\n[SubsPlease] Show.mkv\n", "chosen by 123pan"), "测试"),
        (replace(running(), status=13), ("Status    running (123pan's status 13)",), "!"),
        (STILL, ("▸ running\nunchanged 1 h 25 min\n", f"\n{PATIENCE}\n"), "~"),
        (FULL, ("▸ running\nfinishing\n", "100.0%"), "unchanged"),
        (queued(), ("◊ queued\nnext\n",), "paused"),
        (
            transition(running(), TaskState.RETRYING, at=NOW),
            ("▸ running\n", "Status    retrying", PATIENCE),
            DOUBT,
        ),
        (GONE, ("? unsure\n", "Status    unsure", "Look in the", "f5 checks", DOUBT), "Finished"),
        (
            replace(GONE, arrival=ArrivalCheck(V.NOT_FOUND, NOW, problem=LOST)),
            ("The folder could not be read", "f5 checks the folder now."),
            "sends it again",
        ),
        (
            replace(GONE, arrival=ArrivalCheck(V.NOT_FOUND, NOW)),
            ("Not in the folder yet", DOUBT),
            "you cannot find it",
        ),
        (replace(GONE, arrival=FOUND), ("Found in the folder at", DOUBT), "Look in the target"),
        (
            transition(submitting(), TaskState.UNCONFIRMED, at=NOW - 8900, problem=LOST),
            ("123pan; sending it again may download the file twice.", f"{DOUBT}\n\n测试.mp4\n"),
            "Retries",
        ),
        (
            failed(),
            (
                *("× failed\n", "The file does not exist.", "文件不存在 (code 5066)"),
                *(TRACE, "源站返回 403 [/foo]", "4711"),
            ),
            NO_REASON[0],
        ),
        (failed(), ("Finished",), "Checked"),
        (
            replace(transition(submitting(), TaskState.UNCONFIRMED, at=NOW), arrival=FOUND),
            ("Found in the folder at", DOUBT),
            "f5 checks",
        ),
        (replace(succeeded(FOUND), url="http://nas.local/a"), ("Saved as",), "private network"),
        (replace(failed(), problem=None, fail_reason=""), NO_REASON, "403"),
        (
            replace(failed(), problem=None, fail_reason="404"),
            (
                "× failed\n",
                "\n123pan says: 404\nr downloads it again, e edits it first.\nThis reason came",
            ),
            NO_REASON[0],
        ),
        (replace(failed(), url="http://nas.local/a"), ("works on a private network only",), "!"),
        (
            succeeded(FOUND, 4711),
            ("√ done\n", "Saved as  测试(1).mp4", "Size      1.5 GB", "File ID   4711", " √ done"),
            LOOKING,
        ),
        (succeeded(None), ("· done\n", LOOKING), "100.0%"),
        (replace(queued(), url="https://ann:pw@a.b/c"), ("https://ann:•••@a.b/c",), "pw"),
        (replace(succeeded(None), finished_at=NOW - 100_000), ("done\n",), LOOKING),
        (
            replace(succeeded(ArrivalCheck(V.NOT_FOUND, NOW)), finished_at=NOW - 86_400),
            (
                "· done\n! not in the folder\nLook on the drive: ",
                "f5 checks the folder now.\nr downloads it again, e edits it first.",
            ),
            "Size",
        ),
        (
            succeeded(ArrivalCheck(V.NOT_FOUND, NOW)),
            ("! not in folder yet\nThe program looks again", "f5 checks", "\ne edits the link and"),
            "r downloads it again",
        ),
        (
            succeeded(ArrivalCheck(V.TOO_SMALL, NOW, "a.mkv", 900), 7),
            (
                *("· done\n! very small: 900 B\n", "Status    done"),
                "open it to check.\ne edits the link and sends it again.",
            ),
            "f5",
        ),
    ],
)
def test_the_details_say_how_a_task_stands_and_what_to_do(
    task: Task, words: tuple[str, ...], absent: str
) -> None:
    text = text_of(task, 120, folder_names={10023: "电影"}, next_id=12)
    assert [it for it in words if it not in text] == []
    assert absent not in text


def test_a_link_for_a_folder_that_is_gone_waits_for_it_and_says_so() -> None:
    task = replace(queued(), problem=Problem(ProblemKind.FOLDER_MISSING))
    status = Status(missing_folders=(10023,))
    text = text_of(task, folder_names={10023: "电影"}, next_id=12, status=status)
    assert "◊ queued\nwaits for folder 电影\n" in text


def test_the_notes_of_the_queue_and_the_checks_are_those_of_the_settings() -> None:
    assert text_of(queued(), status=Status(is_paused=True)).startswith("◊ queued\npaused\n")
    assert LOOKING not in text_of(succeeded(None), status=Status(looks_for_files=False))


def test_a_name_is_broken_between_its_words() -> None:
    text = text_of(replace(running(), name="[Sub] Frieren - 28 (1080p) [E61FCF96].mkv"), 40)
    assert "\n[Sub] Frieren - 28 (1080p)\n[E61FCF96].mkv\n" in text
    assert "Name      [Sub] Frieren - 28 (1080p)\n          [E61FCF96].mkv\n" in text


def test_for_a_link_that_alone_is_refused_the_service_is_not_blamed() -> None:
    problem = Problem(ProblemKind.SERVICE_UNAVAILABLE, "服务繁忙", 500)
    sent = transition(queued(), TaskState.SUBMITTING, at=NOW - 40)
    refused = transition(sent, TaskState.QUEUED, at=NOW - 39, problem=problem)
    text = text_of(refused, status=Status())
    assert "◊ queued\nrefused, tried again last\n" in text
    assert "Message   服务繁忙" in text
    assert "unavailable" not in text.partition("Timeline")[0]
    assert "unavailable" in text_of(refused, status=Status(hold=problem))


def test_the_timeline_names_retries_with_the_former_task_id() -> None:
    again = transition(failed(), TaskState.QUEUED, at=NOW - 50, problem=None, task_id=None)
    again = transition(again, TaskState.SUBMITTING, at=NOW - 40)
    again = transition(again, TaskState.RUNNING, at=NOW - 39, task_id=100077, sent_at=NOW - 39)
    again = transition(again, TaskState.RETRYING, at=NOW - 30, percent=10.0, retries=1)
    story = text_of(again, 100).partition("Timeline\n")[2].splitlines()
    assert [line.split(maxsplit=2)[2] for line in story] == [
        "link added",
        "sending",
        "sent, taskID 100001",
        "failed at 62%: The file does not exist.",
        "queued again, formerly taskID 100001",
        "sending",
        "sent, taskID 100077",
        "retrying at 10%",
    ]
    again = transition(again, TaskState.FAILED, at=NOW - 20, problem=REFUSED)
    again = transition(again, TaskState.QUEUED, at=NOW - 10, problem=None, task_id=None)
    assert text_of(again, 100).endswith("queued again, formerly taskID 100077")


def test_the_timeline_says_what_was_retried_by_itself_and_what_was_adopted() -> None:
    planned = replace(failed(), auto_retry=AutoRetry(0, 3, NOW - 50))
    again = retry_by_itself(planned, at=NOW - 50)
    assert "retried automatically, formerly taskID 100001" in text_of(again, 100)
    adopted = adopted_task(Adoption(394756), task_id=1, at=NOW - 60)
    assert "added by taskID, 394756" in text_of(adopted, 100)
    assert "来自:离线下载" not in text_of(adopted, 100)


def test_the_timeline_says_what_was_not_sent_and_a_reason_that_stays_once() -> None:
    waits, gone = queued(), Problem(ProblemKind.FOLDER_MISSING)
    for second in (10, 20):
        waits = transition(waits, TaskState.SUBMITTING, at=NOW + second)
        waits = transition(waits, TaskState.QUEUED, at=NOW + second + 1, problem=gone)
    story = text_of(waits, 100).partition("Timeline\n")[2]
    assert story.count("not sent, queued again") == 2
    assert story.count("The target folder no longer exists.") == 1


def test_the_timeline_is_punctuated_in_chinese() -> None:
    i18n.set_language("zh")
    story = text_of(transition(failed(), TaskState.QUEUED, at=NOW - 50, problem=None), 100)
    assert "◊ 已添加\n" in story
    assert "× 失败，进度 62%：文件不存在。" in story


class _Pane(Stage):
    def __init__(self) -> None:
        self.pane = TaskDetail()
        super().__init__([self.pane])

    def show(self, task: Task, notes: NoteContext = NOTES) -> None:
        self.pane.shown_detail = Detail(task, notes)


async def test_the_pane_scrolls_to_the_end_and_back_up_for_another_task() -> None:
    app = _Pane()
    async with app.run_test(size=(60, 12)) as pilot:
        app.show(failed())
        await pilot.pause()
        app.pane.action_scroll_end()
        assert app.pane.scroll_y == app.pane.max_scroll_y > 0, "at once, for the next key"
        await pilot.pause()
        assert "failed at 62%" in shown(app)
        app.show(replace(failed(), percent=61.0))
        await pilot.pause()
        assert "failed at 62%" in shown(app)
        app.show(replace(failed(), id=13))
        await pilot.pause()
        assert shown(app).splitlines()[0].strip() == "× failed"
        app.show(queued())
        await pilot.pause()
        assert "paused" not in shown(app)
        app.show(queued(), replace(NOTES, status=Status(is_paused=True)))
        await pilot.pause()
        assert "paused" in shown(app)
        app.pane.shown_detail = None
        await pilot.pause()
        assert "No task under the cursor." in shown(app)


async def test_a_scroll_bar_that_comes_leaves_no_line_of_the_old_width() -> None:
    app = _Pane()
    async with app.run_test(size=(40, 20)) as pilot:
        app.show(running())
        await pilot.pause()
        await pilot.pause()
        text = app.pane.query_one(DetailText)
        strips = text.render_lines(text.outer_size.region)
        laid = detail_lines(Detail(running(), NOTES), text.size.width)
        assert [strip.text.rstrip() for strip in strips] == [line.plain.rstrip() for line in laid]
