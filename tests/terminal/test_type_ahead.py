"""Keys come in turn, after what they wait for, and never wait for ever."""

import asyncio
from collections.abc import Iterator

import pytest
from textual.events import AppFocus, Key, Paste
from textual.message import Message
from textual.widgets import Input

from pan123_tui.terminal import type_ahead
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.terminal.type_ahead import TypeAhead


class Waiting(TerminalApp[None]):
    """Records the keys that come; each but the first waits for `has_acted`."""

    def __init__(self) -> None:
        super().__init__()
        self.has_loaded, self.has_acted = asyncio.Event(), asyncio.Event()
        self.type_ahead.hold_until(self.has_loaded)
        self.pressed: list[str] = []

    async def on_key(self, event: Key) -> None:
        self.pressed.append(event.key)
        self.run_worker(self.act())

    async def act(self) -> None:
        has_acted = self.has_acted
        with self.type_ahead.holding():
            await has_acted.wait()

    def on_paste(self, event: Paste) -> None:
        self.pressed.append(event.text)
        self.run_worker(self.act())

    def on_app_focus(self) -> None:
        self.pressed.append("focus")

    def fail(self) -> None:
        with self.type_ahead.holding():
            self.type("j")
            raise ZeroDivisionError

    def type(self, *keys: str | Message) -> None:
        for key in keys:
            self.type_ahead.feed(Key(key, key) if isinstance(key, str) else key)


async def test_keys_wait_for_what_they_act_on_and_for_what_the_former_one_does() -> None:
    app = Waiting()
    async with app.run_test() as pilot:
        app.type("j", Paste("links"), "d", AppFocus())
        await pilot.pause()
        assert app.pressed == ["focus"], "only what is typed waits"
        has_more = asyncio.Event()
        app.type_ahead.hold_until(has_more)
        app.has_loaded.set()
        await pilot.pause()
        assert app.pressed == ["focus"]
        has_more.set()
        for number, expected in enumerate(("j", "links", "d"), 2):
            while len(app.pressed) < number:
                await pilot.pause()
            for _again in range(20):
                await pilot.pause()
            assert app.pressed[1:] == ["j", "links", "d"][: number - 1], expected
            app.has_acted.set()
            app.has_acted = asyncio.Event()
        await app.type_ahead.wait_idle()


async def test_letters_for_a_field_come_at_once_and_the_key_after_them_once_they_are_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Form(TerminalApp[None]):
        """Enter moves on to the next field, after a while."""

        def compose(self) -> Iterator[Input]:
            yield Input()
            yield Input()

        async def on_input_submitted(self) -> None:
            await asyncio.sleep(0)
            self.action_focus_next()

    app, waits = Form(), 0

    async def settled(self: TypeAhead) -> None:
        nonlocal waits
        waits += 1
        await stock(self)

    stock = TypeAhead._settled
    monkeypatch.setattr(TypeAhead, "_settled", settled)
    async with app.run_test():
        for key in ("a", "b", "c", "enter", "d", "backspace", "e", "f"):
            app.type_ahead.feed(Key(key, key if len(key) == 1 else None))
        await app.type_ahead.wait_idle()
        assert [field.value for field in app.query(Input)] == ["abc", "ef"]
    assert waits == 5, "after abc, enter, d, backspace, ef"


async def test_keys_do_not_wait_for_what_has_failed() -> None:
    app = Waiting()
    async with app.run_test():
        app.has_loaded.set()
        app.has_acted.set()
        with pytest.raises(ZeroDivisionError):
            app.fail()
        await asyncio.wait_for(app.type_ahead.wait_idle(), type_ahead.TIMEOUT_S / 2)
        assert app.pressed == ["j"]


async def test_keys_do_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_ahead, "TIMEOUT_S", 0.01)
    app = Waiting()
    async with app.run_test():
        app.type("d", "q")
        await app.type_ahead.wait_idle()
        assert app.pressed == ["d", "q"]
        app.has_acted.set()
        monkeypatch.setattr(type_ahead, "TIMEOUT_S", 1000.0)
        app.type("x")  # what never came is not waited for again
        await asyncio.wait_for(app.type_ahead.wait_idle(), 30)
        assert app.pressed == ["d", "q", "x"]
