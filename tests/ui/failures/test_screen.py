"""What failed, by host: read why, test a link from here, edit, and try again."""

import asyncio
from collections.abc import Iterable

import pytest

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.link_probe import ProbeResult, ProbeStatus
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.ui.dialogs.edit_task import EditScreen
from pan123_tui.ui.dialogs.help import HelpScreen
from pan123_tui.ui.failures.screen import FailuresScreen
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
V = ProbeStatus
GONE = "https://files.example.net/gone.iso"


class PaperProbe:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self, check: ProbeResult) -> None:
        self.check = check
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, url: str) -> ProbeResult:
        self.asked.append(url)
        await self.may_answer.wait()
        return self.check


def failures() -> list[Task]:
    return [
        task(1, S.FAILED, fail_reason="源站返回 403 [/foo]", file_id=None),
        task(2, S.REJECTED, problem=Problem(ProblemKind.LINK_NOT_PARSED, "解析失败", 2, "tr-1")),
        task(3, S.MISSING),
        task(4, S.FAILED, url=GONE, name="[b] gone.iso"),
        task(5, S.RUNNING),
        task(6, S.SUCCEEDED),
    ]


async def _open(told: Story) -> FailuresScreen:
    await told.press("F")
    await told.sees(lambda: isinstance(told.app.screen, FailuresScreen))
    screen = told.app.screen
    assert isinstance(screen, FailuresScreen)
    await told.reads("reason")
    return screen


def _lines(told: Story) -> list[str]:
    return [line.partition("│")[0].rstrip() for line in told.text.splitlines()]


def _about(told: Story) -> str:
    """Give what the pane at the right says, its lines joined."""
    pane = (line.partition("│")[2].strip(" │") for line in told.text.splitlines())
    return " ".join(" ".join(pane).split())


def _states(told: Story, ids: Iterable[int]) -> list[TaskState]:
    return [told.engine.tasks[number].state for number in ids]


async def test_what_failed_stands_below_its_host_the_worst_host_first() -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        text = "\n".join(_lines(told))
        assert text.startswith(" Failures: 4 links of 2 hosts\n")
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
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        assert "源站返回 403" in "\n".join(_lines(told))
        assert "The service's reason: “源站返回 403 [/foo]”" in _about(told)
        assert "The host keeps the service out" in _about(told)
        await told.press("j")
        assert "The service could not read the link." in _about(told)
        assert "tr-1" in _about(told)


@pytest.mark.parametrize(
    ("check", "row", "words"),
    [
        (ProbeResult(V.NOT_FOUND, 404), "not found", "no longer there"),
        (ProbeResult(V.FORBIDDEN, 403), "forbidden", "The host forbids it"),
        (ProbeResult(V.EXPIRED, 403), "expired", "signature in the link has expired"),
        (ProbeResult(V.LOGIN_PAGE, 200, None, "text/html"), "login page", "most likely a login"),
        (ProbeResult(V.NO_SUCH_HOST), "no such host", "the name does not resolve"),
        (ProbeResult(V.REACHABLE, 206, 5 * 2**20), "reachable", "5.0 MiB"),
    ],
)
async def test_a_link_is_tested_when_it_is_asked_for_and_the_verdict_is_said(
    check: ProbeResult, row: str, words: str
) -> None:
    probe = PaperProbe(check)
    async with story(failures(), size=(200, 30), probe=probe) as told:
        await _open(told)
        await told.press("G")
        warning = "t tests the link from here: files.example.net"
        assert warning in _about(told)
        assert "sees your address" in _about(told)
        assert probe.asked == []
        await told.press("t")
        await told.reads("Tested from here:")
        assert probe.asked == [GONE]
        (line,) = [line for line in _lines(told) if "gone.iso" in line]
        assert line.endswith(row)
        assert words in _about(told)


async def test_a_test_that_takes_long_is_told_and_asked_for_once() -> None:
    probe = PaperProbe(ProbeResult(V.NOT_FOUND, 404))
    probe.may_answer.clear()
    async with story(failures(), size=(140, 30), probe=probe) as told:
        await _open(told)
        await told.press("t")
        await told.reads("The link is being tested …")
        assert any(line.rstrip().endswith("testing …") for line in _lines(told))
        await told.press("t", "j")
        probe.may_answer.set()
        await told.reads("not found")
        assert len(probe.asked) == 1


async def test_a_test_is_remembered_when_the_screen_is_opened_again() -> None:
    probe = PaperProbe(ProbeResult(V.FORBIDDEN, 403))
    async with story(failures(), size=(140, 30), probe=probe) as told:
        await _open(told)
        await told.press("t")
        await told.reads("Tested from here:")
        await told.press("escape")
        await told.sees(lambda: told.app.screen is told.dashboard)
        await _open(told)
        await told.reads("Tested from here:")
        assert len(probe.asked) == 1


async def test_leaving_during_a_test_ends_it_so_that_it_can_be_asked_for_again() -> None:
    probe = PaperProbe(ProbeResult(V.FORBIDDEN, 403))
    probe.may_answer.clear()
    async with story(failures(), size=(140, 30), probe=probe) as told:
        await _open(told)
        await told.press("t")
        await told.reads("being tested")
        await told.press("escape")
        await told.sees(lambda: not told.app.link_tests.running)
        await _open(told)
        assert "being tested" not in told.text


async def test_without_a_probe_no_test_is_offered() -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        await told.press("t")
        assert "sees your address" not in told.text


async def test_r_retries_the_task_under_the_cursor_and_the_cursor_goes_on() -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        await told.press("r")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        await told.reads("Failures: 3 links of 2 hosts")
        assert _states(told, (2, 3, 4)) == [S.REJECTED, S.MISSING, S.FAILED]
        await told.reads("The service could not read the link.")


@pytest.mark.parametrize("keys", [("R",), ("g", "r"), ("g", "R")])
async def test_a_whole_host_is_retried_from_a_task_or_from_its_own_line(
    keys: tuple[str, ...],
) -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        await told.press(*keys)
        await told.reads("Failures: 1 link of 1 host")
        assert _states(told, (1, 2, 3, 4)) == [S.QUEUED, S.QUEUED, S.QUEUED, S.FAILED]
        await told.press("G", "R")
        await told.reads("Nothing has failed.")


async def test_the_line_of_a_host_tells_its_states_and_offers_no_test() -> None:
    probe = PaperProbe(ProbeResult(V.FORBIDDEN, 403))
    async with story(failures(), size=(140, 30), probe=probe) as told:
        await _open(told)
        await told.press("g")
        await told.reads("1 rejected, 1 failed, 1 missing")
        assert "R queues all 3 links of this host again." in _about(told)
        await told.press("t", "e")
        assert isinstance(told.app.screen, FailuresScreen)
        assert probe.asked == []


async def test_a_link_is_edited_and_retried_and_keeps_its_name_and_history() -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        await told.press("G", "e")
        await told.sees(lambda: isinstance(told.app.screen, EditScreen))
        await told.press("end", "ctrl+u", *"https://a.example/fresh", "ctrl+s")
        await told.sees(lambda: told.engine.tasks[4].state is S.QUEUED)
        assert told.engine.tasks[4].request == DownloadRequest(
            "https://a.example/fresh", "[b] gone.iso"
        )
        assert [step.state for step in told.engine.tasks[4].timeline] == [S.QUEUED]
        await told.reads("Failures: 3 links of 1 host")


async def test_what_fails_meanwhile_comes_into_the_list() -> None:
    async with story(failures(), size=(140, 30)) as told:
        await _open(told)
        told.engine.end(5, S.FAILED)
        await told.reads("example.com  4 failed")
        assert "part-05.iso" in told.text


async def test_a_link_for_a_private_network_is_told_without_a_test() -> None:
    async with story([task(1, S.FAILED, url="http://nas.local/a.iso")], size=(140, 30)) as told:
        await _open(told)
        assert "for a private network only" in _about(told)


async def test_where_nothing_failed_the_key_is_not_offered() -> None:
    async with story([task(5, S.RUNNING)], size=(200, 30)) as told:
        await told.press("F")
        assert told.app.screen is told.dashboard


async def test_the_help_names_the_keys_of_the_screen() -> None:
    async with story(failures(), size=(140, 40)) as told:
        await _open(told)
        await told.press("question_mark")
        await told.sees(lambda: isinstance(told.app.screen, HelpScreen))
        await told.reads("Ask the link's host from here")
        assert "Queue all of this host again" in told.text


@pytest.mark.parametrize("size", [(40, 12), (50, 18), (80, 24), (140, 40)])
async def test_every_size_has_the_list_the_reason_and_the_warning(size: tuple[int, int]) -> None:
    probe = PaperProbe(ProbeResult(V.FORBIDDEN, 403))
    async with story(failures(), size=size, probe=probe) as told:
        await _open(told)
        await told.press("G")
        assert "gone" in told.text
        assert told.footer.startswith(" t test  e edit  r retry")
        if size[1] >= 18:
            assert "your address" in " ".join(told.text.split())


async def test_ascii_only_draws_nothing_beyond_ascii() -> None:
    tasks = [task(1, S.FAILED), task(2, S.REJECTED, name="x" * 200)]
    probe = PaperProbe(ProbeResult(V.FORBIDDEN, 403))
    async with story(tasks, size=(80, 24), probe=probe, look=UiOptions(ascii=True)) as told:
        await _open(told)
        assert told.text.isascii()


async def test_a_click_moves_to_what_is_clicked() -> None:
    async with story(failures(), size=(140, 30)) as told:
        screen = await _open(told)
        line = next(n for n, text in enumerate(_lines(told)) if "part-03" in text)
        await told.pilot.click(offset=(10, line))
        await told.sees(
            lambda: screen.table.cursor_task is not None and screen.table.cursor_task.id == 3
        )
