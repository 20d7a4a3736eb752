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
from pan123_tui.domain.sanitize import sanitize, width
from pan123_tui.domain.task import Shown
from pan123_tui.ui.theme import SHOWN_TOKENS, STYLE_TOKENS
from pan123_tui.ui.widgets.styled_text import GAP
from pan123_tui.wording import formats
from pan123_tui.wording.notes import batch_progress_texts, batch_title

_GLYPHS: Mapping[Shown, str] = {
    Shown.DONE: "█",
    Shown.RUNNING: "▓",
    Shown.UNSURE: "?",
    Shown.FAILED: "×",
}
"""The segments in their order, which differ even without colour."""
_OPEN = "░"
_PERCENT = 4
_TITLES_FROM = 60
"""The cells from which the title is shown."""


class BatchLine(NamedTuple):
    name: str
    title: str
    segments: tuple[float, ...]
    """How many of its tasks each segment stands for; the last one is still open."""
    percent: str
    texts: tuple[str, ...]
    """Ever shorter."""


def batch_line(batch: BatchResult, model: TaskModel, now: float) -> BatchLine:
    is_sending = batch.is_open and not model.status.is_paused and model.status.hold is None
    counts = {**batch.counts, Shown.RUNNING: batch_progress(batch, model.tasks)}
    known = [counts.get(shown, 0.0) for shown in _GLYPHS]
    segments = (*known, max(batch.total - sum(known), 0.0))
    percent = formats.percent(
        (counts[Shown.RUNNING] + counts.get(Shown.DONE, 0)) / batch.total * 100
    )
    left_s = batch_left_s(batch, model.tasks, now) if is_sending else None
    texts = batch_progress_texts(batch, left_s)
    return BatchLine(batch.name, batch_title(batch.name, now), segments, percent, texts)


def segment_cells(parts: Sequence[float], cells: int) -> list[int]:
    """Return the cells of each of the `parts`, at least one where it is not 0."""
    total = sum(parts)
    sizes = [max(part > 0, int(part * cells / total)) for part in parts]
    sizes[sizes.index(max(sizes))] += cells - sum(sizes)
    return sizes


def drawn_lines(lines: Sequence[BatchLine], cells: int) -> Iterator[Content]:
    """Yield the lines in `cells` cells: titles, bars, per cents and texts below each other."""
    has_title = cells >= _TITLES_FROM
    title = min(max(width(line.title) for line in lines), cells // 4) if has_title else 0
    for level in range(len(lines[0].texts)):
        text = max(width(line.texts[level]) for line in lines)
        if (bar := cells - title - GAP * (2 + has_title) - _PERCENT - text) >= cells // 3:
            break
    signs = [(sign, f"${SHOWN_TOKENS[shown]}") for shown, sign in _GLYPHS.items()]
    signs.append((_OPEN, f"${STYLE_TOKENS['track']}"))
    for line in lines:
        sizes = segment_cells(line.segments, max(bar, 5))
        name = sanitize(line.title, title, truncate_at="middle") if has_title else ""
        yield Content.assemble(
            (name + " " * (title - width(name) + GAP * has_title), "bold"),
            *((sign * size, style) for (sign, style), size in zip(signs, sizes, strict=True)),
            (f"{line.percent.rjust(_PERCENT + GAP)}", "bold"),
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
