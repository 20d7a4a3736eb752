"""The test of a link from this machine, and what the details say about a failure."""

import asyncio

from pan123_tui.domain.link_probe import ProbeResult, ProbeStatus
from pan123_tui.domain.task import TaskState
from tests.ui.dashboard_stage import Story, story, task

S = TaskState
P = ProbeStatus
GONE = "https://files.example.net/gone.iso"
FAILED = task(9, S.FAILED, url=GONE, fail_reason="源站返回 403 [/foo]")


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


def _details(told: Story) -> str:
    """Return the text of the details at the right, its lines joined."""
    pane = (line.partition("│")[2].strip(" │") for line in told.text.splitlines())
    return " ".join(" ".join(pane).split())


async def test_a_link_is_tested_on_request_and_the_details_keep_the_result() -> None:
    probe = FakeProbe(ProbeResult(P.REACHABLE, 206, 5 * 2**20))
    async with story([FAILED, task(2)], size=(140, 30), probe=probe) as told:
        await told.press("enter")
        assert (
            "t tests the link from this machine: files.example.net sees your address."
            in _details(told)
        )
        assert probe.requested == []
        await told.press("t")
        await told.sees(lambda: "Tested from this machine:" in _details(told))
        assert "5.0 MB" in _details(told)
        assert not told.toasts, "the details say it already"
        await told.press("j", "k")
        assert "5.0 MB" in _details(told)
        assert probe.requested == [GONE]
        probe.result = ProbeResult(P.NOT_FOUND, 404)
        await told.press("t")
        await told.sees(lambda: "no file at this link" in _details(told))


async def test_a_running_test_is_shown_above_the_fold_and_not_started_twice() -> None:
    probe = FakeProbe(ProbeResult(P.NOT_FOUND, 404))
    probe.may_answer.clear()
    async with story([FAILED], size=(60, 20), probe=probe) as told:
        await told.press("enter", "t")
        await told.reads("Testing the link…")
        await told.press("t", "enter", "G")
        assert "Testing the link…" not in told.text, "it is scrolled away"
        probe.may_answer.set()
        await told.reads("Tested from this machine:")
        assert probe.requested == [GONE]


async def test_without_a_probe_no_test_is_offered() -> None:
    async with story([FAILED], size=(140, 30)) as told:
        await told.press("enter")
        assert "sees your address" not in told.text
        await told.press("t")
        assert told.toasts == ["The demo cannot test links."]
