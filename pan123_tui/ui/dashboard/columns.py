"""The columns of the task table and the cells of a task in them, without Textual."""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER, was_found
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.forecast import Forecast, forecast
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.task import ArrivalStatus, Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import bar_parts
from pan123_tui.ui.widgets.table_line import GAP, Cell, Span
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import arrival_word, failure_reason, outcome_label, shown_reason
from pan123_tui.wording.unconfirmed import found_word, look_result, look_time

MIN_NAME_WIDTH = 20
"""Where the name would get fewer cells, the progress bar is left out."""
_PERCENT = 4
_SIGN = 2
"""A blank and the sign of the sort order."""
_MIN_WAIT_S = 5.0
"""A create that waits for the service for longer says so in its row."""
_WIDEST_ETA_S = 23 * 3600 + 50 * 60
"""A time left whose text is as wide as any."""


class TaskColumn(StrEnum):
    """A column of the task table."""

    MARK = "mark"
    STATE = "state"
    NAME = "name"
    PROGRESS = "progress"
    ETA = "eta"
    PACE = "pace"
    FOLDER = "folder"
    BATCH = "batch"
    TASK_ID = "task_id"
    AGE = "age"
    CHECKED = "checked"
    HOST = "host"
    REASON = "reason"


class PlacedColumn(NamedTuple):
    """A column and its width in cells."""

    column: TaskColumn
    width: int


_C = TaskColumn
_LABELS: Mapping[TaskColumn, str] = {
    _C.MARK: "",
    _C.STATE: N_("state"),
    _C.NAME: N_("name"),
    _C.PROGRESS: N_("progress"),
    _C.ETA: N_("time left"),
    _C.PACE: N_("pace"),
    _C.FOLDER: N_("folder"),
    _C.BATCH: N_("batch"),
    _C.TASK_ID: N_("taskID"),
    _C.AGE: N_("added"),
    _C.CHECKED: N_("checked"),
    _C.HOST: N_("host"),
    _C.REASON: N_("reason"),
}
_WIDTHS: Mapping[TaskColumn, int] = {
    _C.MARK: 1,
    _C.PROGRESS: 15,
    _C.PACE: 9,
    _C.FOLDER: 15,
    _C.BATCH: 18,
    _C.TASK_ID: 10,
    _C.AGE: 10,
    _C.CHECKED: 10,
}

_NARROW = (_C.MARK, _C.STATE, _C.PROGRESS, _C.NAME)
_MEDIUM = (_C.MARK, _C.STATE, _C.PROGRESS, _C.ETA, _C.NAME)
_WIDE = (*_MEDIUM, _C.AGE, _C.CHECKED)
_WIDEST = (
    *(_C.MARK, _C.STATE, _C.PROGRESS, _C.ETA, _C.PACE),
    *(_C.NAME, _C.FOLDER, _C.TASK_ID, _C.AGE, _C.CHECKED),
)
_ALL = (*_WIDEST[:-3], _C.BATCH, *_WIDEST[-3:])
_MEDIUM_FROM = 60
"""Cells of the table from which it shows the time left."""
_WIDE_SETS: Sequence[tuple[int, Sequence[TaskColumn]]] = ((50, _ALL), (50, _WIDEST), (44, _WIDE))
"""Columns that are shown where they leave the name so many cells: the least, and which."""
_FAILED = (_C.MARK, _C.STATE, _C.NAME, _C.HOST, _C.REASON)
_FAILED_SETS = ((60, (_C.MARK, _C.STATE, _C.NAME, _C.REASON)), (110, _FAILED))
_FAILED_WIDEST = (*_FAILED, _C.AGE)
"""The columns where only failed tasks are shown: what has ended has no progress."""
_HOST_WIDTHS = (14, 24)
"""The least and the greatest width of a host."""


def column_label(column: TaskColumn) -> str:
    """Return the label of `column`; empty for the marks."""
    return _(_LABELS[column]) if _LABELS[column] else ""


def render_heading(placed: PlacedColumn, *, sign: str = "") -> str:
    """Return the label in the width of its column, with the `sign` of the sort order, if any."""
    name = column_label(placed.column)
    if not name or placed.width == 1:
        return " " * placed.width
    if placed.width == _PERCENT:
        return f"{sign}%".rjust(_PERCENT)
    return pad_or_truncate(f"{name} {sign}".rstrip(), placed.width)


def layout_columns(total: int) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `total` cells; the name takes the rest."""
    for least, chosen in _WIDE_SETS:
        widths = _layout(chosen, total)
        if widths[_C.NAME] >= least:
            break
    else:
        chosen = _NARROW if total < _MEDIUM_FROM else _MEDIUM
        widths = _layout(chosen, total)
    return tuple(PlacedColumn(column, widths[column]) for column in chosen)


def _layout(chosen: Sequence[TaskColumn], total: int) -> Mapping[TaskColumn, int]:
    """Return the widths of the columns `chosen` in `total` cells."""
    widths = {column: _WIDTHS[column] for column in chosen if column in _WIDTHS}
    widths[_C.STATE] = _state_width()
    for column in {_C.AGE, _C.CHECKED}.intersection(widths):
        widths[column] = max(widths[column], width(column_label(column)) + _SIGN)
    if _C.PACE in chosen:
        widths[_C.PACE] = max(widths[_C.PACE], width(formats.pace(0)))
    if _C.ETA in chosen:
        widths[_C.ETA] = width(formats.eta(_WIDEST_ETA_S))
    if total < _MEDIUM_FROM:
        widths[_C.PROGRESS] = _PERCENT
    gaps = GAP * (len(chosen) - 1)
    if total - sum(widths.values()) - gaps < MIN_NAME_WIDTH:
        widths[_C.PROGRESS] = _PERCENT
    widths[_C.NAME] = max(1, total - sum(widths.values()) - gaps)
    return widths


def layout_failure_columns(total: int) -> tuple[PlacedColumn, ...]:
    """Return the columns for failed tasks that fit into `total` cells; the reason takes the rest.

    A narrow table has only the sign of the state and no host.
    """
    chosen = next((columns for limit, columns in _FAILED_SETS if total < limit), _FAILED_WIDEST)
    is_narrow = total < _FAILED_SETS[0][0]
    widths = {_C.MARK: 1, _C.STATE: 1 if is_narrow else _state_width()}
    if _C.AGE in chosen:
        widths[_C.AGE] = max(_WIDTHS[_C.AGE], width(column_label(_C.AGE)) + _SIGN)
    room = total - sum(widths.values()) - GAP * (len(chosen) - 1)
    if _C.HOST in chosen:
        least, most = _HOST_WIDTHS
        widths[_C.HOST] = min(max(room // 4, least), most)
        room -= widths[_C.HOST]
    widths[_C.NAME] = max(room * 9 // 20, 1)
    widths[_C.REASON] = max(room - widths[_C.NAME], 1)
    return tuple(PlacedColumn(column, widths[column]) for column in chosen)


def _state_width() -> int:
    """Return the cells of the widest state in the current language, with its glyph."""
    states, arrivals = formats.task_labels(), map(arrival_word, ArrivalStatus)
    texts = [*states, *arrivals, found_word(), formats.stalled_word()]
    return 2 + max(map(width, texts))


class RowContext(Struct, frozen=True):
    """What the cells of a row depend on besides its task."""

    now: float = 0.0
    """Unix seconds."""
    highlight: tuple[str, ...] = ()
    """Highlighted in names and folders."""
    folder_names: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)
    """Places in the queue by id, where they are shown."""


def render_cells(
    columns: Sequence[PlacedColumn], task: Task, context: RowContext, *, is_marked: bool = False
) -> tuple[Cell, ...]:
    """Return the cells of `task` in `columns`."""
    is_narrow = any(it.column is _C.PROGRESS and it.width == _PERCENT for it in columns)
    row = _Row(task, forecast(task, context.now), context, is_marked, is_narrow)
    return tuple(_RENDERERS[placed.column](row, placed.width) for placed in columns)


class _Row(NamedTuple):
    """What a cell is rendered from."""

    task: Task
    forecast: Forecast
    context: RowContext
    is_marked: bool
    is_narrow: bool
    """Whether the progress is a percentage only."""

    def pad(self, text: str, cells: int, style_class: str = "") -> Cell:
        return (Span(pad_or_truncate(text, cells), style_class),)


def create_wait_s(task: Task, now: float) -> float | None:
    """Return for how long a create waits for its answer; None if it does not, or just began."""
    if task.state is not TaskState.SUBMITTING or not task.timeline:
        return None
    waited_s = now - task.timeline[-1].at
    return waited_s if waited_s >= _MIN_WAIT_S else None


@lru_cache(maxsize=256)
def _truncated_name(name: str, cells: int) -> str:
    """Return `name` sanitized and truncated; cached, because rows are rendered often."""
    return sanitize(name, cells, truncate_at="middle")


def _mark(row: _Row, cells: int) -> Cell:
    return row.pad("*" if row.is_marked else "", cells, "mark")


def _state(row: _Row, cells: int) -> Cell:
    task = row.task
    if cells == 1:
        return row.pad(
            outcome_label(task)[0], cells, "doubtful" if task.is_doubtful else task.state
        )
    if row.forecast.stalled_for_s is not None:
        text = f"{formats.STALLED_GLYPH} {formats.stalled_word()}"
        return row.pad(text, cells, "stalled")
    if task.is_doubtful:
        return row.pad(" ".join(outcome_label(task)), cells, "doubtful")
    sign = formats.task_glyph(task)
    text = f"{sign} {formats.task_label(task)}"
    if row.is_narrow and task.state is TaskState.UNCONFIRMED and was_found(task):
        text = f"{sign} {found_word()}"
    return row.pad(text, cells, task.state)


def _name(row: _Row, cells: int) -> Cell:
    shown = _truncated_name(display_name(row.task.name, row.task.url), cells)
    return _highlight_hits(shown, cells, row.context, "mark" if row.is_marked else "")


def _progress(row: _Row, cells: int) -> Cell:
    task = row.task
    if (waited_s := create_wait_s(task, row.context.now)) is not None:
        text = _("waiting {time}").format(time=formats.duration(waited_s))
        return row.pad(text if width(text) <= cells else "", cells, "muted")
    if task.state is TaskState.UNCONFIRMED and not row.is_narrow:
        return row.pad(look_result(task), cells, task.state)
    if task.sent_at is None:
        place = row.context.places.get(task.id)
        text = "" if place is None else f"#{place}"
        return row.pad(text if width(text) <= cells else "", cells, "muted")
    text = formats.percent(task.percent).rjust(4)
    style_class = task.state if row.forecast.stalled_for_s is None else "stalled"
    if cells <= len(text):
        return row.pad(text, cells, style_class)
    done, rest = bar_parts(task.percent, cells - len(text) - 1)
    return (Span(text, style_class), Span(" "), Span(done, style_class), Span(rest, "track"))


def _eta(row: _Row, cells: int) -> Cell:
    estimate, task = row.forecast, row.task
    if task.state is TaskState.UNCONFIRMED and task.arrival is not None and not row.is_narrow:
        time = look_time(task, now=row.context.now)
        text = _("looked {time}").format(time=time)
        return row.pad(text if width(text) <= cells else time, cells, "muted")
    if task.is_unknown:
        return row.pad(_("not known"), cells, "stalled")
    if estimate.stalled_for_s is not None:
        text = _("idle {time}").format(time=formats.age(estimate.stalled_for_s))
        return row.pad(text, cells, "stalled")
    if estimate.is_full_but_running:
        return row.pad(_("finishing"), cells, "muted")
    if estimate.eta_s is not None:
        return row.pad(formats.eta(estimate.eta_s), cells)
    return row.pad(_("% dropped") if estimate.went_backwards else "", cells, "muted")


def _pace(row: _Row, cells: int) -> Cell:
    pace = row.forecast.percent_per_s
    is_moving = pace is not None and row.forecast.eta_s is not None
    return row.pad(formats.pace(pace or 0) if is_moving else "", cells, "muted")


def _folder(row: _Row, cells: int) -> Cell:
    folder_id = row.task.folder_id
    if folder_id is None:
        return row.pad(DEFAULT_FOLDER, cells, "muted")
    name = row.context.folder_names.get(folder_id, f"#{folder_id}")
    return _highlight_hits(sanitize(name, cells), cells, row.context, "")


def _batch(row: _Row, cells: int) -> Cell:
    text = formats.batch_label(batch_name(row.task), row.context.now)
    return row.pad(text, cells, "" if row.task.batch else "muted")


def _task_id(row: _Row, cells: int) -> Cell:
    return row.pad("" if row.task.task_id is None else str(row.task.task_id), cells, "muted")


def _age(row: _Row, cells: int) -> Cell:
    return row.pad(formats.coarse_ago(row.context.now - row.task.created_at), cells, "muted")


def _checked(row: _Row, cells: int) -> Cell:
    checked_at = row.task.checked_at
    if checked_at is None or not row.task.is_active:
        return row.pad("", cells)
    return row.pad(formats.freshness(row.context.now - checked_at), cells, "muted")


def _host(row: _Row, cells: int) -> Cell:
    host = sanitize(host_of(row.task.url), cells, truncate_at="middle")
    return _highlight_hits(host, cells, row.context, "muted")


def _reason(row: _Row, cells: int) -> Cell:
    style_class = "" if failure_reason(row.task) else "muted"
    shown = sanitize(shown_reason(row.task), cells)
    return _highlight_hits(shown, cells, row.context, style_class)


def _highlight_hits(shown: str, cells: int, context: RowContext, style_class: str) -> Cell:
    """Split `shown` at each search hit, and pad it to `cells`."""
    blank = Span(" " * (cells - width(shown)))
    if not context.highlight:
        return (Span(shown, style_class), blank)
    words = "|".join(map(re.escape, sorted(context.highlight, key=len, reverse=True)))
    parts = re.split(f"({words})", shown, flags=re.IGNORECASE)
    spans = (
        Span(part, "hit" if index % 2 else style_class) for index, part in enumerate(parts) if part
    )
    return (*spans, blank)


_Renderer = Callable[[_Row, int], Cell]
_RENDERERS: Mapping[TaskColumn, _Renderer] = {
    TaskColumn.MARK: _mark,
    TaskColumn.STATE: _state,
    TaskColumn.NAME: _name,
    TaskColumn.PROGRESS: _progress,
    TaskColumn.ETA: _eta,
    TaskColumn.PACE: _pace,
    TaskColumn.FOLDER: _folder,
    TaskColumn.BATCH: _batch,
    TaskColumn.TASK_ID: _task_id,
    TaskColumn.AGE: _age,
    TaskColumn.CHECKED: _checked,
    TaskColumn.HOST: _host,
    TaskColumn.REASON: _reason,
}
