"""Notifications of ended tasks: toasts, the window's title and the terminal's own."""

from typing import Any

import pytest
from msgspec.structs import replace
from textual import events

from pan123_tui.config.schema import Notify
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import Shown, TaskState, transition
from pan123_tui.terminal.escape_codes import POP_TITLE, PUSH_TITLE, Capabilities, Terminal
from pan123_tui.ui.notifications import window_title
from tests.ui.dashboard_stage import NOW, Story, story, task

S = TaskState
BUSY = {Shown.RUNNING: 3, Shown.QUEUED: 12, Shown.FAILED: 1, Shown.DONE: 9}
ABLE = Capabilities(has_notifications=True, has_title=True)


def _record_terminal(told: Story) -> list[str]:
    """Make the terminal support everything; return the list of what is sent to it."""
    sent: list[str] = []
    terminal = Terminal(sent.append, ABLE)
    told.app.terminal = told.app.notifier._terminal = terminal
    terminal.open()
    return sent


async def test_a_link_that_is_unconfirmed_is_notified_because_it_needs_a_decision() -> None:
    moving = task(3, percent=50.0), task(4, percent=74.0)
    async with story([task(1, S.SUBMITTING), task(2, S.QUEUED), *moving]) as told:
        sent = _record_terminal(told)
        told.app.post_message(events.AppBlur())
        await told.pilot.pause()
        told.engine.tell(transition(told.engine.tasks[1], S.UNCONFIRMED, at=NOW))
        await told.sees(lambda: told.toasts)
        assert told.toasts == [
            (
                "? unsure: part-01.iso\nThe details say what to do: the link is not sent again"
                " automatically."
            )
        ]
        assert [toast.severity for toast in told.app._notifications] == ["warning"]
        assert "\x1b]9;pan123-tui: 1 unsure\a" in sent
        assert "\a" in sent
        title = "\x1b]0;62% · 2 running · 1 queued · 1 unsure\a"
        await told.sees(lambda: any(text.startswith(title) for text in sent))
        assert sent[0] == PUSH_TITLE
    assert sent[-1].endswith("\x1b]0;Terminal\a" + POP_TITLE)


async def test_the_user_chooses_how_the_terminal_tells_and_a_toast_always_does() -> None:
    choices: tuple[tuple[Any, bool, bool], ...] = (
        ("off", False, False),
        ("bell", True, False),
        ("desktop", True, True),
    )
    async with story([task(n) for n in range(len(choices))]) as told:
        told.app.post_message(events.AppBlur())
        for number, (tell, is_rung, is_shown) in enumerate(choices):
            sent = _record_terminal(told)
            settings = told.app.live_settings
            settings.current = replace(settings.current, notify=Notify(tell=tell))
            told.engine.end(number, S.FAILED)
            await told.sees(lambda n=number: told.app.model.tasks[n].has_failed)  # type: ignore[misc]
            told.app.notifier.flush()
            await told.hears(f"part-{number:02}.iso")
            assert ("\a" in sent) == is_rung
            assert any("]9;pan123-tui: 1 failed" in text for text in sent) == is_shown
            told.app.clear_notifications()


async def test_a_task_that_ends_is_named_in_a_toast_and_a_focused_window_rings_no_bell() -> None:
    async with story([task(1)]) as told:
        sent = _record_terminal(told)
        told.app.post_message(events.AppFocus())
        await told.pilot.pause()
        told.engine.end(1, S.SUCCEEDED)
        await told.sees(lambda: told.toasts)
        assert "\a" not in sent
        assert told.toasts == ["· done, finding the file: part-01.iso"]


@pytest.mark.parametrize(
    ("counts", "percent", "profile", "title"),
    [
        (BUSY, 62.9, "", "62% · 3 running · 12 queued · 1 failed"),
        (BUSY, 62.9, "work", "work · 62% · 3 running · 12 queued · 1 failed"),
        ({}, None, "", "pan123-tui"),
        ({}, None, "work", "work · pan123-tui"),
    ],
)
def test_the_title_says_counts_only(
    counts: dict[Shown, int], percent: float | None, profile: str, title: str
) -> None:
    assert window_title(counts, percent, profile) == title


async def test_the_end_of_a_batch_is_notified_with_its_name_as_it_is() -> None:
    states = S.SUCCEEDED, S.FAILED, S.RUNNING, S.RUNNING
    batch = [task(n, it, batch="影视 [b]1", created_at=NOW) for n, it in enumerate(states, 1)]
    async with story([*batch, task(5)]) as told:
        for number, state in ((3, S.SUCCEEDED), (5, S.FAILED), (4, S.FAILED)):
            told.engine.end(number, state)
        await told.sees(lambda: told.app.model.tasks[4].has_failed)
        told.app.notifier.flush()
        said = {"Batch 影视 [b]1: 2 done, 2 failed", "× failed: part-05.iso"}
        await told.sees(lambda: {*"\n".join(told.toasts).splitlines()} == said)


async def test_a_notice_is_shown_until_it_is_over_and_again_if_it_comes_again() -> None:
    async with story() as told:
        for port in (6800, 6801, 6801):
            taken = Problem(ProblemKind.ARIA2_UNUSABLE, f"127.0.0.1:{port}: in use")
            told.engine.events.update(notice=taken)
            await told.hears(f"127.0.0.1:{port}")
            told.engine.events.update(notice=None)
            await told.sees(lambda: not told.toasts)
