"""A table of tasks whose texts have tones: the colours that the stylesheet gives to them."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from pan123_tui.domain.task import TaskState
from pan123_tui.ui.widgets.lines import GAP, Line, Run, joined
from pan123_tui.ui.widgets.window_table import WindowTable

TONES = (
    *TaskState,
    *("stalled", "doubtful", "muted", "track", "hit", "mark", "marked", "host"),
)
"""The names that `styles.tcss` gives colours to, as `task-table--…`."""
_GROUNDED = frozenset({"hit"})
"""The tones that colour the ground too."""


class TonedTable(WindowTable):
    """Colours its lines by their tones; the line under the cursor stands on its ground."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{tone}" for tone in TONES}

    def __init__(self, *, window_rows: int, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(window_rows=window_rows, id=id)
        self._styles: dict[tuple[str, bool], Style] = {}

    def strip_of(self, line: Line) -> Strip:
        gap = Run(" " * GAP)
        runs = joined((run for cell in line.cells for run in (*cell, gap)), apart=_GROUNDED)
        segments = [Segment(text, self._style(tone, line.has_cursor)) for text, tone in runs]
        ground = self._style("", line.has_cursor)
        return Strip(segments).adjust_cell_length(self.size.width, ground)

    def notify_style_update(self) -> None:
        """Forget the colours: the theme or the focus changed."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, tone: str, has_cursor: bool) -> Style:
        """Give the colours of a tone on its ground, looked up once for each look of the table."""
        if (style := self._styles.get((tone, has_cursor))) is None:
            style = self.rich_style
            if has_cursor:
                style += self.get_component_rich_style("datatable--cursor")
            if tone and not style.reverse:
                style += self.get_component_rich_style(f"task-table--{tone}", partial=True)
            self._styles[tone, has_cursor] = style
        return style
