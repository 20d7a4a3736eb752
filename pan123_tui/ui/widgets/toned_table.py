"""A table of tasks whose texts have tones: the colours that the stylesheet gives to them."""

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment, Segments
from rich.style import Style

from pan123_tui.domain.task import TaskState
from pan123_tui.ui.widgets.lines import Cell
from pan123_tui.ui.widgets.window_table import WindowTable

TONES = (
    *TaskState,
    *("stalled", "doubtful", "muted", "track", "hit", "mark", "marked", "host"),
)
"""The names that `styles.tcss` gives colours to, as `task-table--…`."""


class TonedTable(WindowTable):
    """Colours its cells by their tones."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"task-table--{tone}" for tone in TONES}

    def __init__(self, *, window_rows: int, id: str | None = None) -> None:  # noqa: A002 - Textual's
        super().__init__(window_rows=window_rows, id=id)
        self._styles: dict[str, Style] = {}

    def toned(self, cells: Iterable[Cell]) -> list[Segments]:
        """Colour `cells`."""
        return [Segments(Segment(text, self._style(tone)) for text, tone in cell) for cell in cells]

    def notify_style_update(self) -> None:
        """Forget the colours: the theme or the focus changed."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, tone: str) -> Style | None:
        """Give the colours of a tone, looked up once for each look of the table."""
        if not tone:
            return None
        if (style := self._styles.get(tone)) is None:
            style = self.get_component_rich_style(f"task-table--{tone}", partial=True)
            self._styles[tone] = style
        return style
