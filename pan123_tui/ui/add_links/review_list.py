"""List of the reviewed links, rendered line by line so that any number of links fits."""

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
from textual.widget import Widget

from pan123_tui.domain.links.review import ReviewCounts, ReviewRow, ReviewStatus, count_rows
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.add_links.link_editor import LinkEditor
from pan123_tui.ui.add_links.review_row import ReviewSnapshot, lines_per_row, render_row
from pan123_tui.ui.widgets.form_fields import KnownFolders
from pan123_tui.wording.links import Focus, review_hint, review_status_text


class KnownTasks(KnownFolders, Protocol):
    """A source of tasks and folder names, such as the task model."""

    @property
    def tasks(self) -> Mapping[int, Task]:
        """All tasks by id."""


class ReviewList(ScrollView, can_focus=True):
    """Shows review rows; posts a message for each change that the user wants."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "review-list--cursor",
        "review-list--cursor-blurred",
        "review-list--kept",
        "review-list--skipped",
        "review-list--duplicate",
        "review-list--rejected",
        "review-list--muted",
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
        Binding(
            "t",
            "choose_end",
            N_("longer/shorter"),
            id="tray.end",
            tooltip=N_("Take the longer or the shorter link where its end is doubtful"),
        ),
        Binding(
            "T",
            "choose_end(True)",
            N_("longer/shorter for all"),
            id="tray.ends",
            tooltip=N_("Take the longer or the shorter link wherever the end is doubtful"),
            show=False,
        ),
        Binding("up,k", "move(-1)", N_("up"), id="tray.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="tray.down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="tray.page_up", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="tray.page_down", show=False),
        Binding("ctrl+d", "page(0.5)", N_("half a page down"), id="tray.half_down", show=False),
        Binding("ctrl+u", "page(-0.5)", N_("half a page up"), id="tray.half_up", show=False),
        Binding("home,g", "move_to(0)", N_("first"), id="tray.first", show=False),
        Binding("end,G", "move_to(-1)", N_("last"), id="tray.last", show=False),
    ]

    cursor: reactive[int] = reactive(0, repaint=False)

    @dataclass
    class ToggleRequested(Message):
        """The user wants a row to be skipped, or kept again."""

        row: ReviewRow

    @dataclass
    class EditRequested(Message):
        """The user wants to edit the name and folder of a row, or the text that is refused."""

        row: ReviewRow

    @dataclass
    class EndChoiceRequested(Message):
        """The user wants the longer or the shorter link of rows with a doubtful end."""

        rows: Sequence[ReviewRow]

    class ToggleDuplicatesRequested(Message):
        """The user wants all duplicates to be kept, or skipped again."""

    def __init__(
        self,
        known: KnownTasks,
        *,
        now: Callable[[], float] = time.time,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`known` has the tasks that rows can be duplicates of."""
        super().__init__(id=id)
        self._known = known
        self._now = now
        self._snapshot = ReviewSnapshot()
        self._counts = ReviewCounts()

    @property
    def rows(self) -> Sequence[ReviewRow]:
        """The rows in the list."""
        return self._snapshot.rows

    def show(self, rows: Sequence[ReviewRow], common: DownloadRequest) -> None:
        """Show `rows` with the values `common` to all; the cursor stays on its link."""
        key = self.rows[self.cursor].key if self.cursor < len(self.rows) else None
        is_same_row = self.cursor < len(rows) and rows[self.cursor].key == key
        self._snapshot = ReviewSnapshot.of(rows, common, self._known.folder_names)
        self._counts = count_rows(rows)
        if not is_same_row:
            indexes = (index for index, row in enumerate(rows) if row.key == key)
            self._move_cursor(next(indexes, self.cursor))
        self._update_virtual_size()
        self._show_keys()

    def render_line(self, y: int) -> Strip:
        """Render line `y` of the visible part."""
        width = self.scrollable_content_region.width
        base = self.visual_style.rich_style
        index, line = divmod(y + self.scroll_offset.y, lines_per_row(width))
        if index >= len(self.rows):
            text = self._hint() if not self.rows and y == 0 else Text()
        else:
            text = self._render_row(index, line, width)
            if index == self.cursor:
                base += self._style("cursor" if self.has_focus else "cursor-blurred")
        return Strip(text.render(self.app.console)).adjust_cell_length(width).apply_style(base)

    def watch_cursor(self, old: int, new: int) -> None:
        self._refresh_row(old)
        self._refresh_row(new)
        self._show_hint()
        self.scroll_to_cursor()

    def action_move(self, rows: int) -> None:
        self._move_cursor(self.cursor + rows)

    def action_page(self, pages: float) -> None:
        height = max(self.size.height // self._lines() - 1, 2)
        self._move_cursor(self.cursor + int(pages * height))

    def action_move_to(self, index: int) -> None:
        self._move_cursor(index % max(len(self.rows), 1))

    def action_toggle_kept(self) -> None:
        if self._has_link():
            self.post_message(self.ToggleRequested(self.rows[self.cursor]))
            self.action_move(1)

    def action_edit(self) -> None:
        if self.rows:
            self.post_message(self.EditRequested(self.rows[self.cursor]))

    def action_toggle_duplicates(self) -> None:
        self.post_message(self.ToggleDuplicatesRequested())

    def action_choose_end(self, of_all: bool = False) -> None:
        """Ask for the other link of the row, else of the first one that waits for a choice."""
        rows = self.rows
        if not of_all:
            if rows and not rows[self.cursor].longer_url:
                waiting = (i for i, it in enumerate(rows) if it.status is ReviewStatus.DOUBTFUL)
                self._move_cursor(next(waiting, self.cursor))
            rows = rows[self.cursor : self.cursor + 1]
        self.post_message(self.EndChoiceRequested(rows))

    def on_click(self, event: Click) -> None:
        """Move to the row; toggle it on its mark, and edit it on a double click."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = (offset.y + self.scroll_offset.y) // self._lines()
        if index >= len(self.rows):
            return
        self.cursor = index
        if offset.x < 2 and self._has_link():
            self.post_message(self.ToggleRequested(self.rows[index]))
        elif offset.x >= 2 and event.chain == 2:
            self.action_edit()

    def on_resize(self) -> None:
        self._update_virtual_size()
        self.scroll_to_cursor()

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._show_keys, init=False)

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self._show_keys()

    def _show_keys(self) -> None:
        """Name the keys that work where the focus is: the statuses do so too."""
        self._show_hint()
        self.refresh()

    def _show_hint(self) -> None:
        """Show the whole refusal of the cursor's row, else what settles the others."""
        row = next(iter(self.rows[self.cursor : self.cursor + 1]), None)
        if self.has_focus and row is not None and not row.has_link:
            self.border_subtitle = review_status_text(row, None, now=0)
        else:
            self.border_subtitle = review_hint(self._counts, self._focus())

    def scroll_to_cursor(self) -> None:
        """Scroll to the cursor's row, also what this list is in while the list has the focus."""
        row = self._region_of(self.cursor)
        moved = self.scroll_to_region(row, animate=False, force=True)
        if self.has_focus and isinstance(self.parent, Widget):
            corner = self.virtual_region.offset + self.gutter.top_left
            place = row.translate(corner - self.scroll_offset - moved)
            self.parent.scroll_to_region(place, animate=False, force=True)

    def _render_row(self, index: int, line: int, width: int) -> Text:
        row = self.rows[index]
        is_known = row.status is ReviewStatus.KNOWN
        return render_row(
            self._snapshot,
            index,
            line=line,
            width=width,
            duplicate=self._known.tasks.get(row.duplicate_of or 0) if is_known else None,
            now=self._now(),
            focus=self._focus(),
            style_of=self._style,
        )

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"review-list--{name}", partial=True)

    def _focus(self) -> Focus:
        if self.has_focus:
            return "list"
        return "editor" if isinstance(self.screen.focused, LinkEditor) else "field"

    def _hint(self) -> Text:
        return Text(_("Each link becomes a row here."), style=self._style("muted"), no_wrap=True)

    def _has_link(self) -> bool:
        return any(row.has_link for row in self.rows[self.cursor : self.cursor + 1])

    def _move_cursor(self, index: int) -> None:
        self.cursor = min(max(index, 0), max(len(self.rows) - 1, 0))

    def _lines(self) -> int:
        return lines_per_row(self.scrollable_content_region.width)

    def _update_virtual_size(self) -> None:
        self.virtual_size = Size(self._region_of(0).width, len(self.rows) * self._lines())

    def _region_of(self, index: int) -> Region:
        lines = self._lines()
        return Region(0, index * lines, self.scrollable_content_region.width, lines)

    def _refresh_row(self, index: int) -> None:
        self.refresh(self._region_of(index).translate(-self.scroll_offset))
