"""The two lines of the status bar."""

from pathlib import Path
from typing import ClassVar, Self

import pytest
from msgspec.structs import replace
from textual.geometry import Region

from pan123_tui.client.updates import Attachment, AttachmentState
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.dashboard.status_bar import StatusBar
from pan123_tui.ui.terminal.render_filters import to_ascii
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home
from tests.ui.stage import Stage, resize, shown

NOW = 1_000_000.0
TALLIES: dict[str, int] = {TaskState.RUNNING: 3, TaskState.QUEUED: 12, TaskState.FAILED: 2}
ACCOUNT = Account(1, "小明", 1_300_000_000_000, 2_199_000_000_000)
ONLINE = Status(Connection.ONLINE, ACCOUNT, oldest_check_at=NOW - 720, rate_utilization=0.6)
TRACE = "98765432-10ab-cdef-ghij_kong-db-5898"
ERROR = Problem(ProblemKind.REQUEST_REJECTED, "文件不存在", 5066, TRACE)
FULL_DISK = Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device")


class _Bar(Stage):
    def __init__(self, bar: StatusBar | None = None) -> None:
        self.bar = bar or StatusBar()
        super().__init__([self.bar])

    def lines(self, status: Status = ONLINE) -> tuple[str, str]:
        self.bar.show(status, TALLIES, now=NOW)
        first, second = [strip.text for strip in self.bar.render_lines(self.bar.outer_size.region)]
        return first.strip(), second.strip()


async def test_a_wide_bar_shows_counts_account_connection_and_what_is_to_be_sent() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        first, second = app.lines()
        assert first.startswith("▸ 3 running  ◊ 12 queued  × 2 failed")
        assert first.endswith("小明  1.2 TB of 2.0 TB used  online")
        assert second.startswith("12 links to send, about 15 s")
        used = "3 of 5 checks a second  all checked within 1 h"
        assert second.rpartition("   ")[2] == used


async def test_the_age_of_the_oldest_check_is_shown_in_few_steps() -> None:
    app = _Bar()
    words = {119: "just now", 121: "within 10 min", 599: "within 10 min", 601: "within 1 h"}
    async with app.run_test(size=(140, 12)):
        for age_s, said in words.items():
            _, second = app.lines(replace(ONLINE, oldest_check_at=NOW - age_s))
            assert second.endswith(f"all checked {said}")


async def test_nothing_was_checked_just_now_while_the_service_is_not_reached() -> None:
    app = _Bar()
    status = replace(ONLINE, connection=Connection.OFFLINE)
    async with app.run_test(size=(140, 12)):
        _, second = app.lines(replace(status, oldest_check_at=NOW - 119))
        assert "checked" not in second
        _, second = app.lines(replace(status, oldest_check_at=NOW - 121))
        assert second.endswith("all checked within 10 min")


async def test_without_a_check_no_rate_is_shown() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        assert "a second" not in app.lines(replace(ONLINE, rate_utilization=0.0))[1]


async def test_with_tasks_in_all_states_the_narrowest_bar_leaves_out_what_is_in_no_trouble() -> (
    None
):
    app = _Bar()
    async with app.run_test(size=(50, 12)):
        app.bar.show(Status(), dict.fromkeys(TaskState, 3), now=NOW)
        first = app.bar.render_line(0).text.strip()
        assert first == "▸ 3  « 3  ◊ 3  ? 3  × 3  ! 3  ¬ 3     connecting"


async def test_rows_that_are_held_back_are_called_rows() -> None:
    app = _Bar()
    async with app.run_test(size=(80, 12)):
        app.bar.held_rows = (500, 3000)
        assert "500 of 3,000 rows shown" in app.lines()[1]


@pytest.mark.parametrize("columns", [40, 50, 80, 140])
async def test_the_store_warning_stays_at_every_width(columns: int) -> None:
    app = _Bar()
    async with app.run_test(size=(columns, 12)):
        status = replace(
            ONLINE, store_problem=FULL_DISK, hold=ERROR, hold_until=NOW + 33, last_error=ERROR
        )
        _, second = app.lines(status)
        assert second.lower().startswith("! not saved")
        assert "35 s" in second or columns == 40


@pytest.mark.parametrize("columns", [40, 50, 80, 140])
async def test_marks_and_clipboard_watch_are_visible_at_every_width(columns: int) -> None:
    app = _Bar(StatusBar(is_demo=True, profile="work"))
    async with app.run_test(size=(columns, 12)):
        app.bar.marked = 5
        app.bar.is_watching = True
        app.bar.collected = 3
        app.bar.held_rows = (500, 12345)
        first, second = app.lines(replace(ONLINE, last_error=ERROR))
        assert "DEMO" in first
        assert " work " in first
        assert "5 marked" in second
        assert "clipboard" in second
        assert "500 of 12,345" in second


async def test_the_last_error_has_its_code_and_trace_id_where_there_is_room() -> None:
    app = _Bar()
    status = replace(ONLINE, last_error=ERROR, last_error_at=NOW - 130)
    async with app.run_test(size=(140, 12)) as pilot:
        _, second = app.lines(status)
        assert f"“文件不存在” (code 5066, trace id {TRACE}) (2 min ago)" in second
        await resize(pilot, 88, 12)
        _, second = app.lines(status)
        assert second == f"The file does not exist (code 5066, trace id {TRACE})."
        await resize(pilot, 40, 12)
        _, second = app.lines(status)
        assert second == "The file does not exist (code 5066)."


async def test_a_check_without_an_answer_is_not_said_to_be_about_a_link() -> None:
    app, lost = _Bar(), Problem(ProblemKind.RESPONSE_LOST, "ReadTimeout")
    async with app.run_test(size=(140, 12)):
        _, second = app.lines(replace(ONLINE, last_error=lost, last_error_at=NOW))
        assert second.startswith("The service did not answer (just now).")


async def test_a_hold_counts_down_coarsely_and_is_not_shown_twice() -> None:
    lost = Problem(ProblemKind.REQUEST_NOT_SENT, "connect refused")
    app = _Bar()
    async with app.run_test(size=(80, 12)):
        status = replace(ONLINE, connection=Connection.OFFLINE, hold=lost, last_error=lost)
        first, second = app.lines(replace(status, hold_until=NOW + 31.5))
        assert first.endswith("offline")
        assert "Again in 35 s." in second
        _, again = app.lines(replace(status, hold_until=NOW + 34))
        assert again == second
        assert second.count("reached") == 1


async def test_a_hold_names_what_failed_since_when_and_never_a_stale_time() -> None:
    quota = Problem(ProblemKind.QUOTA_EXHAUSTED, "流量超限", 5113, "trace-1")
    error = replace(quota, trace_id="trace-2")
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        status = replace(ONLINE, connection=Connection.TROUBLE, hold=quota, last_error=error)
        status = replace(status, hold_since=NOW - 600, hold_until=NOW + 120)
        first, second = app.lines(status)
        assert first.endswith("service error")
        assert "Waiting for 10 min: The account's traffic is used up. Again in 2 min." in second
        assert second.count("traffic") == 1
        _, due = app.lines(replace(status, hold_until=NOW - 1))
        assert "Trying again now: The account's traffic is used up." in due
        assert "Again in" not in due


async def test_after_a_lost_answer_no_link_is_said_to_be_sent_again() -> None:
    app = _Bar()
    lost = Problem(ProblemKind.RESPONSE_LOST)
    async with app.run_test(size=(140, 12)):
        _, waiting = app.lines(replace(ONLINE, hold=lost, hold_until=NOW + 4))
        assert "the next one is sent once the service answers. Again in 5 s." in waiting
        _, due = app.lines(replace(ONLINE, hold=lost, hold_until=NOW))
        assert "Checking that the service answers before the next link is sent." in due
        assert "Trying again" not in due
    app = _Bar()
    async with app.run_test(size=(100, 12)):
        _, waiting = app.lines(replace(ONLINE, hold=lost, hold_until=NOW + 4))
        assert "the answer to a link got lost; checking the service in 5 s." in waiting


async def test_while_creates_alone_are_broken_the_bar_says_why_and_when_the_next_is_tried() -> None:
    app = _Bar()
    broken = Problem(ProblemKind.CREATES_UNCLEAR, "HTTP 502 Bad Gateway", 502)
    async with app.run_test(size=(160, 12)):
        status = replace(ONLINE, hold=broken, hold_since=NOW - 120, hold_until=NOW + 480)
        _, second = app.lines(status)
        assert second.startswith(
            "Waiting for 2 min: New links get no readable answer, although the service answers"
            " other calls. Again in 8 min."
        )


async def test_a_service_that_hangs_is_waited_for_and_nothing_is_promised() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        first, second = app.lines(replace(ONLINE, waiting_since=NOW - 12))
        assert first.endswith("waiting for the service, 15 s")
        assert second.startswith("12 links to send  ")


@pytest.mark.parametrize(
    "status",
    [replace(ONLINE, missing_folders=(7,)), replace(ONLINE, connection=Connection.NO_ACCOUNT)],
)
async def test_no_time_is_promised_for_links_that_cannot_be_sent(status: Status) -> None:
    app = _Bar()
    async with app.run_test(size=(200, 12)):
        _, second = app.lines(status)
        assert "12 links to send" in second
        assert "about" not in second


async def test_an_error_without_a_code_is_named_or_left_out_where_there_is_no_room() -> None:
    app = _Bar()
    lost = Problem(ProblemKind.RESPONSE_LOST)
    async with app.run_test(size=(40, 12)):
        _, second = app.lines(replace(ONLINE, last_error=lost, last_error_at=NOW))
        assert "error" not in second


async def test_a_missing_account_says_what_to_do() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        hold = Problem(ProblemKind.ACCOUNT_MISSING)
        first, second = app.lines(Status(Connection.NO_ACCOUNT, hold=hold))
        assert first.endswith("no account")
        assert "Log in: press , in the dashboard" in second
        _, second = app.lines(Status(Connection.NO_ACCOUNT, hold=hold, hold_until=NOW + 5))
        assert "Log in: press , in the dashboard" in second
        assert "5 s" not in second


@pytest.mark.parametrize("connection", [Connection.REFUSED, Connection.NO_ACCOUNT])
async def test_where_the_account_is_missing_the_key_that_leads_to_it_is_named(
    connection: Connection, tmp_path: Path
) -> None:
    status = Status(connection, hold=Problem(ProblemKind.TOKEN_REFUSED, "token is expired", 401))
    environ = {"PAN123_ACCESS_TOKEN": "token"}
    settings = Home(tmp_path, environ).settings_store()
    async with story([task(1)], size=(80, 24), status=status, **settings) as told:
        await told.reads(": press , to log in")
        await told.press("comma")
        await told.reads("123pan account")


async def test_a_refused_account_of_the_environment_names_its_variable() -> None:
    app = _Bar(StatusBar(login_key=","))
    refusal = Problem(ProblemKind.TOKEN_REFUSED, variable="PAN123_ACCESS_TOKEN")
    async with app.run_test(size=(140, 12)):
        often = Problem(ProblemKind.RATE_LIMITED)
        first, _ = app.lines(Status(Connection.REFUSED, hold=refusal, last_error=often))
        text = "account refused: “pan123-tui stop”, then change PAN123_ACCESS_TOKEN"
        assert first.endswith(text)


async def test_a_variable_of_this_process_is_not_blamed_for_the_account_of_another() -> None:
    app = _Bar(StatusBar(login_key=",", login_variable="PAN123_ACCESS_TOKEN"))
    app.bar.attachment = Attachment(AttachmentState.ATTACHED, "dashboard", 7)
    async with app.run_test(size=(140, 12)):
        first, _ = app.lines(Status(Connection.NO_ACCOUNT))
        assert first.endswith("no account: run “pan123-tui login”")


async def test_hostile_text_is_spelt_out() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        account = replace(ACCOUNT, nickname="[/b]\x1b[2J\u202e")
        problem = Problem(ProblemKind.REQUEST_REJECTED, "[link=x]\x07", 1, "\x1b]0;x\x07")
        first, second = app.lines(replace(ONLINE, account=account, last_error=problem))
        assert "[/b]\\x1b[2J" in first
        assert "[link=x]\\x07" in second
        assert "\x1b" not in first + second


async def test_an_age_beyond_all_steps_is_shown_itself() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        _, second = app.lines(replace(ONLINE, oldest_check_at=NOW - 3 * 86400))
        assert second.endswith("oldest check 3 d ago")


class _Recorded(StatusBar):
    """Records the lines that are refreshed."""

    painted: ClassVar[list[int]] = []

    def refresh(self, *regions: Region, **how: bool) -> Self:
        self.painted.extend(region.y for region in regions)
        return super().refresh(*regions, **how)


async def test_only_a_line_whose_text_changed_is_painted_again() -> None:
    bar = _Recorded()
    app = _Bar(bar)
    async with app.run_test(size=(140, 12)) as pilot:
        app.lines()
        await pilot.pause()
        bar.painted.clear()
        bar.show(ONLINE, TALLIES, now=NOW + 3)
        assert bar.painted == []
        bar.show(ONLINE, TALLIES | {TaskState.RUNNING: 4}, now=NOW)
        assert bar.painted == [0]
        await pilot.pause()
        assert "▸ 4 running" in shown(app)


async def test_checks_that_grow_older_and_fresh_again_within_a_step_are_not_painted() -> None:
    bar = _Recorded()
    app = _Bar(bar)
    async with app.run_test(size=(140, 12)) as pilot:
        app.lines(replace(ONLINE, oldest_check_at=NOW - 590))
        await pilot.pause()
        assert "all checked within 10 min" in shown(app)
        bar.painted.clear()
        for age_s in [595, 130, 590, 350, 200]:
            bar.show(replace(ONLINE, oldest_check_at=NOW - age_s), TALLIES, now=NOW)
        assert bar.painted == []


async def test_ascii_only_uses_no_glyph_beyond_ascii() -> None:
    app = _Bar(StatusBar())
    async with app.run_test(size=(60, 12)):
        first, second = app.lines(replace(ONLINE, account=None, last_error=FULL_DISK))
        assert to_ascii(first + second).isascii()


@pytest.mark.parametrize(
    ("cells", "folders", "words"),
    [
        (140, (7,), "The folder 7 is missing: its links wait. m sends them"),
        (140, (7, 8), "2 folders are missing: their links wait. m sends them"),
        (60, (7,), "m: no such folder"),
    ],
)
async def test_missing_folders_are_shown_with_the_key_that_helps(
    cells: int, folders: tuple[int, ...], words: str
) -> None:
    app = _Bar(StatusBar(redirect_key="m"))
    async with app.run_test(size=(cells, 12)):
        assert words in app.lines(replace(ONLINE, missing_folders=folders))[1]
