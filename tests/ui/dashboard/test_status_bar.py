"""The status bar: one line, and a second one while there is something to say."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.app import App

from pan123_tui.client.engine_client import Attachment, AttachmentState
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task import Shown, TaskState
from pan123_tui.ui.app import Invocation
from pan123_tui.ui.dashboard import screen as dashboard
from pan123_tui.ui.dashboard.status_bar import StatusBar, StatusFacts, first_line, second_line
from pan123_tui.ui.dashboard.task_table import TaskTable
from pan123_tui.ui.session.memory import Memory
from pan123_tui.ui.widgets.styled_text import fitted_line
from tests.ui.dashboard_stage import NOW as TABLE_NOW
from tests.ui.dashboard_stage import story, task
from tests.ui.stage import Stage, resize, shown

NOW = 1_000_000.0
COUNTS = {Shown.QUEUED: 12, Shown.RUNNING: 3, Shown.FAILED: 2}
ACCOUNT = Account(1, "小明", 1_300_000_000_000, 2_199_000_000_000)
ONLINE = Status(Connection.ONLINE, ACCOUNT)
TRACE = "98765432-10ab-cdef-ghij_kong-db-5898"
ERROR = Problem(ProblemKind.REQUEST_REJECTED, "文件不存在", 5066, TRACE)
FULL_DISK = Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device")


def lines(status: Status = ONLINE, *, cells: int = 140, **facts: Any) -> list[str]:
    """Return both lines on a screen of `cells` columns; the second one may be empty."""
    known = replace(StatusFacts(counts=COUNTS, now=NOW), status=status, **facts)
    first = fitted_line(*first_line(known), cells - 2)
    drawn = first, fitted_line(second_line(known), [], cells - 2)
    return [line.plain.strip() for line in drawn]


async def test_the_second_line_is_there_while_there_is_something_to_say() -> None:
    bar = StatusBar()
    async with Stage([bar]).run_test(size=(140, 12)) as pilot:
        bar.facts = StatusFacts(counts=COUNTS, now=NOW, status=ONLINE)
        await pilot.pause()
        (line,) = filter(None, shown(pilot.app).splitlines())
        assert line.startswith(" ◊ queued 12  ▸ running 3  × failed 2")
        assert line.endswith("  logged in as 小明")
        assert bar.size.height == 1
        bar.facts = replace(bar.facts, status=replace(ONLINE, is_paused=True))
        await pilot.pause()
        assert bar.size.height == 2
        assert "sending paused" in shown(pilot.app)


def test_counts_have_the_words_of_the_table_in_the_order_of_the_tabs() -> None:
    first, second = lines(Status(), counts=dict.fromkeys(Shown, 1234))
    assert first.startswith(
        "◊ queued 1,234  » sending 1,234  ▸ running 1,234  × failed 1,234  ? unsure 1,234"
    )
    assert second == ""


LOST = Problem(ProblemKind.RESPONSE_LOST)
NOT_SENT = Problem(ProblemKind.REQUEST_NOT_SENT, "connect refused")
QUOTA = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限", 5113, "trace-1")
CREATES = Problem(ProblemKind.CREATES_UNCLEAR, "HTTP 502 Bad Gateway", 502)
NO_ACCOUNT = Problem(ProblemKind.ACCOUNT_MISSING)
REFUSED = Problem(ProblemKind.TOKEN_REFUSED, variable="PAN123_ACCESS_TOKEN")
CAP = Problem(ProblemKind.TOO_MANY_TASKS)
LIMIT = Problem(ProblemKind.RUNNING_LIMIT)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (Status(), " connecting"),
        (replace(ONLINE, connection=Connection.OFFLINE), "offline"),
        (replace(ONLINE, connection=Connection.TROUBLE), "123pan error"),
        (Status(Connection.NO_ACCOUNT), "no account: press , to log in"),
        (
            Status(Connection.REFUSED, hold=REFUSED),
            "account refused: “pan123-tui stop”, then change PAN123_ACCESS_TOKEN",
        ),
    ],
)
def test_the_first_line_ends_with_the_account_and_the_connection(status: Status, end: str) -> None:
    assert lines(status)[0].endswith(end)


ENV = Invocation(login_variable="PAN123_ACCESS")


@pytest.mark.parametrize(
    ("invocation", "end"),
    [
        (ENV, "no account: run “pan123-tui login”"),  # it is not this process's to blame
        (Invocation(is_demo=True), "  no account"),
        (Invocation(host="server"), "  no account"),
    ],
)
def test_no_key_is_said_to_log_in_where_that_is_done_elsewhere(
    invocation: Invocation, end: str
) -> None:
    assert lines(Status(Connection.NO_ACCOUNT), invocation=invocation)[0].endswith(end)


def held(hold: Problem, in_s: float | None) -> Status:
    """Return a status whose queue is tried again `in_s` seconds from now."""
    until = None if in_s is None else NOW + in_s
    return replace(ONLINE, hold=hold, last_error=hold, hold_until=until)


def without_folders(*folder_ids: int) -> Status:
    return replace(ONLINE, missing_folders=folder_ids)


SPENT = "The account's traffic or quota is used up."


@pytest.mark.parametrize(
    ("cells", "status", "words", "absent"),
    [
        (80, held(NOT_SENT, 31.5), "Next try in 35 s.", "Trying"),
        (80, held(NOT_SENT, 34), "Next try in 35 s.", "Trying"),
        (140, held(QUOTA, 120), f"Waiting: {SPENT} Next try in 2 min.", "Trying"),
        (250, replace(held(QUOTA, 120), last_error=replace(QUOTA, trace_id="x")), SPENT, "ID x"),
        (140, held(QUOTA, -1), "Trying again now: The account's traffic", "Next try in"),
        (140, held(LOST, 4), "sent once 123pan answers again. Next try in 5 s.", "link again"),
        (160, held(CREATES, 480), "Waiting: 123pan's answers to new links are", "Trying"),
        (90, held(CREATES, 540), "Next try in 9 min: ", "Waiting"),
        (140, held(CAP, 30), "Waiting: Download limit reached. Next try in 30 s.", "{"),
        (140, replace(held(CAP, 0), is_paused=True), "sending paused · P resumes", "limit"),
        (140, replace(ONLINE, last_error=LOST, last_error_at=NOW), "answer. (just now)", "link"),
        (140, without_folders(7), "The folder ID 7 is gone: its links wait. e on one", "2 folders"),
        (140, without_folders(7, 8), "2 folders are missing: their links wait. e on one", "7"),
        (60, without_folders(7), "no such folder: press e on a waiting link", "links"),
        (60, held(QUOTA, 120), SPENT, "Next"),
        (22, held(LIMIT, None), "limit reached", "you"),
        (60, held(CREATES, 480), "123pan's answers to new links are", "Next"),
    ],
)
def test_the_second_line_says_what_is_wrong_or_waited_for_and_that_once(
    cells: int, status: Status, words: str, absent: str
) -> None:
    second = lines(status, cells=cells)[1]
    assert second.count(words) == 1
    assert absent not in second


def test_the_narrowest_bar_leaves_out_what_is_in_no_trouble() -> None:
    many = dict.fromkeys(Shown, 1234)
    first, _ = lines(Status(), cells=40, counts=many)
    assert first.split("  ")[:3] == ["▸ 1,234", "× 1,234", "? 1,234"]
    assert first.endswith(" connecting")


def test_the_draft_is_counted_as_long_as_there_is_room_for_more_than_the_account() -> None:
    for cells, is_shown in ((140, True), (50, True), (25, False)):
        first = lines(Status(Connection.NO_ACCOUNT), cells=cells, draft=1234)[0]
        assert ("draft 1,234" in first) == is_shown
        assert "no account" in first
    lost = Attachment(AttachmentState.LOST)
    assert "draft 6" in lines(draft=6, attachment=lost)[0]
    many = dict.fromkeys(Shown, 123)
    first = lines(cells=50, draft=6, counts=many, invocation=Invocation(is_demo=True))[0]
    assert first == "DEMO   ◊ 123  ▸ 123  × 123  ? 123  draft 6"
    assert "draft" not in lines()[0]


def test_all_counts_have_their_words_or_none_has() -> None:
    counts = {Shown.QUEUED: 2, Shown.SENDING: 1, Shown.RUNNING: 17, Shown.FAILED: 3}
    for cells in range(30, 100):
        first = lines(cells=cells, counts=counts, invocation=Invocation(is_demo=True))[0]
        words = [word in first for word in ("queued", "running", "failed")]
        assert all(words) or not any(words)
        assert "» 1" not in first or words[0]


@pytest.mark.parametrize("cells", [50, 80, 100, 140])
def test_a_held_queue_does_not_hide_what_has_ended_meanwhile(cells: int) -> None:
    full = "Since yesterday 23:10: 41 done, 3 failed · press 3 to see"
    since = full, "41 done, 3 failed · 3", "41 done, 3 failed"
    _, second = lines(held(QUOTA, 600), cells=cells, since=since)
    assert second.endswith(since[(cells < 100) + (cells < 80)])
    assert "next try in 10 min" in second.lower()


@pytest.mark.parametrize("columns", [40, 50, 80, 140])
def test_the_store_warning_stays_at_every_width(columns: int) -> None:
    status = replace(
        ONLINE, store_problem=FULL_DISK, hold=ERROR, hold_until=NOW + 33, last_error=ERROR
    )
    second = lines(status, cells=columns)[1]
    assert second.lower().startswith("! not saved")
    assert "35 s" in second or columns == 40


def test_the_open_entrance_is_said_with_the_key_to_its_row() -> None:
    first, _second = lines(replace(ONLINE, listens_at="127.0.0.1:6800"))
    assert "takes links from the browser · press ," in first
    assert "browser" not in lines()[0]


@pytest.mark.parametrize("columns", [40, 50])
def test_the_open_entrance_is_said_at_every_width(columns: int) -> None:
    assert "browser" in lines(replace(ONLINE, listens_at="127.0.0.1:6800"), cells=columns)[0]


@pytest.mark.parametrize("columns", [40, 140])
async def test_marks_and_clipboard_watch_are_visible_at_every_width(columns: int) -> None:
    bar = StatusBar()
    async with Stage([bar]).run_test(size=(columns, 12)):
        bar.facts = StatusFacts(
            counts=COUNTS,
            now=NOW,
            status=replace(ONLINE, last_error=ERROR),
            invocation=Invocation(is_demo=True, profile="work"),
            marked=5,
            is_watching=True,
            collected=3,
        )
        first, second = bar.render().plain.splitlines()
        assert "DEMO" in first
        assert " work " in first
        assert "5 marked" in second
        assert "clipboard" in second


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (140, f"“文件不存在” (code 5066, trace ID {TRACE}) (2 min ago)"),
        (88, "The file does not exist. (code 5066)"),
    ],
)
def test_the_last_error_has_its_trace_id_where_there_is_room(cells: int, text: str) -> None:
    second = lines(replace(ONLINE, last_error=ERROR, last_error_at=NOW - 130), cells=cells)[1]
    assert second.endswith(text)


@pytest.mark.parametrize(
    ("keys", "is_said"), [("3", False), ("escape", False), ("1 4", True), ("click", True)]
)
async def test_what_ended_while_nobody_looked_is_said_until_it_was_read(
    keys: str, is_said: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "TICK_S", 0.01)
    ended = {"finished_at": TABLE_NOW - 60}
    tasks = [
        task(1, TaskState.SUCCEEDED, **ended),
        task(2, TaskState.FAILED, **ended),
        task(3, TaskState.SUCCEEDED, finished_at=TABLE_NOW - 7200),
    ]
    Memory(App(), tmp_path).save(is_end=True, seen_at=TABLE_NOW - 3600)
    async with story(tasks, state_dir=tmp_path, status=Status(hold=QUOTA)) as told:
        await told.reads(": 1 done, 1 failed · press 3 to see")
        told.engine.now += 3600  # nobody is there yet
        await (told.pilot.click(TaskTable) if keys == "click" else told.press(*keys.split()))
        await told.sees(lambda: ("Since" in told.text) is is_said)
        if not is_said:
            return
        await resize(told.pilot, 50, 15)
        await told.reads("1 done, 1 failed")
        told.engine.now += 59
        await told.press("k")
        assert "1 done, 1 failed" in told.text
        told.engine.now += 2
        await told.sees(lambda: "1 done, 1 failed" not in told.text)
    async with story(tasks, state_dir=tmp_path) as told:
        assert "Since" not in told.text


@pytest.mark.parametrize(
    ("state", "host", "words"),
    [
        (AttachmentState.CONNECTING, "", "Connecting to the engine…"),
        (AttachmentState.LOST, "", "The background process was lost and is being restarted."),
        (AttachmentState.LOST, "nas", "Connection to nas lost, reconnecting."),
        (AttachmentState.SILENT, "nas", "pan123-tui watch (pid 7) does not answer"),
        (AttachmentState.ENDED, "nas", "The engine was ended, so nothing is sent or checked."),
    ],
)
def test_an_absent_engine_is_said(state: AttachmentState, host: str, words: str) -> None:
    attachment, known = Attachment(state, program="watch", pid=7), replace(ONLINE, last_error=ERROR)
    first, second = lines(known, attachment=attachment, invocation=Invocation(host=host), cells=220)
    assert second.startswith(words)
    assert "文件不存在" not in second, "what was wrong before is not known any more"
    assert "logged in" not in first


def test_a_missing_account_is_said_once() -> None:
    status = Status(Connection.NO_ACCOUNT, last_error=NO_ACCOUNT, last_error_at=NOW)
    assert lines(status)[1] == ""
    for in_s in (None, 5):
        status = replace(held(NO_ACCOUNT, in_s), connection=Connection.NO_ACCOUNT)
        assert lines(status)[1] == ""
        second = lines(status, cells=140, invocation=Invocation(host="nas"))[1]
        assert second.endswith("run “pan123-tui login”.")
