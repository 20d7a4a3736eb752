"""The keys for files that arrived, or perhaps did, and for the test of a link."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from pan123_tui import i18n
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, TaskState
from pan123_tui.ui import file_actions
from pan123_tui.ui.app import Invocation
from pan123_tui.ui.file_actions import has_browser
from tests.ui.dashboard_stage import NOW, Story, story, task
from tests.ui.textual_private import toast_times

S, V = TaskState, ArrivalStatus
FOUND = ArrivalCheck(V.FOUND, NOW, "film.mkv", 3 * 2**29)
ABSENT = ArrivalCheck(V.NOT_FOUND, NOW)
DONE: dict[str, Any] = {"file_id": 77, "arrival": FOUND}


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were copied."""
    texts: list[str] = []

    async def write(_access: object, text: str) -> bool:
        texts.append(text)
        return True

    monkeypatch.setattr("pan123_tui.ui.clipboard.ClipboardController.write", write)
    return texts


@pytest.mark.parametrize("state", [S.UNCONFIRMED, S.MISSING])
async def test_f5_looks_for_an_unsure_file_and_r_takes_the_users_word(state: TaskState) -> None:
    async with story([task(1, state)], size=(120, 30)) as told:
        told.engine.found = {1: task(1, state, **DONE)}
        await told.press("enter", "f5")
        await told.hears("film.mkv, 1.5 GB.")
        await told.reads("r to decide: 1.5 GB")
        await told.reads("r: it arrived, or send again; d: remove.")
        assert "r resolve" in told.footer
        await told.press("r")
        await told.reads("Has “film.mkv” arrived?")
        await told.press("down", "enter")
        await told.hears("1 task is marked as done.")
        await told.reads("√ done")


async def test_f5_looks_for_all_marked_files_and_claims_nothing_without_a_result() -> None:
    recent, old = task(2, S.SUCCEEDED, finished_at=NOW), task(3, S.SUCCEEDED)
    async with story([task(1, S.UNCONFIRMED), recent, old]) as told:
        for key, words in (
            ("j", "The file is not in its folder yet."),
            ("k", "The file is not in its folder."),
        ):
            await told.press(key, "f5")
            await told.sees(lambda said=words: told.toasts[-1:] == [said])  # type: ignore[misc]
            told.app.clear_notifications()
        told.engine.has_folders = False
        await told.press("f5")
        await told.hears("1 file could not be looked for: try again later.")
        told.engine.has_folders = True
        told.engine.found = {1: task(1, S.UNCONFIRMED, **DONE), 2: replace(recent, **DONE)}
        await told.press("ctrl+a", "f5")
        await told.hears("2 of 3 files found.")
        await told.sees(lambda: "Checking the folder…" not in told.toasts)
        await told.press("f5")  # that of a task that is done needs no second look
        await told.hears("1 of 2 files found: film.mkv.")


async def test_a_task_that_the_service_no_longer_knows_is_not_sent_again_without_a_word() -> None:
    gone = [task(n, S.MISSING) for n in (1, 2)]
    async with story([*gone, task(3, S.FAILED)], size=(120, 30)) as told:
        await told.press("R")
        await told.sees(lambda: "1 link queued again." in told.toasts)  # and no others left
        assert [told.engine.tasks[n].state for n in (1, 2, 3)] == [S.MISSING, S.MISSING, S.QUEUED]
        await told.press("G", "r")
        await told.reads("Has “part-01.iso” arrived?")
        await told.reads("123pan no longer knows this task, which may have ended.")
        for leave in ("escape", "enter"):
            await told.press(leave, "r")
        assert told.toasts == ["1 link queued again."]
        await told.press("down", "enter")
        await told.sees(lambda: told.engine.tasks[1].state is S.SUCCEEDED)
        await told.press("k", "r", "down", "down", "enter")
        await told.sees(lambda: told.engine.tasks[2].state is S.QUEUED)


async def test_a_doubt_about_a_done_file_is_no_failure_and_only_r_on_it_sends_it_again() -> None:
    page, small = ArrivalCheck(V.ERROR_PAGE, NOW, "a.html", 5), ArrivalCheck(V.TOO_SMALL, NOW, "a")
    tasks = [task(1, S.SUCCEEDED, arrival=page), task(2, S.SUCCEEDED, arrival=small)]
    async with story([*tasks, task(3, S.FAILED)], size=(120, 30)) as told:
        await told.reads("3:trouble 2  4:done 1")
        await told.reads("a web page, not a file")
        await told.press("R")
        await told.hears("1 link queued again.")
        await told.press("R")
        await told.hears("Nothing has failed.")
        await told.press("c")
        await told.sees(lambda: set(told.engine.tasks) == {1, 3})
        await told.press("u")
        await told.sees(lambda: 2 in told.engine.tasks)
        await told.press("ctrl+a", "r")
        await told.sees(lambda: told.engine.tasks[1].state is S.QUEUED)
        assert told.engine.tasks[2].state is S.SUCCEEDED


async def test_the_folder_is_checked_before_the_question_is_answered_and_failures_are_retried() -> (
    None
):
    async with story([task(1, S.UNCONFIRMED), task(2, S.FAILED)]) as told:
        told.engine.found = {1: task(1, S.UNCONFIRMED, **DONE)}
        await told.press("ctrl+a", "r")
        await told.reads("check the folder first")
        await told.press("end", "enter")
        await told.hears("1 link queued again.")
        await told.hears("film.mkv, 1.5 GB.")
        assert told.engine.tasks[1].is_unsure


async def test_of_several_those_found_arrive_those_not_found_are_sent_again_the_rest_stay() -> None:
    facts: dict[int, dict[str, Any]] = {1: DONE, 2: DONE, 3: {"arrival": ABSENT}, 4: {}}
    async with story([task(n, S.UNCONFIRMED, **it) for n, it in facts.items()]) as told:
        await told.press("ctrl+a", "r")
        await told.reads("found in the folder: 2")
        await told.reads("2 arrived, 1 sent again, 1 kept")
        await told.press("end", "enter")
        await told.hears(
            "2 tasks are marked as done. 1 link queued again. 1 other was left as it is."
        )
        states = [told.engine.tasks[n].state for n in facts]
        assert states == [S.SUCCEEDED, S.SUCCEEDED, S.QUEUED, S.UNCONFIRMED]


async def test_what_each_file_is_taken_for_fits_in_chinese_too() -> None:
    i18n.set_language("zh")
    kinds: Sequence[dict[str, Any]] = DONE, {"arrival": ABSENT}, {}
    tasks = [task(n, S.UNCONFIRMED, **kinds[n % 3]) for n in range(30)]
    async with story(tasks) as told:
        await told.press("ctrl+a", "r")
        await told.reads("按找到的结果处理  已存入 10，重新提交 10，保持原样 10")


async def test_the_web_site_is_opened_in_silence_or_its_address_is_copied(
    copied: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f"#!/bin/sh\necho noise | tee /dev/stderr\nenv >{opened}\n")
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("PAN123_CLIENT_SECRET", "hush")
    environ = {"TERM": "xterm-256color", "DISPLAY": ":0"}
    async with story([task(1, S.SUCCEEDED)], environ=environ) as told:
        await told.press("o")
        await told.sees(lambda: opened.exists() and "BROWSER" in opened.read_text())
    assert "noise" not in "".join(capfd.readouterr()), "on the screen"
    assert "hush" not in opened.read_text()
    monkeypatch.setenv("PATH", "")  # no other browser
    for changes in ({"SSH_CONNECTION": "1 2 3 4"}, {"BROWSER": "/bin/false"}):
        copied.clear()
        monkeypatch.setenv("BROWSER", changes.get("BROWSER", str(browser)))
        async with story([task(1, S.SUCCEEDED)], environ=environ | changes) as told:
            await told.press("o")
            await told.hears(
                "No browser can be opened on this machine: open https://www.123pan.com/"
            )
            await told.sees(lambda: copied == ["https://www.123pan.com/"])


@pytest.mark.parametrize(
    ("environ", "platform", "can"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "linux", False),
        ({"SSH_CONNECTION": "1 2 3 4"}, "darwin", False),
    ],
)
def test_a_browser_is_there_only_where_its_user_sees_it(
    environ: dict[str, str], platform: str, can: bool
) -> None:
    assert has_browser(environ, platform) is can


async def test_one_message_says_what_was_copied_and_what_is_missing(copied: list[str]) -> None:
    async with story([task(1, S.SUCCEEDED, file_id=1), task(2, S.FAILED)]) as told:
        await told.press("ctrl+a", "L")
        await told.hears("1 download link: sent to the terminal's clipboard. The file of 1 other")
        assert copied == ["https://cdn.example.com/1"]
        told.app.clear_notifications()
        await told.press("L")  # to select it by hand
        await told.hears("The file of 1 other task is not known.")
        assert toast_times(told.app) == [10.0]


async def test_links_are_fetched_once_but_again_where_one_did_not_come(
    copied: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_actions, "LINKS_AT_ONCE", 2)
    async with story([task(n, S.SUCCEEDED, file_id=n) for n in range(1, 6)]) as told:
        with patch.object(told.engine.drive, "download_url", side_effect=RequestNotSent("refused")):
            await told.press("ctrl+a", "L")
            await told.sees(lambda: "Fetching" not in "".join(told.toasts[-1:] or ["Fetching"]))
        assert not copied
        assert told.toasts[-1].startswith("part-05.iso, part-04.iso, part-03.iso")
        await told.press("L")
        await told.sees(lambda: copied)
        assert set(copied[0].split("\n")) == {f"https://cdn.example.com/{n}" for n in range(1, 6)}
        await told.press("L")  # to select them by hand
        await told.reads("Select with")
        assert len(told.engine.drive.links_asked) == 5
        await told.press("escape", "escape", "L")
        await told.sees(lambda: copied[1:] == ["https://cdn.example.com/5"])


# The test of a link from this machine

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
    probe = FakeProbe(ProbeResult(ProbeStatus.REACHABLE, 206, 5 * 2**20))
    async with story([FAILED, task(2)], size=(140, 30), probe=probe) as told:
        await told.press("enter")
        assert "t tests the link: files.example.net sees the address of this machine." in _details(
            told
        )
        assert probe.requested == []
        await told.press("t")
        await told.sees(lambda: "Tested: The file can be fetched" in _details(told))
        assert "5.0 MB" in _details(told)
        assert not told.toasts, "the details say it already"
        await told.press("j", "k")
        assert "5.0 MB" in _details(told)
        assert probe.requested == [GONE]
        probe.result = ProbeResult(ProbeStatus.NOT_FOUND, 404)
        await told.press("t")
        await told.sees(lambda: "no file at this link" in _details(told))


async def test_a_running_test_is_shown_above_the_fold_and_not_started_twice() -> None:
    probe = FakeProbe(ProbeResult(ProbeStatus.NOT_FOUND, 404))
    probe.may_answer.clear()
    async with story([FAILED], size=(60, 20), probe=probe) as told:
        await told.press("enter", "t")
        await told.reads("Testing the link…")
        await told.press("t", "enter", "G")
        assert "Testing the link…" not in told.text, "it is scrolled away"
        probe.may_answer.set()
        await told.reads("Tested:")
        assert probe.requested == [GONE]


async def test_the_engines_machine_is_named_as_the_one_that_tests() -> None:
    there = Invocation(host="server")
    async with story([FAILED], size=(140, 30), invocation=there) as told:
        await told.press("enter")
        assert "files.example.net sees the address of server." in _details(told)


async def test_the_demo_offers_no_test() -> None:
    demo = Invocation(is_demo=True)
    async with story([FAILED], size=(140, 30), invocation=demo) as told:
        await told.press("enter")
        assert "tests the link" not in told.text
        await told.press("t")
        assert told.toasts == ["The demo cannot test links."]
