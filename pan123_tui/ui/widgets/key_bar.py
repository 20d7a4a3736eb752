"""The line at the foot that tells what can be done now, and with which key."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.events import Click
from textual.keys import format_key
from textual.screen import Screen
from textual.widget import Widget

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import _

GAP = 2
STYLES = ("bold $footer-key-foreground", "$footer-description-foreground")
"""Of a key, and of what it does."""
OFF_STYLES = ("$text-disabled", "$text-disabled")

Say = Callable[[Binding], str]
"""Says what a key does now; empty: what it always does."""


class KeyBarItem(NamedTuple):
    """A key that can be pressed."""

    key: str
    name: str
    """What stands on it."""
    does: str
    is_general: bool
    """Belongs to the program, not to the screen."""
    is_off: bool = False
    """Cannot be done here; the key tells why."""
    is_help: bool = False

    @property
    def cells(self) -> int:
        return width(self.name) + 1 + width(self.does)


class KeyBar(Widget):
    """Shows only what can be done now, the most useful first; the help is the last to give way.

    It is painted only when it says something else: every move of a cursor asks it to look again.
    """

    ALLOW_SELECT = False

    def __init__(
        self,
        *,
        first: Sequence[str] = (),
        greyed: Collection[str] = (),
        say: Say = lambda _binding: "",
    ) -> None:
        """Put the bindings whose ids are in `first` before all others, in that order.

        Those in `greyed` are shown even where they cannot be done, because their key tells why.
        """
        super().__init__()
        self._first = {name: rank for rank, name in enumerate(first)}
        self._greyed = frozenset(greyed)
        self._say = say
        self._items: list[KeyBarItem] = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self.show_keys)

    def on_unmount(self) -> None:
        self.screen.bindings_updated_signal.unsubscribe(self)

    def show_keys(self, screen: Screen[object]) -> None:
        """Look again at what can be done on `screen`."""
        possible = [active for active in screen.active_bindings.values() if self._is_shown(active)]
        possible.sort(key=self._rank)
        # Of several keys for the same the first is named: a later entry of a dict would win.
        by_action = {active.binding.action: active for active in reversed(possible)}
        items = [self._item(active) for active in reversed(by_action.values())]
        if items != self._items:
            self._items = items
            self.refresh()

    def render(self) -> Content:
        pieces: list[Content | tuple[str, str]] = []
        at = 0
        for start, item in self._places():
            pieces.append((" " * (start - at), ""))
            key, does = OFF_STYLES if item.is_off else STYLES
            pieces.append((item.name, key))
            pieces.append((f" {item.does}", does))
            at = start + item.cells
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        event.stop()
        for start, item in self._places():
            if start <= event.x < start + item.cells:
                self.app.simulate_key(item.key)

    def _is_shown(self, active: ActiveBinding) -> bool:
        is_possible = active.enabled or active.binding.id in self._greyed
        return is_possible and _is_offered(active)

    def _places(self) -> list[tuple[int, KeyBarItem]]:
        """Lay the items out on the line: the program's own stand at its right end."""
        return laid_out(self._items, self.size.width)

    def _item(self, active: ActiveBinding) -> KeyBarItem:
        binding = active.binding
        does = self._say(binding) or _(binding.description)
        is_general = isinstance(active.node, App)
        name = self.app.get_key_display(binding)
        is_help = binding.id == "app.help"
        return KeyBarItem(binding.key, name, does, is_general, not active.enabled, is_help)

    def _rank(self, active: ActiveBinding) -> tuple[bool, int]:
        first = self._first.get(active.binding.id or "", len(self._first))
        return isinstance(active.node, App), first


def laid_out(items: Sequence[KeyBarItem], cells: int) -> list[tuple[int, KeyBarItem]]:
    """Place as many of `items` as fit into `cells`, each with the cell that it begins at."""
    own = [item for item in items if not item.is_general]
    general = [item for item in items if item.is_general]
    # The help stays longest: whoever finds nothing else here finds it there.
    general.sort(key=lambda item: item.is_help)
    while len(general) > 1 and _width([*own[:3], *general]) > cells:
        general.pop(0)
    while own and _width([*own, *general]) > cells:
        own.pop()
    places = _row(own, 0)
    start = max(cells - _width(general), places[-1][0] + places[-1][1].cells + GAP if places else 0)
    return places + _row(general, start)


def _row(items: Sequence[KeyBarItem], start: int) -> list[tuple[int, KeyBarItem]]:
    places = []
    for item in items:
        places.append((start, item))
        start += item.cells + GAP
    return places


def _width(items: Sequence[KeyBarItem]) -> int:
    return sum(item.cells for item in items) + GAP * max(len(items) - 1, 0)


def _is_offered(active: ActiveBinding) -> bool:
    """Tell whether the key is to be shown and is heard: a field takes the letters for itself."""
    node, binding = active.node, active.binding
    if not (binding.show and binding.description):
        return False
    focused = node.screen.focused if not isinstance(node, App) else node.focused
    if focused is None or focused is node or binding.priority:
        return True
    name = format_key(binding.key)
    return not focused.check_consume_key(binding.key, name if len(name) == 1 else None)
