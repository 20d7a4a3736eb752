"""The pane that shows the details of one task."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive, var
from textual.widget import Widget

from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dashboard.detail_text import NO_PROBER, Detail, detail_lines
from pan123_tui.ui.keymap import KeyNames, move
from pan123_tui.ui.link_probe import LinkProber
from pan123_tui.wording.notes import NoteContext


def _no_task(_cells: int) -> list[Content]:
    return [Content.styled(_("No task under the cursor."), "$text-muted")]


class DetailText(Widget):
    """Shows what a layout returns for a width in cells."""

    lines_for: reactive[Callable[[int], Sequence[Content]]] = reactive(
        lambda: _no_task,  # Textual calls a default
        layout=True,
    )

    def render(self) -> Content:
        return Content("\n").join(self.lines_for(self.size.width))

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        return len(self.lines_for(width))


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

    shown_task: var[Task | None] = var[Task | None](None, init=False, always_update=True)
    """The task shown; None: there is none, or the details are closed."""
    notes: var[NoteContext] = var(NoteContext(), init=False)
    """What else is known: the time, the folders, and why links wait."""

    def __init__(self, keys: KeyNames, prober: LinkProber = NO_PROBER) -> None:
        """Name `keys` where they help, and show what `prober` found."""
        super().__init__()
        self._keys = keys
        self._prober = prober
        self._text = DetailText()

    def compose(self) -> ComposeResult:
        yield self._text

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        super().scroll_to(x, y, **{**options, "animate": False, "immediate": True})

    def scroll_end(self, **options: Any) -> None:
        super().scroll_end(**{**options, "animate": False, "immediate": True})

    def watch_shown_task(self, before: Task | None, task: Task | None) -> None:
        self._lay_out()
        if task is not None and (before is None or before.id != task.id):
            self.scroll_home()

    def watch_notes(self) -> None:
        if self.shown_task is not None:
            self._lay_out()

    def _lay_out(self) -> None:
        task = self.shown_task
        detail = task and Detail(task, self.notes, self._keys, self._prober)
        self._text.lines_for = partial(detail_lines, detail) if detail else _no_task
