"""The input line for search and filter."""

from collections.abc import Iterator

import pytest
from textual import on
from textual.pilot import Pilot

from pan123_tui import i18n
from pan123_tui.ui.dashboard.filter_bar import FilterBar, FilterCheck, FilterFault, Purpose
from pan123_tui.wording.links import filter_faults
from tests.ui.stage import Stage, shown


def _check(text: str) -> list[FilterFault]:
    """Report the word "bad", and a colon at the end."""
    at = text.find("bad")
    faults = [(at, at + 3, "bad is no state")] if at >= 0 else []
    return [*faults, (len(text), len(text), "a value is missing")] if text[-1:] == ":" else faults


class _Bar(Stage):
    def __init__(self, check: FilterCheck = _check) -> None:
        self.bar = FilterBar(check=check)
        self.posted: list[tuple[str, str]] = []
        super().__init__([self.bar])

    @on(FilterBar.SearchChanged)
    def searched(self, event: FilterBar.SearchChanged) -> None:
        self.posted.append(("search", event.text))

    @on(FilterBar.FilterChanged)
    def filtered(self, event: FilterBar.FilterChanged) -> None:
        self.posted.append(("filter", event.text))

    @on(FilterBar.Closed)
    def closed(self, event: FilterBar.Closed) -> None:
        self.posted.append((f"closed {event.purpose}", event.text))


async def _open(pilot: Pilot[None], app: _Bar, purpose: Purpose, text: str = "") -> None:
    bar = app.bar
    (bar.open_search if purpose is Purpose.SEARCH else bar.open_filter)(text)
    await pilot.pause()


async def test_the_line_is_not_there_until_it_is_opened() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        assert not app.bar.is_open
        assert shown(app).strip() == ""
        await _open(pilot, app, Purpose.SEARCH)
        assert shown(app).splitlines()[0].startswith(" / name, link")


async def test_a_search_is_posted_as_it_is_typed_and_kept_by_enter() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.SEARCH)
        await pilot.press(*"is1", "enter")
        assert app.posted == [
            ("search", "i"),
            ("search", "is"),
            ("search", "is1"),
            ("closed search", "is1"),
        ]
        assert not app.bar.is_open


async def test_escape_brings_back_what_was_searched_for_before() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.SEARCH, "iso")
        await pilot.press("x", "escape")
        assert app.posted == [("search", "x"), ("search", "iso"), ("closed search", "iso")]


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize(("keys", "text"), [(("v", "2"), "v2"), (("right", "2"), "q12")])
async def test_typing_replaces_the_former_text_until_an_arrow_keeps_it(
    purpose: Purpose, keys: tuple[str, ...], text: str
) -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, purpose, "q1")
        await pilot.press(*keys)
        assert app.bar.field.value == text


async def test_a_filter_is_extended_after_its_closing_quote() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER, 'batch="a b"')
        await pilot.press("enter")
        assert app.posted == [("closed filter", 'batch="a b"')]
        await _open(pilot, app, Purpose.FILTER, 'batch="a b"')
        await pilot.press("end", "x", "enter")
        assert app.posted[-1] == ("closed filter", 'batch="a b" x')


async def test_opening_tells_nothing_and_enter_at_once_changes_nothing() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER, "state:failed")
        await pilot.press("enter")
        assert app.posted == [("closed filter", "state:failed")]


async def test_a_faulty_filter_is_underlined_with_its_reason_and_not_posted() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"x bad")
        assert "bad is no state" in shown(app)
        assert ("filter", "x bad") not in app.posted
        underlined = [
            segment.text
            for segment in app.bar.field.render_line(0)
            if segment.style and segment.style.underline
        ]
        assert "".join(underlined) == "bad"
        await pilot.press("enter")
        assert app.bar.is_open
        await pilot.press("backspace")
        assert "bad is no state" not in shown(app)
        assert app.posted[-1] == ("filter", "x ba")


async def test_a_fault_where_something_is_missing_marks_the_end() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"age:")
        assert "a value is missing" in shown(app)
        line = app.bar.field.render_line(0)
        assert any(seg.style and seg.style.underline and ":" in seg.text for seg in line)


async def test_a_search_has_no_faults() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.SEARCH)
        await pilot.press(*"bad")
        assert not app.bar.note_label.has_class("-fault")
        assert app.posted[-1] == ("search", "bad")


async def test_the_end_of_the_text_stays_in_sight_beside_a_reason() -> None:
    app = _Bar()
    async with app.run_test(size=(40, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER, "state:bad host:example.com")
        await pilot.pause()
        line = shown(app).splitlines()[0]
        assert "example.com" in line
        assert line.endswith("bad is no state")


async def test_tab_completes_a_word_of_the_filter_or_shows_what_it_may_become() -> None:
    app = _Bar()
    async with app.run_test(size=(120, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"sta", "tab", *"re", "tab")
        assert app.bar.field.value == "state:re"
        assert "retrying, rejected" in shown(app)
        await pilot.press("j", "tab")
        assert app.bar.field.value == "state:rejected"


@pytest.fixture(params=["en", "zh"])
def comma(request: pytest.FixtureRequest) -> Iterator[str]:
    i18n.set_language(request.param)
    yield {"en": ", ", "zh": "、"}[request.param]
    i18n.set_language("en")


async def test_no_fault_is_named_while_a_tab_offers_words(comma: str) -> None:
    app = _Bar(filter_faults)
    async with app.run_test(size=(120, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"state:no", "tab")
        assert app.bar.field.value == 'state:"no'
        assert f'"no folder"{comma}"not found"' in shown(app)
        assert not app.bar.note_label.has_class("-fault")
        await pilot.press("x")
        assert app.bar.note_label.has_class("-fault")


async def test_words_are_offered_only_until_the_line_is_opened_again() -> None:
    app = _Bar(filter_faults)
    async with app.run_test(size=(120, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"is:", "tab")
        assert "stalled, " in shown(app)
        await pilot.press("escape")
        for purpose, note in ((Purpose.SEARCH, ""), (Purpose.FILTER, "a value is missing")):
            await _open(pilot, app, purpose)
            await pilot.press(*"is:")
            assert shown(app).splitlines()[0].partition("is:")[2].strip() == note
            await pilot.press("escape")


async def test_enter_names_the_fault_where_words_were_offered() -> None:
    app = _Bar(filter_faults)
    async with app.run_test(size=(120, 6)) as pilot:
        await _open(pilot, app, Purpose.FILTER)
        await pilot.press(*"is:", "tab", "enter")
        assert app.bar.is_open
        assert "a value is missing" in shown(app)


async def test_tab_does_not_complete_a_search() -> None:
    app = _Bar()
    async with app.run_test(size=(60, 6)) as pilot:
        await _open(pilot, app, Purpose.SEARCH)
        await pilot.press(*"sta", "tab")
        assert app.bar.field.value == "sta"
