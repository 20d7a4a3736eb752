"""The two lines at the foot: the tasks as a whole, the line to the service, what is wrong."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from textual.content import Content
from textual.widget import Widget

from pan123_tui.domain.events import Status
from pan123_tui.domain.task import TaskState
from pan123_tui.ui.widgets.status_facts import Facts, first_line, second_line
from pan123_tui.ui.widgets.styled_lines import Line, changed_rows, content_of


class StatusBar(Widget):
    """Shows facts; a line is painted again only when its text is another."""

    def __init__(self, *, is_demo: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = Facts(is_demo=is_demo)
        self._lines: list[Line] = [(), ()]
        self._cells = 0

    def show(self, status: Status, tallies: Mapping[TaskState, int], *, now: float) -> None:
        """Show the engine's `status` and how many tasks are in which state, at `now`."""
        self._show(status=status, tallies=dict(tallies), now=now)

    @property
    def marked(self) -> int:
        """How many tasks are marked."""
        return self._facts.marked

    @marked.setter
    def marked(self, count: int) -> None:
        self._show(marked=count)

    @property
    def shown(self) -> tuple[int, int] | None:
        """How many rows of how many the table has; None: all."""
        return self._facts.shown

    @shown.setter
    def shown(self, rows: tuple[int, int] | None) -> None:
        self._show(shown=rows)

    @property
    def collected(self) -> int:
        """How many links wait in the tray."""
        return self._facts.collected

    @collected.setter
    def collected(self, count: int) -> None:
        self._show(collected=count)

    @property
    def is_watching(self) -> bool:
        """Whether the clipboard is watched."""
        return self._facts.is_watching

    @is_watching.setter
    def is_watching(self, watching: bool) -> None:
        self._show(is_watching=watching)

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
