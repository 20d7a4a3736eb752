"""The table of tasks: what its rows say, and the marks."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from rich.segment import Segment, Segments
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import var
from textual.style import Style as ThemeStyle

from pan123_tui.domain.query import Query, SortKey
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_
from pan123_tui.terminal.windowed_table import WindowedTable
from pan123_tui.ui.dashboard.columns import (
    GAP,
    MARK_STYLE,
    Cell,
    PlacedColumn,
    Row,
    heading,
    layout_columns,
    render_cells,
)
from pan123_tui.ui.dashboard.marks import Marks
from pan123_tui.ui.keymap import move
from pan123_tui.ui.theme import STYLE_TOKENS
from pan123_tui.wording.notes import NoteContext


class TaskTable(WindowedTable[int]):
    """A table of tasks in a given order; cursor, marks and scrolling follow tasks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{MARK_STYLE}"}
    BINDINGS: ClassVar[list[BindingType]] = [
        move("table.down", "j,down", "cursor_down", N_("down")),
        move("table.up", "k,up", "cursor_up", N_("up")),
        move("table.first", "g,home,ctrl+home", "to_row(0)", N_("first")),
        move("table.last", "G,end,ctrl+end", "to_row(-1)", N_("last")),
        move("table.page_down", "pagedown", "page_down", N_("page down")),
        move("table.page_up", "pageup", "page_up", N_("page up")),
    ]

    list_query: var[Query] = var(Query(), init=False)
    """What is shown: its order is in the headings and may need another column."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What the notes depend on besides the tasks, including the time used for ages."""

    class TaskHighlighted(Message):
        """Another task is under the cursor; none if the table is empty."""

    class MarksChanged(Message):
        """Different tasks are marked now."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cell_padding=0, cursor_foreground_priority="renderable", **options)
        self.marks = Marks(self._show_marks)
        self._columns: tuple[PlacedColumn, ...] = ()
        self._tasks: Mapping[int, Task] = {}
        self._highlighted: int | None = None

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.fill())

    # What is shown

    def show(
        self, order: Sequence[int], tasks: Mapping[int, Task], *, keeps_top: bool = False
    ) -> None:
        """Show the tasks of `order`, as `show_order` does.

        `tasks` is kept and read for each line; call `fill` when it changes.
        """
        self._tasks = tasks
        self.show_order(order, keeps_top=keeps_top)

    def watch_list_query(self, before: Query, query: Query) -> None:
        if (before.sort is SortKey.HOST) is not (query.sort is SortKey.HOST):
            self.lay_out(anew=True)
        self.relabel({placed.column: heading(placed, query) for placed in self._columns})
        self.fill()

    def watch_notes(self) -> None:
        self.fill()

    def place_columns(self, width: int) -> None:
        """Add the columns that fit into `width`."""
        self._columns = layout_columns(width, by_host=self.list_query.sort is SortKey.HOST)
        for placed in self._columns:
            gap = 0 if placed is self._columns[-1] else GAP
            label = Text(heading(placed, self.list_query))
            self.add_column(label, width=placed.width + gap, key=placed.column)

    def render_row(self, row_id: int) -> list[Segments]:
        """Return the cells of a task; blank ones if it has gone."""
        cells: Sequence[Cell] = [()] * len(self._columns)
        if task := self._tasks.get(row_id):
            row = Row(task, self.notes, is_marked=row_id in self.marks.ids)
            cells = render_cells(self._columns, row)
        return [Segments([Segment(text, self._style(name)) for text, name in it]) for it in cells]

    def _style(self, style_class: str) -> Style | None:
        if token := STYLE_TOKENS.get(style_class):
            # Some themes have "auto 60%", others "ansi_green".
            seen = ThemeStyle.parse(f"${token} on $background").rich_style
            return Style(color=seen.color)
        if style_class:
            return self.get_component_rich_style(f"task-table--{style_class}", partial=True)
        return None

    # Cursor and marks

    def follow_cursor(self) -> None:
        """Tell of another task under the cursor, and have the marks follow."""
        if self._highlighted != self.cursor_id:
            self._highlighted = self.cursor_id
            self._tell(self.TaskHighlighted())
        self.marks.follow(self.order, self.cursor_id)

    def _show_marks(self) -> None:
        self.fill()
        self._tell(self.MarksChanged())

    def _tell(self, message: Message) -> None:
        # A message bubbles no further than its sender, which may be the panel.
        self.post_message(message.set_sender(self))

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """In an empty table, leave enter to the dashboard, which says that there is no task."""
        return action != "select_cursor" or bool(self.total)
