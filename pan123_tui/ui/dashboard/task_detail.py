"""The pane that shows the details of one task."""

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive, var
from textual.widget import Widget

from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard.detail_text import Detail, detail_lines
from pan123_tui.ui.keymap import move


class DetailText(Widget):
    """The details in lines as wide as the pane."""

    shown_detail: reactive[Detail | None] = reactive[Detail | None](None, layout=True)

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.size.width))

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def _lines(self, cells: int) -> list[Content]:
        if self.shown_detail is None:
            return [Content.styled(_("No task under the cursor."), "$text-muted")]
        return detail_lines(self.shown_detail, cells)


class TaskDetail(VerticalScroll):
    """Shows one task; while it stays the same, so does the scroll position.

    It scrolls at once, so that each key starts where the one before it ended: Textual scrolls after
    the next refresh and in steps.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        move("detail.down", "down,j", "scroll_down", N_("down")),
        move("detail.up", "up,k", "scroll_up", N_("up")),
        move("detail.top", "g,home", "scroll_home", N_("to the top")),
        move("detail.end", "G,end", "scroll_end", N_("to the end")),
    ]

    shown_detail: var[Detail | None] = var[Detail | None](None, init=False)

    def compose(self) -> ComposeResult:
        yield DetailText().data_bind(TaskDetail.shown_detail)

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False, "immediate": True})

    def scroll_end(self, **options: Any) -> None:
        super().scroll_end(**{**options, "animate": False, "immediate": True})

    def watch_shown_detail(self, before: Detail | None, detail: Detail | None) -> None:
        if detail and (before is None or before.task.id != detail.task.id):
            self.scroll_home()
