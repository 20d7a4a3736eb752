"""The search of all actions: found by words, explained, run, or given up."""

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

import pytest
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from pan123_tui import i18n
from pan123_tui.i18n import _
from pan123_tui.ui.dashboard.actions import ACTIONS
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.dialogs.actions import ActionsScreen, Offer, offers_of
from tests.ui.stage import Stage, resize, shown

OFFERS = (
    Offer("Links", "a", "add", "Add [/b] links", "links.add", "add"),
    Offer("Tasks", "x", "mark a range", "Those that you add to it", "marks.range", "mark"),
    Offer("Tasks", "", "[/b] only told", "", "tasks.told"),
)


async def _open(pilot: Pilot[None], offers: Sequence[Offer] = OFFERS) -> list[Offer | None]:
    chosen: list[Offer | None] = []
    pilot.app.push_screen(ActionsScreen(offers), chosen.append)
    await pilot.pause()
    return chosen


async def test_the_arrows_move_over_headings_and_each_action_is_explained() -> None:
    async with Stage().run_test(size=(60, 20)) as pilot:
        chosen = await _open(pilot)
        text = shown(pilot.app)
        assert all(it in text for it in ("Links", "Tasks", "[/b] only told", "esc closes"))
        assert "Add [/b] links" in text
        await pilot.press("down")
        assert "Those that you add to it" in shown(pilot.app)
        await pilot.press("down", "enter")
        assert chosen == [], "it does nothing"
        await pilot.press("up", "up", "enter")
        assert chosen == [OFFERS[0]]


async def test_a_name_is_found_before_an_explanation_and_a_second_search_begins_anew() -> None:
    async with Stage().run_test(size=(120, 20)) as pilot:
        chosen = await _open(pilot, OFFERS[::-1])
        await pilot.press(*"add")
        assert shown(pilot.app).index("Add [/b] links") < shown(pilot.app).index("mark a range")
        await pilot.press(*" nowhere")
        assert "No match." in shown(pilot.app)
        assert "Add [/b] links" not in shown(pilot.app)
        await pilot.press("enter", "ctrl+u")
        assert "No match." not in shown(pilot.app)
        await pilot.press(*"RANGE tasks", "enter")
        assert chosen == [OFFERS[1]]
        chosen = await _open(pilot, OFFERS[::-1])
        await pilot.press(*"add", "enter")
        assert chosen == [OFFERS[0]]


async def test_on_a_small_screen_a_message_covers_no_line_of_the_box() -> None:
    async with Stage().run_test(size=(50, 14), notifications=True) as pilot:
        await _open(pilot, OFFERS * 9)
        pilot.app.notify("message " * 20)
        await pilot.pause()
        assert "esc closes" in shown(pilot.app)
        assert "message" in shown(pilot.app)


@pytest.mark.parametrize("columns", [80, 100, 140])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_no_explanation_is_cut(columns: int, language: str) -> None:
    i18n.set_language(language)
    actions = [it for it in ACTIONS.values() if it.binding.tooltip]
    offers = [Offer("", "a b", _(it.binding.description), _(it.binding.tooltip)) for it in actions]
    offers.append(Offer("", "a", "a name that is longer than its column is", offers[0].explanation))
    async with Stage().run_test(size=(140, 99)) as pilot:
        await _open(pilot, offers)
        await resize(pilot, columns, 99)
        seen = re.sub(r"[\s│]", "", shown(pilot.app))
        for offer in offers:
            assert offer.explanation.replace(" ", "") in seen


async def test_escape_clears_the_search_then_closes_as_does_a_click_beside_the_box() -> None:
    async with Stage().run_test(size=(60, 20)) as pilot:
        chosen = await _open(pilot)
        await pilot.press("a")
        assert "esc clears the search" in shown(pilot.app)
        await pilot.press("escape")
        assert chosen == []
        assert "mark a range" in shown(pilot.app)
        assert "esc closes" in shown(pilot.app)
        await pilot.press("escape")
        assert chosen == [None]
        chosen = await _open(pilot)
        await pilot.press("a")
        await pilot.click(offset=(0, 0))
        assert chosen == [None]


@pytest.mark.parametrize(
    ("letter", "words"), [("d", "remove"), ("D", "remove"), ("g", "top"), ("G", "end"), ("R", "R")]
)
async def test_the_action_of_a_typed_key_stands_first(letter: str, words: str) -> None:
    keys = ("", "add"), ("g home", "top"), ("G end", "end"), ("d del", "remove"), ("r", "retry")
    offers = [Offer("dgr", it, name, "dgr", name, name) for it, name in (*keys, ("R", "R"))]
    async with Stage().run_test(size=(120, 20)) as pilot:
        chosen = await _open(pilot, offers)
        await pilot.press(letter, "enter")
        assert [it and it.words for it in chosen] == [words]


class _Keys(Dialog[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "nothing", "second", id="tasks.second", tooltip="Again"),
        Binding("f12,f2,f11", "nothing", "first", id="links.first", tooltip="Why"),
        Binding("z", "nothing", "unnamed"),
    ]


class _Actions(_Keys):
    """Has an action without a key, and one that is not possible now."""

    def all_actions(self) -> Iterator[tuple[Binding, str, str]]:
        third = Binding("", "nothing", "third", id="tasks.third", tooltip="Without a key")
        yield third, "", "by another name"
        (second,) = (it for it in _Keys.BINDINGS[:1] if isinstance(it, Binding))
        yield second, "Not now", ""


async def test_actions_are_offered_by_group_once_each_with_their_shortest_keys() -> None:
    app = Stage()
    async with app.run_test() as pilot:
        app.push_screen(_Keys())
        await pilot.pause()
        offers = [it for it in offers_of(app, app.screen) if it.action == "nothing"]
        assert [(it.group, it.keys, it.words, it.explanation) for it in offers] == [
            ("Links", "f2 f11", "first", "Why"),
            ("Tasks", "f8", "second", "Again"),
        ]
        assert all(it.is_possible for it in offers)
        app.push_screen(_Actions())
        await pilot.pause()
        offers = [it for it in offers_of(app, app.screen) if it.group == "Tasks"]
        assert [(it.keys, it.words, it.explanation, it.reason) for it in offers] == [
            ("", "third", "Without a key", ""),
            ("f8", "second", "Again", "Not now"),
        ]
