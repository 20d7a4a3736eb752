"""The private names of Textual that only tests use."""

import asyncio
from functools import wraps
from typing import Any
from unittest.mock import patch

import pytest
from rich.cells import cell_len
from textual import app, pilot
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual._context import active_app, visible_screen_stack
from textual._wait import wait_for_idle
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.drivers._writer_thread import WriterThread
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets._toast import Toast

from pan123_tui.terminal.textual_private import SteadyTable, TerminalApp, placed_strips

__all__ = [
    "Canvas",
    "Toast",
    "WriterThread",
    "messages",
    "painted",
    "painted_anew",
    "partial_update",
    "share_parsed_css",
    "skip_unseen_updates",
    "wait_for_the_event_loop",
]
LOOK_INTERVAL_S = 0.002
MAX_LOOKS = 1_000
"""A bound in looks, as a busy machine takes any amount of time."""


def painted(app: App[Any]) -> list[Strip]:
    """Return the lines of the screen as the compositor holds them."""
    return app.screen._compositor.render_strips()


def painted_anew(app: App[Any], table: SteadyTable) -> list[Strip]:
    """Return the lines of the screen with `table` as a plain `DataTable` renders it."""
    table._clear_caches()
    with patch.object(SteadyTable, "_render_line", DataTable._render_line):
        strips = painted(app)
    table._clear_caches()
    return strips


class Canvas:
    """What the updates of an application have painted, the whole ones and the partial ones."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self.partial_updates = 0
        display = TerminalApp._display

        def paint(app: TerminalApp[Any], screen: Any, update: Any) -> None:
            if isinstance(update, ChopsUpdate | LayoutUpdate):
                self.partial_updates += isinstance(update, ChopsUpdate)
                for x, y, strip in placed_strips(update):
                    self._cells |= {(x + n, y): cell for n, cell in enumerate(_cells(strip))}
            display(app, screen, update)

        monkeypatch.setattr(TerminalApp, "_display", paint)

    def shows(self, app: App[Any]) -> bool:
        """Return whether that is what the application would paint as a whole now."""
        lines = enumerate(map(_cells, painted(app)))
        whole = {(x, y): cell for y, line in lines for x, cell in enumerate(line)}
        return whole.items() <= self._cells.items()


def _cells(strip: Strip) -> list[tuple[str, str]]:
    """Return the character and the look of each cell; that of a second half is empty."""
    cells: list[tuple[str, str]] = []
    for text, style, _control in strip:
        for character in text:
            halves = (character, "")[: cell_len(character)]
            cells += ((half, str(style)) for half in halves)
    return cells


def partial_update(line: Strip, cells: int) -> ChopsUpdate:
    """Return the update of the first `cells` of a screen of one `line`."""
    return ChopsUpdate([{0: line}], [(0, 0, cells)], [[line.cell_length]])


def messages(app: App[Any]) -> list[str]:
    """Return the messages of the notifications that are shown."""
    return [str(note.message) for note in app._notifications]


def toast_times(app: App[Any]) -> list[float]:
    """Return for how many seconds each notification is shown."""
    return [note.timeout for note in app._notifications]


def has_markup(app: App[Any]) -> bool:
    """Return whether any of these messages is read as markup."""
    return any(note.markup for note in app._notifications)


async def until_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until the event loop has nothing to do, the screen is painted, and Textual's wait ends.

    That one, for 20 ms with little processor time, is for threads: on a busy machine the event
    loop has such a moment at any time.
    """
    await _until_painted()
    await wait_for_idle(min_sleep, max_sleep)
    await _until_painted()


async def _until_painted() -> None:
    loop: Any = asyncio.get_running_loop()
    application = active_app.get()
    looks = 0
    while looks < MAX_LOOKS:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        # An application that was told to leave paints no more.
        if application._exit or not any(
            screen._update_timer._active.is_set() for screen in application.screen_stack
        ):
            return
        looks += 1
        await asyncio.sleep(LOOK_INTERVAL_S)


def wait_for_the_event_loop() -> None:
    """Let a Pilot wait with `until_idle`."""
    for module in (app, pilot):
        vars(module)["wait_for_idle"] = until_idle


def share_parsed_css() -> None:
    """Parse each piece of CSS once for all applications, not for each anew."""
    parse_rules = Stylesheet._parse_rules
    known: dict[tuple[object, ...], list[RuleSet]] = {}

    @wraps(parse_rules)
    def shared(self: Stylesheet, css: str, *args: Any, **options: Any) -> list[RuleSet]:
        key = (css, *args, *options.items(), *self._variables.items())
        if key not in known:
            known[key] = parse_rules(self, css, *args, **options)
        return known[key]

    Stylesheet._parse_rules = shared  # type: ignore[method-assign]


def skip_unseen_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render the screen only where a test reads it, as no terminal shows its updates."""
    render_update = Compositor.render_update

    def unseen(self: Compositor, full: bool = False, **options: Any) -> Any:
        if full or not active_app.get().is_headless:
            return render_update(self, full, **options)
        visible_screen_stack.set(options.get("screen_stack") or [])
        self._dirty_regions.clear()
        return None

    monkeypatch.setattr(Compositor, "render_update", unseen)
