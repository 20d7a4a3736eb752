"""The status bar: one line, and a second one while there is something to say."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.client.updates import Attachment, AttachmentState
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Account, Connection, Status
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import TaskState, TimelineEntry
from pan123_tui.ui.dashboard.status_bar import Place, StatusBar, StatusFacts
from pan123_tui.ui.memory import UiState, UiStateFile
from pan123_tui.ui.terminal.render_filters import to_ascii
from tests.ui.dashboard_stage import NOW as TABLE_NOW
from tests.ui.dashboard_stage import story, task
from tests.ui.home_stage import Home
from tests.ui.stage import Stage, resize, shown

NOW = 1_000_000.0
COUNTS = {Shown.QUEUED: 12, Shown.RUNNING: 3, Shown.FAILED: 2}
ACCOUNT = Account(1, "小明", 1_300_000_000_000, 2_199_000_000_000)
ONLINE = Status(Connection.ONLINE, ACCOUNT)
TRACE = "98765432-10ab-cdef-ghij_kong-db-5898"
ERROR = Problem(ProblemKind.REQUEST_REJECTED, "文件不存在", 5066, TRACE)
UNSURE_SINCE = TimelineEntry(TABLE_NOW - 60, TaskState.UNCONFIRMED)
FULL_DISK = Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device")


class _Bar(Stage):
    def __init__(self, place: Place = Place()) -> None:  # noqa: B008 - a frozen value
        self.bar = StatusBar(place)
        super().__init__([self.bar])

    def lines(self, status: Status = ONLINE, **facts: object) -> tuple[str, str]:
        """Show `status` and return both lines, the second one empty where there is none."""
        known = StatusFacts(status=status, counts=COUNTS, now=NOW)
        self.bar.facts = replace(known, **facts)
        drawn = [*self.bar.render().plain.splitlines(), ""]
        return drawn[0].strip(), drawn[1].strip()


async def test_with_nothing_to_say_there_is_one_line_with_counts_account_and_connection() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)) as pilot:
        first, second = app.lines()
        assert first.startswith("◊ queued 12  ▸ running 3  × failed 2")
        assert first.endswith("小明 online")
        assert second == ""
        await pilot.pause()
        assert app.bar.size.height == 1
        app.lines(replace(ONLINE, is_paused=True))
        await pilot.pause()
        assert app.bar.size.height == 2
        assert "sending paused" in shown(app)


async def test_counts_have_the_words_of_the_table_in_the_order_of_the_tabs() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        first, _ = app.lines(Status(), counts=dict.fromkeys(Shown, 1234))
        assert first.startswith(
            "◊ queued 1,234  » sending 1,234  ▸ running 1,234  × failed 1,234  ? unsure 1,234"
        )


async def test_a_drive_that_is_nearly_full_is_said() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        full = replace(ACCOUNT, space_used=2_100_000_000_000)
        assert "95% of 2.0 TB used" in app.lines(replace(ONLINE, account=full))[0]
        assert "used" not in app.lines()[0]


async def test_the_narrowest_bar_leaves_out_what_is_in_no_trouble() -> None:
    app = _Bar()
    async with app.run_test(size=(40, 12)):
        first, _ = app.lines(Status(), counts=dict.fromkeys(Shown, 1234))
        assert first.split("  ")[:2] == ["× 1,234", "? unsure 1,234"]
        assert first.endswith(" connecting")


async def test_the_newest_batch_and_what_ended_before_are_in_the_second_line() -> None:
    app = _Bar()
    async with app.run_test(size=(140, 12)):
        _, second = app.lines(batch="night: 212 of 300", since="Since 14:05: 41 done")
        assert second == "Since 14:05: 41 done  night: 212 of 300"


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
    app = _Bar(Place(is_demo=True, profile="work"))
    async with app.run_test(size=(columns, 12)):
        app.bar.marked = 5
        app.bar.is_watching = True
        app.bar.collected = 3
        first, second = app.lines(replace(ONLINE, last_error=ERROR))
        assert "DEMO" in first
        assert " work " in first
        assert "5 marked" in second
        assert "clipboard" in second


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
    app, lost = _Bar(), Problem(ProblemKind.RESPONSE_LOST)
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
        assert second == ""


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
    app = _Bar(Place(login_key=","))
    refusal = Problem(ProblemKind.TOKEN_REFUSED, variable="PAN123_ACCESS_TOKEN")
    async with app.run_test(size=(140, 12)):
        often = Problem(ProblemKind.RATE_LIMITED)
        first, _ = app.lines(Status(Connection.REFUSED, hold=refusal, last_error=often))
        text = "account refused: “pan123-tui stop”, then change PAN123_ACCESS_TOKEN"
        assert first.endswith(text)


async def test_a_variable_of_this_process_is_not_blamed_for_the_account_of_another() -> None:
    app = _Bar(Place(login_key=",", login_variable="PAN123_ACCESS_TOKEN"))
    attachment = Attachment(AttachmentState.ATTACHED, "dashboard", 7)
    async with app.run_test(size=(140, 12)):
        first, _ = app.lines(Status(Connection.NO_ACCOUNT), attachment=attachment)
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


async def test_what_ended_while_nobody_looked_is_said_until_the_user_does_something(
    tmp_path: Path,
) -> None:
    ended = {"finished_at": TABLE_NOW - 60}
    tasks = [
        task(1, TaskState.SUCCEEDED, **ended),
        task(2, TaskState.FAILED, **ended),
        task(3, TaskState.SUCCEEDED, finished_at=TABLE_NOW - 7200),
        task(4, TaskState.UNCONFIRMED, timeline=(UNSURE_SINCE,)),
    ]
    UiStateFile(tmp_path / "dashboard.json").write(UiState(seen_at=TABLE_NOW - 3600))
    async with story(tasks, state_dir=tmp_path) as told:
        await told.reads(": 1 done, 1 failed, 1 unsure · 3 shows them")
        await told.press("3")
        await told.sees(lambda: "Since" not in told.text)
        assert len(told.names) == 2
    async with story(tasks, state_dir=tmp_path) as told:
        assert "Since" not in told.text


async def test_the_first_start_and_a_quiet_time_say_nothing_of_what_ended(tmp_path: Path) -> None:
    tasks = [task(1, TaskState.SUCCEEDED, finished_at=TABLE_NOW - 7200)]
    for seen_at in (0.0, TABLE_NOW - 3600):
        UiStateFile(tmp_path / "dashboard.json").write(UiState(seen_at=seen_at))
        async with story(tasks, state_dir=tmp_path) as told:
            await told.pilot.pause()
            assert "Since" not in told.text


async def test_the_newest_batch_says_how_far_it_is_as_its_tasks_end() -> None:
    tasks = [task(n, created_at=TABLE_NOW - 60, batch="night") for n in (1, 2, 3)]
    async with story(tasks) as told:
        await told.reads("night: 0 of 3")
        told.engine.end(2, TaskState.SUCCEEDED)
        told.engine.end(1, TaskState.FAILED)
        await told.reads("night: 1 of 3, 1 failed")
        told.engine.end(3, TaskState.SUCCEEDED)
        await told.sees(lambda: "night:" not in told.text)


async def test_ascii_only_uses_no_glyph_beyond_ascii() -> None:
    app = _Bar()
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
    app = _Bar(Place(redirect_key="m"))
    async with app.run_test(size=(cells, 12)):
        assert words in app.lines(replace(ONLINE, missing_folders=folders))[1]


async def test_at_100_columns_a_held_queue_says_why_and_when_it_tries_again() -> None:
    app = _Bar()
    async with app.run_test(size=(100, 12)):
        hold = Problem(ProblemKind.CREATES_UNCLEAR)
        held = replace(ONLINE, hold=hold, hold_until=NOW + 540, hold_since=NOW - 120)
        _, second = app.lines(held, batch="night: 212 of 300, 3 failed")
        assert second.startswith("Again in 9 min: ")
