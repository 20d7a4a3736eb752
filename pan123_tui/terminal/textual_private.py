"""The private parts of Textual 8.2.8 in use or mended here: any version may change them."""

import asyncio
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, ClassVar, cast

from rich import _wrap
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.segment import Segment, Segments
from rich.style import Style
from textual import constants
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App, ReturnType
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.message import Message
from textual.messages import Prune
from textual.notifications import Notification
from textual.screen import Screen, ScreenResultType
from textual.signal import Signal
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets._toast import ToastRack

from pan123_tui.terminal.escape_codes import Capabilities, detect_capabilities
from pan123_tui.terminal.screen_buffer import PlacedStrip, ScreenBuffer
from pan123_tui.terminal.shutdown import ShutdownWatchdog
from pan123_tui.terminal.type_ahead import TypeAhead

BeforeRemoval = Prune
"""The message to a screen that is to be removed, whose widgets are still there."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING, _CLOSING = "〈《「『【〔（“‘", "、。〉》」』】〕），．：；！？”’…%:"
_TERM = rf"(?<!\S)[{_CJK}]{{2,4}}:?(?!\S)"
"""A short word between blanks, such as a term of a list: it is not broken."""
_WORD = rf"\s*(?:{_TERM}|[{_OPENING}]*[{_CJK}][{_CLOSING}]*|(?:(?![{_OPENING}]*[{_CJK}])\S)+)\s*"


def break_chinese_lines() -> None:
    """Let Rich break lines between Chinese characters too, for the rest of this process."""
    _wrap.words = words


def words(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where lines may break: Rich breaks only at blanks, and a Chinese sentence has none."""
    # Compiled when a text is first wrapped: that takes longer than the rest of this module.
    for word in re.finditer(_WORD, text):
        yield *word.span(), word[0]


class _Compositor(Compositor):
    """Cuts lines only where what is seen changes, so that wide characters stay whole."""

    @property
    def cuts(self) -> list[list[int]]:
        """The cells of each line at which what is uppermost begins or ends."""
        if self._cuts is None:
            width, height = self.size
            ends = [{0, width} for _line in range(height)]
            spans: list[list[tuple[int, int]]] = [[] for _line in range(height)]
            for region, clip in self.visible_widgets.values():  # from front to back
                seen = region.intersection(clip)
                span = seen.x, seen.right
                for y in seen.line_range if seen.width else ():
                    if span not in spans[y]:
                        ends[y].update(x for x in span if not any(a < x < b for a, b in spans[y]))
                        spans[y].append(span)
            self._cuts = [sorted(line) for line in ends]
        return self._cuts

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        """Return the strip at each cut; Textual expects a cut where each widget begins."""
        all_cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(cuts[:-1]) for cuts in all_cuts]
        for region, clip, strips in self._get_renders(crop):
            seen = region.intersection(clip)
            for y, strip in zip(seen.line_range, strips, strict=False):
                if not is_rendered_line(y):
                    continue
                cuts = [cut for cut in all_cuts[y] if seen.x <= cut <= seen.right]
                if not cuts:
                    continue
                bare = strip.crop(cuts[0] - seen.x) if cuts[0] > seen.x else strip
                parts = bare.divide([cut - cuts[0] for cut in cuts[1:]])
                for cut, part in zip(cuts, parts, strict=False):
                    if chops[y][cut] is None:
                        chops[y][cut] = part
        return cast("Sequence[Mapping[int, Strip]]", chops)  # as in Textual: some may be None


class UncutScreen(Screen[ScreenResultType]):
    """A screen whose wide characters are whole; covered by another one, it shows no messages."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._compositor = _Compositor()

    async def _compose(self) -> None:
        """Set the classes of the breakpoints first; Textual would style and lay out twice."""
        width, height = self.app.size
        across = self.HORIZONTAL_BREAKPOINTS or self.app.HORIZONTAL_BREAKPOINTS or []
        down = self.VERTICAL_BREAKPOINTS or self.app.VERTICAL_BREAKPOINTS or []
        self.add_class(*self._get_breakpoint_classes(width, across))
        self.add_class(*self._get_breakpoint_classes(height, down))
        await super()._compose()

    def on_screen_suspend(self) -> None:
        """Leave the messages to the screen in front, which shows them too."""
        self.query("ToastRack").set(display=False)


class EncodedUpdate(CompositorUpdate):
    """An update whose sequence is encoded when it is written."""

    def __init__(self, encode: Callable[[], str]) -> None:
        self._encode = encode

    def render_segments(self, console: Console) -> str:  # noqa: ARG002
        return self._encode()


MAX_TOASTS = 3


class TerminalApp(App[ReturnType]):
    """An application that sends what differs, takes keys in turn, and restores the terminal."""

    LINK_STARTS: ClassVar[tuple[str, ...]] = ("http://", "https://")
    """In lower case: a quick burst of keys that has one of these is a paste."""

    def __init__(self, *, capabilities: Capabilities | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.capabilities = capabilities or detect_capabilities(os.environ)
        self.type_ahead = TypeAhead(self)
        self.queried_at = -math.inf
        """The monotonic time of the last query to the terminal, in seconds."""
        self._screen_buffer = ScreenBuffer()
        self.notified: Signal[None] = Signal(self, "notified")
        """Published when a notification comes or goes."""
        self.watchdog = ShutdownWatchdog(leave=self._exit_from_thread)

    def get_driver_class(self) -> type[Driver]:
        """Return the layer's driver, unless TEXTUAL_DRIVER names one, as for `textual serve`."""
        if constants.DRIVER:
            return super().get_driver_class()
        from pan123_tui.terminal.driver import TerminalDriver

        return TerminalDriver

    def run(self, **options: Any) -> ReturnType | None:
        """Run until the end or, in a terminal, a signal; those are taken for good."""
        if not options.get("headless"):
            self.watchdog.watch()
        try:
            return super().run(**options)
        finally:
            self.watchdog.mark_done()

    @property
    def return_code(self) -> int | None:
        """128 + the signal that came, otherwise as Textual has it."""
        return self.watchdog.exit_code or super().return_code

    @property
    def latest_notification(self) -> Notification | None:
        return next(reversed([*self._notifications]), None)

    def _exit_from_thread(self) -> None:
        if (loop := self._loop) is not None:
            loop.call_soon_threadsafe(self.exit)

    def refresh_css(self, animate: bool = True) -> None:
        """Apply the colours of the theme, but do not parse all styles before the first screen."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def _refresh_notifications(self) -> None:
        """Keep only the newest: each has lines of its own, of which a short screen has few."""
        if self.screen_stack:
            most = 1 if self.screen.has_class("-short") else MAX_TOASTS
            for note in [*self._notifications][:-most]:
                del self._notifications[note]
            kept = set(map(ToastRack._toast_id, self._notifications))  # noqa: SLF001
            for holder in self.screen.query("ToastHolder"):
                if holder.id not in kept:  # Textual removes only what is in it
                    holder.remove()
        super()._refresh_notifications()
        self.notified.publish(None)

    def call_in(self, wait_s: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call `callback` once in `wait_s` seconds, however few; `set_timer` does not."""
        return asyncio.get_running_loop().call_later(wait_s, self.call_later, callback)

    def write(self, sequence: str) -> None:
        """Write an escape sequence to the terminal, if there is one."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def write_query(self, sequence: str) -> None:
        """Write a sequence that the terminal replies to; a late reply is not left to the shell."""
        self.queried_at = monotonic()
        self.write(sequence)

    def forget_screen(self) -> None:
        """Forget what the terminal shows, so that the next paint is whole."""
        self._screen_buffer.clear()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        update: Any = renderable
        if isinstance(update, ChopsUpdate | LayoutUpdate) and not self.is_headless:
            colors = COLOR_SYSTEMS[self.console.color_system or "truecolor"]
            size = screen._compositor.size  # noqa: SLF001
            encode = self._screen_buffer.changes(size, placed_strips(update), colors)
            update = None if encode is None else EncodedUpdate(encode)
        super()._display(screen, update)


class WholeLine(Segments):
    """What the first cell of a row has if it fills the whole line, over all columns."""


class SteadyTable(DataTable[Segments]):
    """A table of one-line rows; renders a row again only where a cell or its look has changed.

    Its cache keys have the cells in place of Textual's number of updates.
    """

    def _render_line(self, y: int, x1: int, x2: int, base_style: Style) -> Strip:
        row = y - self.header_height * self.show_header
        if row >= self.row_count:
            return super()._render_line(y, x1, x2, base_style)
        labels = (column.label.plain for column in self.ordered_columns)
        places = self.cursor_coordinate, self.hover_coordinate if self._show_hover_cursor else None
        is_in_all = self.cursor_type == "column"
        highlights = (it if it and (is_in_all or it.row == row) else None for it in places)
        look = base_style, self._pseudo_class_state, self.cursor_type, *highlights
        key: Any = (row, x1, x2, look, *(labels if row < 0 else self.get_row_at(row)))
        if key not in self._line_cache:
            first = self.get_row_at(row)[0] if row >= 0 else None
            if isinstance(first, WholeLine):
                style = base_style + Style(meta={"row": row, "column": 0})
                if row == self.cursor_row and self.show_cursor:
                    style += self.get_component_styles("datatable--cursor").rich_style
                over = Strip(Segment.apply_style(first.segments, style))
                self._line_cache[key] = over.adjust_cell_length(x2, style).crop(x1, x2)
            else:
                self._line_cache[key] = super()._render_line(y, x1, x2, base_style)
            self._row_render_cache.clear()  # no update finds these again
            self._cell_render_cache.clear()
        return self._line_cache[key]


def placed_strips(update: ChopsUpdate | LayoutUpdate) -> Iterator[PlacedStrip]:
    """Yield the strips that `update` would have painted, each place once."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield PlacedStrip(x, y, strip)
                x += strip.cell_length
        return
    # A strip is painted from its beginning for each span; the last span is the longest.
    cropped: dict[tuple[int, int], Strip] = {}
    for y, start, end in update.spans:
        for strip_end, (x, part) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if part is not None and x <= end and strip_end > start:
                first = part.crop(0, min(strip_end, end) - x)
                is_whole = part.text.startswith(first.text)  # no wide character is split
                cropped[y, x] = first if is_whole else part
    yield from (PlacedStrip(x, y, strip) for (y, x), strip in cropped.items())


def withdraw(app: App[Any], message: str) -> None:
    """Remove the notifications with this `message` that are still shown."""
    for note in tuple(app._notifications):  # noqa: SLF001 - no public name in 8.2.8
        if note.message == message:
            app._unnotify(note)  # noqa: SLF001


class KeyParser(XTermParser):
    """A parser that never types the rest of a sequence that it does not know."""

    def parse_whole(self, sequence: str) -> list[Message]:
        """Return the messages of a whole sequence; no more of it is awaited."""
        messages = list(self.feed(sequence))
        if self._timeout_time is not None:
            self._timeout_time = 0.0
            list(self.tick())
        return messages


class ContinuedDriver(LinuxDriver):
    """A driver that also resumes after SIGSTOP, even though it could not restore the terminal."""

    def _sigtstp_application(self, *_arguments: object) -> None:
        self._handle(super()._sigtstp_application)

    def _sigcont_application(self, *_arguments: object) -> None:
        self._handle(self._resume)

    def _handle(self, react: Callable[[], None]) -> None:
        """Handle a signal in the event loop: it may have come in a write, whose lock it needs."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(react)

    def _resume(self) -> None:
        if self._auto_restart and self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
            self._must_signal_resume = True  # the shell has written to the screen
        super()._sigcont_application()
