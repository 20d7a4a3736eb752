"""The two lines at the foot: the tasks as a whole, the line to the service, what is wrong."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.widgets.status_facts import Facts, first_line, second_line
from pan123_tui.ui.widgets.styled_lines import Line, changed_rows, content_of


class StatusBar(Widget):
    """Shows facts; a line is painted again only when its text is another."""

    marked = var(0, init=False)
    """How many tasks are marked."""
    shown: var[tuple[int, int] | None] = var(None, init=False)
    """How many rows of how many the table has; None: all."""
    collected = var(0, init=False)
    """How many links wait in the tray."""
    is_watching = var(False, init=False)
    """Whether the clipboard is watched."""

    def __init__(self, *, is_demo: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = Facts(is_demo=is_demo)
        self._lines: list[Line] = [(), ()]
        self._cells = 0

    def show(self, status: Status, tallies: Mapping[TaskState, int], *, now: float) -> None:
        """Show the engine's `status` and how many tasks are in which state, at `now`."""
        self._show(status=status, tallies=dict(tallies), now=now)

    def watch_marked(self, marked: int) -> None:
        self._show(marked=marked)

    def watch_shown(self, shown: tuple[int, int] | None) -> None:
        self._show(shown=shown)

    def watch_collected(self, collected: int) -> None:
        self._show(collected=collected)

    def watch_is_watching(self, is_watching: bool) -> None:
        self._show(is_watching=is_watching)

    def render(self) -> Content:
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._lines = self._laid_out()
        return content_of(self._lines)

    def _show(self, **changes: Any) -> None:
        self._facts = replace(self._facts, **changes)
        lines = self._laid_out()
        changed = changed_rows(self._lines, lines, self.outer_size.width)
        self._lines = lines
        if changed:
            self.refresh(*changed)

    def _laid_out(self) -> list[Line]:
        return [first_line(self._facts, self._cells), second_line(self._facts, self._cells)]
