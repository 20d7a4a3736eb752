"""Keys come in turn, after what they wait for, and never wait for ever."""

import asyncio

import pytest
from textual.events import Key

from pan123_tui.terminal import type_ahead
from pan123_tui.terminal.textual_private import TerminalApp


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
        with self.type_ahead.holding():
            await self.has_acted.wait()

    def type(self, *keys: str) -> None:
        for key in keys:
            self.type_ahead.feed(Key(key, key))


async def test_keys_wait_for_what_they_act_on_and_for_what_the_former_one_does() -> None:
    app = Waiting()
    async with app.run_test() as pilot:
        app.type("j", "d")
        await pilot.pause()
        assert app.pressed == []
        app.has_loaded.set()
        while app.pressed != ["j"]:
            await pilot.pause()
        for _again in range(20):
            await pilot.pause()
        assert app.pressed == ["j"]
        app.has_acted.set()
        await app.type_ahead.wait_idle()
        assert app.pressed == ["j", "d"]


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
