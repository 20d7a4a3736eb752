"""The link tray: one row a link, drawn only where it shows, so that any number of links fits."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from pan123_tui.domain.task import Draft, Task
from pan123_tui.domain.tray import TrayRow, Verdict
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.folder_field import KnownFolders
from pan123_tui.ui.widgets.tray_lines import TrayView, draw_row, lines_per_row


class KnownTasks(KnownFolders, Protocol):
    """What knows the tasks and the names of their folders, such as the mirror."""

    @property
    def tasks(self) -> Mapping[int, Task]:
        """All tasks by id."""


class LinkTray(ScrollView, can_focus=True):
    """Shows the rows that `show` is given; what is done to them is asked for by messages."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "link-tray--cursor",
        "link-tray--cursor-blurred",
        "link-tray--kept",
        "link-tray--skipped",
        "link-tray--duplicate",
        "link-tray--refused",
        "link-tray--muted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space", "toggle_kept", N_("keep/skip"), id="tray.toggle", tooltip=N_("Queue it or not")
        ),
        Binding(
            "enter", "edit", N_("edit"), id="tray.edit", tooltip=N_("Change its name and folder")
        ),
        Binding(
            "D",
            "toggle_duplicates",
            N_("duplicates"),
            id="tray.duplicates",
            tooltip=N_("Queue the duplicates too, or skip them again"),
        ),
        Binding("up,k", "move(-1)", N_("up"), id="tray.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="tray.down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="tray.page_up", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="tray.page_down", show=False),
        Binding("home,g", "first", N_("first"), id="tray.first", show=False),
        Binding("end,G", "last", N_("last"), id="tray.last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class Toggled(Message):
        """A row was taken out or in again."""

        row: TrayRow

    @dataclass
    class Edited(Message):
        """A row's name and folder are to be changed."""

        row: TrayRow

    class DuplicatesToggled(Message):
        """All duplicates are to be kept, or skipped again."""

    def __init__(
        self,
        known: KnownTasks,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002 - the name that Textual gave it
    ) -> None:
        """`known` has the tasks that duplicates are duplicates of."""
        super().__init__(id=id)
        self._known = known
        self._now = now
        self._view = TrayView()

    @property
    def rows(self) -> Sequence[TrayRow]:
        """What is shown."""
        return self._view.rows

    def show(self, rows: Sequence[TrayRow], common: Draft) -> None:
        """Show `rows`, with the part that is `common` to all; the cursor stays on its link."""
        key = self._view.rows[self.cursor].key if self.cursor < len(self._view.rows) else None
        is_same_row = self.cursor < len(rows) and rows[self.cursor].key == key
        self._view = TrayView.of(rows, common, self._known.folder_names)
        if not is_same_row:
            found = next((at for at, row in enumerate(rows) if row.key == key), self.cursor)
            self.cursor = min(found, max(len(rows) - 1, 0))
        self._measure()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw line `y` of what is in view."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        index, line = divmod(y + self.scroll_offset.y, lines_per_row(width))
        if index >= len(self._view.rows):
            text = self._hint() if not self._view.rows and y == 0 else Text()
        else:
            text = self._draw(index, line, width)
            if index == self.cursor:
                base += self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(text.render(self.app.console)).adjust_cell_length(width).apply_style(base)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_row(old)
        self._refresh_row(new)
        self.scroll_to_region(self._region_of(new), animate=False, force=True)

    def action_move(self, rows: int) -> None:
        self._move_to(self.cursor + rows)

    def action_page(self, pages: int) -> None:
        height = max(self.size.height // self._lines() - 1, 1)
        self._move_to(self.cursor + pages * height)

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self.rows) - 1)

    def action_toggle_kept(self) -> None:
        if self._has_link():
            self.post_message(self.Toggled(self.rows[self.cursor]))
            self.action_move(1)

    def action_edit(self) -> None:
        if self._has_link():
            self.post_message(self.Edited(self.rows[self.cursor]))

    def action_toggle_duplicates(self) -> None:
        self.post_message(self.DuplicatesToggled())

    def on_click(self, event: Click) -> None:
        """Move to the row; a click on its mark toggles it, a second click edits it."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = (offset.y + self.scroll_offset.y) // self._lines()
        if index >= len(self.rows):
            return
        self.cursor = index
        if not self._has_link():
            return
        if offset.x < 2:
            self.post_message(self.Toggled(self.rows[index]))
        elif event.chain == 2:
            self.action_edit()

    def on_resize(self) -> None:
        self._measure()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def _draw(self, index: int, line: int, width: int) -> Text:
        row = self.rows[index]
        is_known = row.verdict is Verdict.KNOWN and row.twin is not None
        return draw_row(
            self._view,
            index,
            line=line,
            width=width,
            twin=self._known.tasks.get(row.twin or 0) if is_known else None,
            now=self._now(),
            style_of=self._style,
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"link-tray--{name}", partial=True)

    def _hint(self) -> Text:
        return Text(_("Each link becomes a row here."), style=self._style("muted"), no_wrap=True)

    def _has_link(self) -> bool:
        at = self.cursor
        return at < len(self.rows) and self.rows[at].verdict is not Verdict.REFUSED

    def _move_to(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.rows) - 1, 0))

    def _lines(self) -> int:
        return lines_per_row(self.scrollable_content_region.width)

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self.rows) * lines_per_row(width))

    def _region_of(self, index: int) -> Region:
        lines = self._lines()
        return Region(0, index * lines, self.scrollable_content_region.width, lines)

    def _refresh_row(self, index: int) -> None:
        self.refresh(self._region_of(index).translate(-self.scroll_offset))
