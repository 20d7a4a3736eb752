"""The key bar: the keys that work now and what they do, in one line."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from textual.app import App
from textual.binding import ActiveBinding
from textual.content import Content
from textual.events import Click
from textual.keys import format_key
from textual.screen import Screen
from textual.widget import Widget

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import _
from pan123_tui.ui.widgets.styled_text import GAP

STYLES = ("bold $footer-key-foreground", "$footer-description-foreground")


class KeyBarItem(NamedTuple):
    """A key and its description."""

    key_name: str
    description: str
    action: str
    """What a click does."""
    is_global: bool = False
    """Whether it is at the right, where it stays on a narrow screen."""
    is_dimmed: bool = False
    """Whether it has no effect now."""

    @property
    def cells(self) -> int:
        return width(self.key_name) + 1 + width(self.description)


class KeyBar(Widget):
    """Shows the keys that work now, the most useful first.

    Textual's `Footer` makes all its widgets anew at each `refresh_bindings` (20 ms for seven keys),
    as at each move of the dashboard's cursor; it cuts the last key of a narrow screen, and shows
    the words of the bindings, without counts.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        text-wrap: nowrap;
        padding: 0 1;
        color: $footer-foreground;
        background: $footer-background;
    }
    """

    def __init__(
        self, items: Callable[[], Iterable[KeyBarItem]] | None = None, *, first: Sequence[str] = ()
    ) -> None:
        """Show `items` and the app's keys, or the screen's: those of `first` before others."""
        super().__init__()
        self._first = {name: rank for rank, name in enumerate(first)}
        self._own_items = items
        self._items: list[KeyBarItem] = []
        self._is_requested = False
        self._kept = 0
        """How many of the items are of `first`."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self.request, immediate=True)

    def request(self, _screen: Screen[object]) -> None:
        """Have the items updated, once for all that changes meanwhile."""
        if self.screen.is_active and not self._is_requested:
            self._is_requested = self.call_after_refresh(self.show_keys)

    def show_keys(self) -> None:
        self._is_requested = False
        if not self.is_attached or not self.screen.is_active:  # they have no effect now
            return
        focused = self.screen.focused
        shown = [it for it in self.screen.active_bindings.values() if _is_available(it, focused)]
        has_field = any(not isinstance(active.node, App | Screen) for active in shown)
        own = None if has_field else self._own_items
        shown.sort(key=lambda it: self._first.get(it.binding.id or "", len(self._first)))
        by_action: dict[object, ActiveBinding] = {}
        for active in shown:  # the first of an action's keys is the one shown
            by_action.setdefault((active.node, active.binding.action), active)
        items = [
            KeyBarItem(
                self.app.get_key_display(active.binding),
                _(active.binding.description),
                f"app.simulate_key({active.binding.key!r})",
                is_global=isinstance(active.node, App),
            )
            for active in by_action.values()
        ]
        items += own() if own else ()
        self._kept = sum(it.binding.id in self._first for it in by_action.values())
        if items != self._items:
            self._items = items
            self.refresh()

    def render(self) -> Content:
        pieces: list[Content | tuple[str, str]] = []
        at = 0
        for start, item in layout_items(self._items, self.size.width, kept=self._kept):
            pieces.append((" " * (start - at), ""))
            key, words = ("$text-disabled",) * 2 if item.is_dimmed else STYLES
            pieces += [(item.key_name, key), (f" {item.description}", words)]
            at = start + item.cells
        return Content.assemble(*pieces)

    async def on_click(self, event: Click) -> None:
        event.stop()
        x = event.x - self.gutter.left
        for start, item in layout_items(self._items, self.size.width, kept=self._kept):
            if start <= x < start + item.cells:
                await self.screen.run_action(item.action)


def layout_items(
    items: Sequence[KeyBarItem], cells: int, *, kept: int = 0
) -> list[tuple[int, KeyBarItem]]:
    """Return the items that fit into `cells`, with their x positions; `kept` outlast the right."""
    fitting: list[KeyBarItem] = []
    left, right = ([it for it in items if it.is_global is side] for side in (False, True))
    for number, item in enumerate(left):
        if number < kept and _width([*fitting, item, *right]) > cells:
            right = []
        if _width([*fitting, item, *right]) <= cells:
            fitting.append(item)
    end = sum(item.cells + GAP for item in fitting)
    at_right = max(cells - _width(right), end)
    starts = accumulate((item.cells + GAP for item in right), initial=at_right)
    before = accumulate((item.cells + GAP for item in fitting), initial=0)
    return [*zip(before, fitting, strict=False), *zip(starts, right, strict=False)]


def _width(items: Sequence[KeyBarItem]) -> int:
    return sum(item.cells for item in items) + GAP * max(len(items) - 1, 0)


def _is_available(active: ActiveBinding, focused: Widget | None) -> bool:
    """Return whether the key is ours, works, is shown, and is not consumed by the focused field."""
    node, binding = active.node, active.binding
    if not (active.enabled and binding.show and binding.id):
        return False
    if focused is None or focused is node or binding.priority:
        return True
    name = format_key(binding.key)
    return not focused.check_consume_key(binding.key, name if len(name) == 1 else None)
