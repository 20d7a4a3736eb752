"""The pane that tells everything about the task under the cursor."""

from collections.abc import Mapping
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.detail_lines import Detail, detail_lines
from pan123_tui.ui.widgets.styled_lines import Line, Run, changed_rows, content_of


class TaskDetail(VerticalScroll):
    """Shows one task; the scroll position stays while it is the same task."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", N_("down"), id="detail.down", show=False),
        Binding("k,up", "scroll_up", N_("up"), id="detail.up", show=False),
        Binding("g,home", "scroll_home", N_("to the top"), id="detail.top", show=False),
        Binding("G,end", "scroll_end", N_("to the end"), id="detail.end", show=False),
    ]

    def __init__(
        self,
        *,
        retry_key: str = "r",
        forget_key: str = "d",
        id: str | None = None,  # noqa: A002 - as Textual has it
    ) -> None:
        """Take the keys to name for sending an unconfirmed task again and for forgetting it."""
        super().__init__(id=id)
        self._retry_key = retry_key
        self._forget_key = forget_key
        self._task_id: int | None = None
        self._text = DetailText()

    def compose(self) -> ComposeResult:
        yield self._text

    def show(
        self,
        task: Task | None,
        *,
        now: float,
        checked_at: float | None = None,
        folder_names: Mapping[int, str] | None = None,
    ) -> None:
        """Show `task`, or that there is none, as of `now` (Unix seconds).

        `checked_at` is the last answered poll where it is newer than the task's own;
        `folder_names` gives the names of the folders that are known, by their id.
        """
        if task is None:
            self._text.show(None)
            self._task_id = None
            return
        if checked_at is not None:
            task = replace(task, checked_at=checked_at)
        self._text.show(
            Detail(
                task,
                now,
                (folder_names or {}).get(task.folder_id or 0, ""),
                self._retry_key,
                self._forget_key,
            )
        )
        if task.id != self._task_id:
            self._task_id = task.id
            self.scroll_home(animate=False)


class DetailText(Widget):
    """The lines of the pane, laid out for its width; only lines that changed are painted."""

    def __init__(self) -> None:
        super().__init__()
        self._detail: Detail | None = None
        self._lines: list[Line] = []
        self._cells = 0

    def show(self, detail: Detail | None) -> None:
        self._detail = detail
        if not self._cells:
            return
        lines = self._laid_out(self._cells)
        if changed := changed_rows(self._lines, lines, self.outer_size.width):
            is_other_height = len(lines) != len(self._lines)
            self._lines = lines
            self.refresh(*([] if is_other_height else changed), layout=is_other_height)

    def render(self) -> Content:
        # A scroll bar that comes or goes changes the width before any event tells it.
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._lines = self._laid_out(self._cells)
        return content_of(self._lines)

    def get_content_height(
        self,
        container: Size,  # noqa: ARG002 - Textual's signature
        viewport: Size,  # noqa: ARG002
        width: int,
    ) -> int:
        return max(len(self._laid_out(width)), 1)

    def _laid_out(self, cells: int) -> list[Line]:
        if self._detail is None:
            return [(Run(_("No task under the cursor."), "$text-muted"),)]
        return detail_lines(self._detail, cells)
