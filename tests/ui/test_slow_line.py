"""A slow line: what is done for it on the screen."""

import pytest
from msgspec.structs import replace
from textual.widgets import Input, TextArea

from pan123_tui.config.schema import Ui
from pan123_tui.config.settings import Settings
from pan123_tui.domain.task import TaskState
from pan123_tui.ui import base_app
from pan123_tui.ui.theme import UiOptions
from tests.ui.dashboard_stage import on_its_way, story, task
from tests.ui.textual_private import Toast, has_animations

SLOW = UiOptions(low_bandwidth=True)
AN_AGE_S = 3600.0
ROUND = set("╭╮╰╯")


async def test_on_a_slow_line_progress_is_painted_every_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert base_app.SLOW_LINE_INTERVAL_S == 2.0
    monkeypatch.setattr(base_app, "SLOW_LINE_INTERVAL_S", AN_AGE_S)
    moving = task(1, percent=10.0)
    async with story([moving, task(2)], options=SLOW) as told:
        told.engine.tell(replace(moving, percent=20.0))
        await told.pilot.pause(0.3)  # six paints of the usual kind
        assert "20%" not in told.text
        told.app.paint_updates()
        await told.reads("20%")


async def test_on_a_slow_line_a_toast_stands_where_it_will_stay() -> None:
    async with story([task(1)], options=SLOW) as told:
        told.app.notify("done", markup=False)
        await told.reads("done")
        (toast,) = told.app.screen.query(Toast)
        assert not toast.styles.has_rule("transitions")
        assert not has_animations(told.app)
        region = toast.region
        await told.pilot.pause(0.3)
        assert toast.region == region


@pytest.mark.parametrize("keys", [("a",), ("d",), ("e",), ("question_mark",), ("s",)])
async def test_on_a_slow_line_borders_are_plain_and_no_cursor_blinks(keys: tuple[str]) -> None:
    async with story([task(1, TaskState.FAILED)], options=SLOW) as told:
        await told.press(*keys)
        await told.sees(lambda: told.app.screen is not told.dashboard)
        assert not ROUND & set(told.text)
        fields = [*told.app.screen.query(Input), *told.app.screen.query(TextArea)]
        assert not any(field.cursor_blink for field in fields)


@pytest.mark.parametrize("keys", [(), ("j", "k"), ("apostrophe",), ("a",), ("f",), ("tab",)])
async def test_on_a_slow_line_nothing_is_animated(keys: tuple[str]) -> None:
    async with story([on_its_way(n) for n in range(1, 60)], options=SLOW) as told:
        await told.press(*keys)
        assert not has_animations(told.app)


async def test_sparing_the_line_begins_and_ends_at_once_in_the_settings() -> None:
    async with story([task(1)]) as told:
        app = told.app
        usual = app.animation_level
        for is_wanted in (True, False):
            settings = Settings(ui=Ui(low_bandwidth=is_wanted))
            app.apply_settings(settings, ["ui.low_bandwidth"])
            assert app.options.low_bandwidth is is_wanted
            assert app.has_class("-low-bandwidth") is is_wanted
            assert app.animation_level == ("none" if is_wanted else usual)
