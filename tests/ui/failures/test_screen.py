"""Screen of the failed tasks: reasons, link tests, editing and retrying."""

import asyncio
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.link_probe import ProbeResult, ProbeStatus
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, DownloadRequest, Task, TaskState
from pan123_tui.ui.dialogs.edit_link import EditScreen
from pan123_tui.ui.dialogs.help import HelpScreen
from pan123_tui.ui.failures.screen import FailuresScreen
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import NOW, Story, story, task

S = TaskState
P = ProbeStatus
GONE = "https://files.example.net/gone.iso"


class FakeProbe:
    """Returns one fixed result and records the links it is called with."""

    def __init__(self, result: ProbeResult) -> None:
        self.result = result
        self.requested: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, url: str) -> ProbeResult:
        self.requested.append(url)
        await self.may_answer.wait()
        return self.result


def failures() -> list[Task]:
    return [
        task(1, S.FAILED, fail_reason="源站返回 403 [/foo]", file_id=None),
        task(2, S.REJECTED, problem=Problem(ProblemKind.LINK_NOT_PARSED, "解析失败", 2, "tr-1")),
        task(3, S.MISSING),
        task(4, S.FAILED, url=GONE, name="[b] gone.iso"),
        task(5, S.RUNNING),
        task(6, S.SUCCEEDED),
    ]


async def _open(ui: Story) -> FailuresScreen:
    await ui.press("F")
    await ui.sees(lambda: isinstance(ui.app.screen, FailuresScreen))
    screen = ui.app.screen
    assert isinstance(screen, FailuresScreen)
    await ui.reads("reason")
    return screen


def _lines(ui: Story) -> list[str]:
    return [line.partition("│")[0].rstrip() for line in ui.text.splitlines()]


def _details(ui: Story) -> str:
    """Return the text of the details at the right, its lines joined."""
    pane = (line.partition("│")[2].strip(" │") for line in ui.text.splitlines())
    return " ".join(" ".join(pane).split())


def _states(ui: Story, ids: Iterable[int]) -> list[TaskState]:
    return [ui.engine.tasks[number].state for number in ids]


async def test_failed_tasks_are_listed_below_their_host_the_worst_host_first() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        text = "\n".join(_lines(ui))
        assert text.startswith(" Failures: 4 links from 2 hosts\n")
        places = [
            text.index(words)
            for words in ("example.com", "part-01.iso", "part-02", "part-03", "files.example.net")
        ]
        assert places == sorted(places)
        assert "example.com  3 failed" in text
        assert "[b] gone.iso" in text
        assert "part-05" not in text
        assert "part-06" not in text


async def test_a_reason_that_is_known_comes_with_what_to_do() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        assert "源站返回 403" in "\n".join(_lines(ui))
        assert "The service's reason: “源站返回 403 [/foo]”" in _details(ui)
        assert "The host blocks the service" in _details(ui)
        await ui.press("j")
        assert "The service could not read the link." in _details(ui)
        assert "tr-1" in _details(ui)


@pytest.mark.parametrize(
    ("result", "row", "words"),
    [
        (ProbeResult(P.NOT_FOUND, 404), "not found", "no longer there"),
        (ProbeResult(P.FORBIDDEN, 403), "forbidden", "The host forbids it"),
        (ProbeResult(P.EXPIRED, 403), "expired", "signature in the link has expired"),
        (ProbeResult(P.LOGIN_PAGE, 200, None, "text/html"), "login page", "probably a login page"),
        (ProbeResult(P.NO_SUCH_HOST), "no such host", "the name does not resolve"),
        (ProbeResult(P.REACHABLE, 206, 5 * 2**20), "reachable", "5.0 MB"),
    ],
)
async def test_a_link_is_tested_on_request_and_the_result_is_shown(
    result: ProbeResult, row: str, words: str
) -> None:
    probe = FakeProbe(result)
    async with story(failures(), size=(200, 30), probe=probe) as ui:
        await _open(ui)
        await ui.press("G")
        warning = "User-Agent of the service's downloader: files.example.net"
        assert warning in _details(ui)
        assert "sees your address" in _details(ui)
        assert probe.requested == []
        await ui.press("t")
        await ui.reads("Tested from here:")
        assert probe.requested == [GONE]
        (line,) = [line for line in _lines(ui) if "gone.iso" in line]
        assert line.endswith(row)
        assert words in _details(ui)


async def test_a_running_test_is_shown_and_not_started_twice() -> None:
    probe = FakeProbe(ProbeResult(P.NOT_FOUND, 404))
    probe.may_answer.clear()
    async with story(failures(), size=(140, 30), probe=probe) as ui:
        await _open(ui)
        await ui.press("t")
        await ui.reads("Testing the link…")
        assert any("testing… · 源站返回 403" in line for line in _lines(ui))
        await ui.press("t", "j")
        probe.may_answer.set()
        await ui.reads("not found")
        assert len(probe.requested) == 1


async def test_a_test_is_remembered_when_the_screen_is_opened_again() -> None:
    probe = FakeProbe(ProbeResult(P.FORBIDDEN, 403))
    async with story(failures(), size=(140, 30), probe=probe) as ui:
        await _open(ui)
        await ui.press("t")
        await ui.reads("Tested from here:")
        await ui.press("escape")
        await ui.sees(lambda: ui.app.screen is ui.dashboard)
        await _open(ui)
        await ui.reads("Tested from here:")
        assert len(probe.requested) == 1


async def test_leaving_during_a_test_cancels_it_so_that_it_can_be_started_again() -> None:
    probe = FakeProbe(ProbeResult(P.FORBIDDEN, 403))
    probe.may_answer.clear()
    async with story(failures(), size=(140, 30), probe=probe) as ui:
        await _open(ui)
        await ui.press("t")
        await ui.reads("Testing the link")
        await ui.press("escape")
        await ui.sees(lambda: not ui.app.link_prober.results.running)
        await _open(ui)
        assert "being tested" not in ui.text


async def test_without_a_probe_no_test_is_offered() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        await ui.press("t")
        assert "sees your address" not in ui.text


async def test_r_retries_the_task_under_the_cursor_and_the_cursor_goes_on() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        await ui.press("r")
        await ui.sees(lambda: ui.engine.tasks[1].state is S.QUEUED)
        await ui.reads("Failures: 3 links from 2 hosts")
        assert _states(ui, (2, 3, 4)) == [S.REJECTED, S.MISSING, S.FAILED]
        await ui.reads("The service could not read the link.")


@pytest.mark.parametrize("keys", [("R",), ("g", "r"), ("g", "R")])
async def test_a_whole_host_is_retried_from_a_task_or_from_the_host(
    keys: tuple[str, ...],
) -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        await ui.press(*keys)
        await ui.reads("Failures: 1 link from 1 host")
        assert _states(ui, (1, 2, 3, 4)) == [S.QUEUED, S.QUEUED, S.QUEUED, S.FAILED]
        await ui.press("G", "R")
        await ui.reads("Nothing has failed.")


async def test_a_host_shows_the_states_of_its_tasks_and_offers_no_test() -> None:
    probe = FakeProbe(ProbeResult(P.FORBIDDEN, 403))
    async with story(failures(), size=(140, 30), probe=probe) as ui:
        await _open(ui)
        await ui.press("g")
        await ui.reads("1 rejected, 1 failed, 1 missing")
        assert "R queues all 3 links of this host again." in _details(ui)
        await ui.press("t", "e")
        assert isinstance(ui.app.screen, FailuresScreen)
        assert probe.requested == []


async def test_a_link_is_edited_and_retried_and_keeps_its_name_and_history() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        await ui.press("G", "e")
        await ui.sees(lambda: isinstance(ui.app.screen, EditScreen))
        await ui.press("end", "ctrl+u", *"https://a.example/fresh", "ctrl+s")
        await ui.sees(lambda: ui.engine.tasks[4].state is S.QUEUED)
        assert ui.engine.tasks[4].request == DownloadRequest(
            "https://a.example/fresh", "[b] gone.iso"
        )
        assert [step.state for step in ui.engine.tasks[4].timeline] == [S.QUEUED]
        await ui.reads("Failures: 3 links from 1 host")


async def test_a_success_that_turns_out_doubtful_is_listed_edited_and_retried() -> None:
    tasks = [task(n, S.SUCCEEDED, finished_at=NOW) for n in (1, 2, 3)]
    async with story(tasks, size=(140, 30)) as ui:
        assert "F failures" not in ui.footer
        for number, status in ((1, ArrivalStatus.ERROR_PAGE), (2, ArrivalStatus.TOO_SMALL)):
            arrival = ArrivalCheck(status, NOW, "part.html", 900)
            ui.engine.tell(replace(tasks[number - 1], arrival=arrival))
        await ui.reads("3:failed 2")
        await ui.reads("5:succeeded 1")
        await ui.reads("! 2 doubtful  √ 1 succeeded")
        await _open(ui)
        await ui.reads("! web page")
        assert "a web page arrived in its place" in _details(ui)
        await ui.press("k")
        await ui.sees(lambda: "1 too small, 1 web page" in _details(ui))
        await ui.press("j", "e")
        await ui.reads("Edit, then queue again")
        await ui.press("tab", *"b.iso", "ctrl+s")
        await ui.sees(lambda: ui.engine.tasks[1].state is S.QUEUED)
        assert ui.engine.tasks[1].name == "b.iso"
        await ui.press("q", "c", "y")
        await ui.sees(lambda: 3 not in ui.engine.tasks)
        assert 2 in ui.engine.tasks, "what is doubtful was cleared with what succeeded"
        await ui.press("R")
        await ui.sees(lambda: ui.engine.tasks[2].state is S.QUEUED)


async def test_a_task_that_fails_while_the_screen_is_open_is_added() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        await _open(ui)
        ui.engine.end(5, S.FAILED)
        await ui.reads("example.com  4 failed")
        assert "part-05.iso" in ui.text


async def test_a_link_to_a_private_network_is_reported_without_a_test() -> None:
    async with story([task(1, S.FAILED, url="http://nas.local/a.iso")], size=(140, 30)) as ui:
        await _open(ui)
        assert "for a private network only" in _details(ui)


async def test_where_nothing_failed_the_key_is_not_offered() -> None:
    async with story([task(5, S.RUNNING)], size=(200, 30)) as ui:
        await ui.press("F")
        assert ui.app.screen is ui.dashboard


async def test_the_help_names_the_keys_of_the_screen() -> None:
    async with story(failures(), size=(140, 40)) as ui:
        await _open(ui)
        await ui.press("question_mark")
        await ui.sees(lambda: isinstance(ui.app.screen, HelpScreen))
        await ui.reads("Ask the link's host from here")
        assert "Queue all of this host again" in ui.text


async def test_a_long_list_begins_with_its_host() -> None:
    async with story([task(n, S.FAILED) for n in range(1, 30)], size=(80, 24)) as ui:
        await _open(ui)
        await ui.reads("example.com  29 failed")


@pytest.mark.parametrize("size", [(40, 12), (50, 18), (80, 24), (140, 40)])
async def test_every_size_has_the_list_the_reason_and_the_warning(size: tuple[int, int]) -> None:
    probe = FakeProbe(ProbeResult(P.FORBIDDEN, 403))
    async with story(failures(), size=size, probe=probe) as ui:
        await _open(ui)
        await ui.press("G")
        assert "gone" in ui.text
        assert ui.footer.startswith(" t test  e edit  r retry")
        if size[1] >= 18:
            assert "your address" in " ".join(ui.text.split())


async def test_ascii_only_draws_nothing_beyond_ascii() -> None:
    tasks = [task(1, S.FAILED), task(2, S.REJECTED, name="x" * 200)]
    probe = FakeProbe(ProbeResult(P.FORBIDDEN, 403))
    async with story(tasks, size=(80, 24), probe=probe, options=UiOptions(ascii=True)) as ui:
        await _open(ui)
        assert ui.text.isascii()


async def test_a_click_moves_to_what_is_clicked() -> None:
    async with story(failures(), size=(140, 30)) as ui:
        screen = await _open(ui)
        line = next(n for n, text in enumerate(_lines(ui)) if "part-03" in text)
        await ui.pilot.click(offset=(10, line))
        await ui.sees(
            lambda: screen.table.cursor_task is not None and screen.table.cursor_task.id == 3
        )
