"""How far the latest batches are: a line with a bar in segments for each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.batches import BatchResult
from pan123_tui.domain.forecast import batch_left_s, batch_progress
from pan123_tui.domain.sanitize import pad_or_truncate, width
from pan123_tui.domain.task import Shown
from pan123_tui.ui.theme import SHOWN_TOKENS, STYLE_TOKENS
from pan123_tui.ui.widgets.styled_text import DONE, GAP, TRACK
from pan123_tui.wording.notes import batch_progress_texts, batch_title

_GLYPHS: Mapping[Shown, str] = {
    Shown.DONE: DONE,
    Shown.RUNNING: "═",
    Shown.UNSURE: "?",
    Shown.FAILED: "×",
}
"""The segments in their order, which differ even without colour."""
_MIN_BAR = 10


class BatchLine(NamedTuple):
    name: str
    title: str
    segments: tuple[float, ...]
    """How many of its tasks each segment stands for; the last one is still open."""
    texts: tuple[str, ...]
    """Ever shorter."""


def batch_line(batch: BatchResult, model: TaskModel, now: float) -> BatchLine:
    is_sending = batch.is_open and not model.status.is_paused and model.status.hold is None
    counts = {**batch.counts, Shown.RUNNING: batch_progress(batch, model.tasks)}
    known = [counts.get(shown, 0.0) for shown in _GLYPHS]
    segments = (*known, max(batch.total - sum(known), 0.0))
    left_s = batch_left_s(batch, model.tasks, now) if is_sending else None
    texts = batch_progress_texts(batch.counts, left_s)
    return BatchLine(batch.name, batch_title(batch.name, now), segments, texts)


def segment_cells(parts: Sequence[float], cells: int) -> list[int]:
    """Return the cells of each of the `parts`, at least one where it is not 0."""
    total = sum(parts)
    sizes = [max(part > 0, int(part * cells / total)) for part in parts]
    sizes[sizes.index(max(sizes))] += cells - sum(sizes)
    return sizes


def drawn_lines(lines: Sequence[BatchLine], cells: int) -> Iterator[Content]:
    """Yield the lines in `cells` cells: titles, bars and texts below each other."""
    title = min(max(width(line.title) for line in lines), cells // 4 + 8)
    for level in range(3):
        text = max(width(line.texts[level]) for line in lines)
        if (bar := cells - title - text - 2 * GAP) >= _MIN_BAR:
            break
    signs = [(sign, f"${SHOWN_TOKENS[shown]}") for shown, sign in _GLYPHS.items()]
    signs.append((TRACK, f"${STYLE_TOKENS['track']}"))
    for line in lines:
        sizes = segment_cells(line.segments, max(bar, 5))
        yield Content.assemble(
            pad_or_truncate(line.title, title) + " " * GAP,
            *((sign * size, style) for (sign, style), size in zip(signs, sizes, strict=True)),
            (" " * GAP + line.texts[level], "$text-muted"),
        )


class BatchBars(Widget):
    """One line for each batch; a click shows only that one."""

    lines: reactive[tuple[BatchLine, ...]] = reactive(())

    def __init__(self, on_choice: Callable[[str], object]) -> None:
        super().__init__()
        self._on_choice = on_choice

    def watch_lines(self, before: tuple[BatchLine, ...], lines: tuple[BatchLine, ...]) -> None:
        self.display = bool(lines)
        self.refresh(layout=len(lines) != len(before))

    def render(self) -> Content:
        lines = drawn_lines(self.lines, self.size.width) if self.lines else ()
        return Content("\n").join(lines)

    def on_click(self, event: Click) -> None:
        self._on_choice(self.lines[event.y].name)
