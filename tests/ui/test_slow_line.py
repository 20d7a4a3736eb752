"""A slow line: it is noticed and said once, and what is done for it on the screen."""

from collections.abc import Iterable
from unittest.mock import patch

import pytest
from msgspec.structs import replace
from textual.widgets import Input, TextArea
from textual.widgets._toast import Toast

from pan123_tui.config_sections import Ui
from pan123_tui.domain.task import TaskState
from pan123_tui.settings import Settings
from pan123_tui.ui import engine_app
from pan123_tui.ui.look import Look
from pan123_tui.ui.slow_line import CHECK_S, Backlog
from tests.ui.dashboard_stage import Story, on_its_way, story, task

SEEM = "The line seems slow."
SLOW = Look(low_bandwidth=True)
AN_AGE_S = 3600.0
ROUND = set("╭╮╰╯")


def look_at(told: Story, backlogs: Iterable[Backlog]) -> None:
    """Let the application find these backlogs, one at each look."""
    for backlog in backlogs:
        with patch.object(told.app, "backlog", return_value=backlog):
            told.app.check_line()


def slow_for(looks: int) -> list[Backlog]:
    """What a line shows that takes a write a second and is given two."""
    return [Backlog(10 + n, n) for n in range(1, looks + 1)]


async def test_what_helps_is_said_once_on_a_line_that_stays_slow() -> None:
    async with story([task(1)]) as told:
        look_at(told, slow_for(2))
        await told.pilot.pause()
        assert told.toasts == []
        look_at(told, slow_for(9))
        await told.reads("seems slow")
        (said,) = told.toasts
        assert said.startswith(SEEM)
        assert "in the settings (,)" in said
        assert "--low-bandwidth" in said


async def test_the_key_that_is_told_is_the_users_own() -> None:
    async with story([task(1)], look=Look(keymap={"app.settings": "f9"})) as told:
        look_at(told, slow_for(3))
        await told.reads("seems slow")
        assert "(f9)" in told.toasts[0].lower()


async def test_nothing_is_said_where_the_line_is_spared_already() -> None:
    async with story([task(1)], look=SLOW) as told:
        look_at(told, slow_for(9))
        await told.pilot.pause()
        assert told.toasts == []


async def test_the_line_is_looked_at_so_seldom_that_it_costs_nothing() -> None:
    assert CHECK_S >= 5.0
    async with story([task(1)]) as told:
        assert told.app._checking_line._interval == CHECK_S


async def test_on_a_slow_line_progress_is_painted_every_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert engine_app.SLOW_LINE_INTERVAL_S == 2.0
    monkeypatch.setattr(engine_app, "SLOW_LINE_INTERVAL_S", AN_AGE_S)
    moving = task(1, percent=10.0)
    async with story([moving, task(2)], look=SLOW) as told:
        told.engine.tell(replace(moving, percent=20.0))
        await told.pilot.pause(0.3)  # six paints of the usual kind
        assert "20%" not in told.text
        told.app.paint_news()
        await told.reads("20%")


async def test_on_a_slow_line_a_toast_stands_where_it_will_stay() -> None:
    async with story([task(1)], look=SLOW) as told:
        told.app.notify("done", markup=False)
        await told.reads("done")
        (toast,) = told.app.screen.query(Toast)
        assert not toast.styles.has_rule("transitions")
        assert not told.app.animator._animations
        region = toast.region
        await told.pilot.pause(0.3)
        assert toast.region == region


@pytest.mark.parametrize("keys", [("a",), ("d",), ("e",), ("question_mark",), ("s",)])
async def test_on_a_slow_line_borders_are_plain_and_no_cursor_blinks(keys: tuple[str]) -> None:
    async with story([task(1, TaskState.FAILED)], look=SLOW) as told:
        await told.press(*keys)
        await told.sees(lambda: told.app.screen is not told.dashboard)
        assert not ROUND & set(told.text)
        fields = [*told.app.screen.query(Input), *told.app.screen.query(TextArea)]
        assert not any(field.cursor_blink for field in fields)


@pytest.mark.parametrize("keys", [(), ("j", "k"), ("apostrophe",), ("a",), ("f",), ("tab",)])
async def test_on_a_slow_line_nothing_is_animated(keys: tuple[str]) -> None:
    async with story([on_its_way(n) for n in range(1, 60)], look=SLOW) as told:
        await told.press(*keys)
        assert not told.app.animator._animations
        assert not told.app.animator._scheduled


async def test_sparing_the_line_begins_and_ends_at_once_in_the_settings() -> None:
    async with story([task(1)]) as told:
        app = told.app
        usual = app.animation_level
        for is_wanted in (True, False):
            settings = Settings(ui=Ui(low_bandwidth=is_wanted))
            app.apply_settings(settings, ["ui.low_bandwidth"])
            assert app.look.low_bandwidth is is_wanted
            assert app.has_class("-low-bandwidth") is is_wanted
            assert app.animation_level == ("none" if is_wanted else usual)
