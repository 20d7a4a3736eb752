"""The search line."""

import pytest
from textual.pilot import Pilot

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.filter import STATE_WORDS
from pan123_tui.ui.dashboard.filter_bar import FilterBar
from tests.ui.dashboard_stage import task
from tests.ui.stage import Stage, shown


class _Bar(Stage):
    def __init__(self) -> None:
        model = TaskModel()
        for number, batch in enumerate(("two words", "night")):
            model.tasks.put(task(number, batch=batch))
        self.posted: list[str] = []
        self.bar = FilterBar(model, self.searched, lambda: self.posted.append("closed"))
        super().__init__([self.bar])

    def searched(self, line: str) -> None:
        if self.posted[-1:] != [line]:
            self.posted.append(line)


async def _open(pilot: Pilot[None], app: _Bar, line: str = "") -> None:
    app.bar.open(line)
    await pilot.pause()


async def test_the_line_is_opened_posts_what_is_typed_and_is_closed_by_enter_or_escape() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        assert not app.bar.is_open
        assert shown(app).strip() == ""
        await _open(pilot, app)
        assert shown(app).splitlines()[0] == " / words, or state:failed host:example.com age<2d"
        await _open(pilot, app)
        await pilot.press(*"is1", "enter")
        assert app.posted == ["i", "is", "is1", "closed"]
        assert not app.bar.is_open
        app.posted.clear()
        await _open(pilot, app, "iso")
        await pilot.press("x", "escape")
        assert app.posted == ["iso", "x", "", "closed"]
        assert not app.bar.is_open
        app.posted.clear()
        await _open(pilot, app, 'batch="a b"')
        await pilot.press("enter")
        await _open(pilot, app, 'batch="a b"')
        await pilot.press("end", "x", "enter")
        former = 'batch="a b"'
        assert app.posted == [former, "closed", f"{former} x", "closed"]


async def test_a_part_of_a_state_is_searched_for_and_what_it_is_taken_for_is_said() -> None:
    app = _Bar()
    async with app.run_test(size=(70, 6)) as pilot:
        await _open(pilot, app, "state:排队")
        assert "“排队” is taken for queued." in shown(app)
        await pilot.press("enter")
        assert app.posted[-2:] == ["state:排队", "closed"]


async def test_a_fault_has_its_reason_below_it_and_the_rest_is_searched_for() -> None:
    app = _Bar()
    async with app.run_test(size=(70, 6)) as pilot:
        await _open(pilot, app, "x")
        await pilot.press("right", *" bad:y z")
        assert shown(app).splitlines()[1].startswith("   “bad:y”: no such field; ")
        assert ", age, finished" in " ".join(shown(app).split()), "the fields are not cut"
        assert app.posted[-1] == "x z"
        await pilot.press("enter")
        assert app.bar.is_open
        await pilot.press(*["backspace"] * 4)
        assert "no such field" not in shown(app)
        await pilot.press("enter")
        assert app.posted[-2:] == ["x bad", "closed"]
        await _open(pilot, app, "a bad:y b worse:z c")
        assert app.posted[-1] == "a b c"


async def test_the_end_of_the_text_stays_in_sight_above_a_reason() -> None:
    app = _Bar()
    async with app.run_test(size=(50, 6)) as pilot:
        await _open(pilot, app, "percent>much host:example.com")
        await pilot.pause()
        line, below = shown(app).splitlines()[:2]
        assert line.rstrip().endswith("percent>much host:example.com")
        assert below.strip() == "“percent>much”: this must be a number"


async def test_tab_completes_a_word_or_shows_what_it_may_become() -> None:
    app = _Bar()
    async with app.run_test(size=(120, 6)) as pilot:
        await _open(pilot, app)
        await pilot.press(*"sta", "tab")
        assert app.bar.field.value == "state:"
        assert not app.bar.note_label.display, "the value is still to be typed"
        await pilot.press("enter")
        assert "a value is missing" in shown(app)
        await pilot.press("tab")
        assert "  ".join(STATE_WORDS) in shown(app)
        assert not app.bar.note_label.has_class("-fault")
        await pilot.press(*"uns", "tab")
        assert "unsure" in shown(app)
        assert shown(app).splitlines()[0].rstrip().endswith("state:unsure"), "one needs no list"
        await pilot.press(*" batch:tw", "tab")
        assert app.bar.field.value == 'state:unsure batch:"two words"'
        await pilot.press("home", *"hos", "tab", "x")
        assert app.bar.field.value == 'host:xstate:unsure batch:"two words"'


async def test_without_colours_the_selection_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, "old")
        selected, cursor, *_rest = (it.style for it in app.bar.field.render_line(0))
        assert selected is not None
        assert selected.underline
        assert cursor is not None
        assert cursor.reverse
