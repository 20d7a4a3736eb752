"""The pane that tells everything about the task under the cursor."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from pan123_tui.domain.forecast import Forecast, forecast, percent_history
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import N_, _, join_list, with_parenthetical
from pan123_tui.ui.dashboard.history import TimelineRow, chart, timeline
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.styled_text import (
    Line,
    StyledSpan,
    bar_parts,
    changed_rows,
    content_of,
    folded,
    wrapped,
)
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import DOUBT_SIGN, arrival_warning

MIN_CELLS = 20
_MUTED = "$text-muted"
_HEADING = "bold $text-secondary"
_CHART_ROWS = 4
_CHART_CELLS = 60
_AXIS_CELLS = 5
_KNOWN_STATUSES = (None, 0, 1, 2, 3)


class Detail(Struct, frozen=True):
    """A task and all else that decides about its lines."""

    task: Task
    now: float
    """Unix seconds."""
    folder_name: str = ""
    """The target folder's name, where it is known."""
    retry_key: str = "r"
    forget_key: str = "d"


def detail_lines(detail: Detail, cells: int) -> list[Line]:
    """Lay out all of `detail`, at most `cells` cells wide (20 at least), nothing cut."""
    cells = max(cells, MIN_CELLS)
    parts = (_head, _problem, _doubt, _progress, _fields, _chart, _timeline)
    lines: list[Line] = []
    for part in parts:
        if found := part(detail, cells):
            lines += [(), *found] if lines else found
    return lines


def _head(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    sign = formats.state_glyph(task.state)
    words = f"{sign} {formats.state_label(task.state)}"
    if task.status not in _KNOWN_STATUSES:
        words += " " + _("(status {status})").format(status=task.status)
    state = wrapped(words, cells, f"bold ${STATE_TOKENS[task.state]}")
    return [*state, *folded(task.name or guess_name(task.url), cells, "bold")]


def _problem(detail: Detail, cells: int) -> list[Line]:
    """Explain what went wrong, what it means, and which keys help."""
    task = detail.task
    lines: list[Line] = []
    token = STATE_TOKENS[task.state]
    if task.problem is not None:
        explanation = formats.explain_problem(task.problem)
        lines += wrapped(explanation.summary, cells, f"${token}")
        if task.state is not TaskState.UNCONFIRMED:
            lines += wrapped(explanation.hint, cells)
    if task.state is TaskState.UNCONFIRMED:
        risk = _("The request may have reached the service; sending again may download twice.")
        keys = _("{retry} sends again, {forget} forgets.").format(
            retry=detail.retry_key, forget=detail.forget_key
        )
        lines += [*wrapped(risk, cells, f"${token}"), *wrapped(keys, cells, "bold")]
    return lines


def _doubt(detail: Detail, cells: int) -> list[Line]:
    """Say what is wrong with the file that arrived, or that none did."""
    arrival = detail.task.arrival
    if arrival is None or not arrival.is_suspect:
        return []
    what, advice = arrival_warning(arrival.status)
    warning = wrapped(f"{DOUBT_SIGN} {what}", cells, f"bold ${STALLED_TOKEN}")
    return [*warning, *wrapped(advice, cells)]


def _progress(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    if task.sent_at is None:
        return []
    words = formats.percent(task.percent, decimals=1)
    size = min(cells - len(words) - 1, _CHART_CELLS)
    done, rest = bar_parts(task.percent, size)
    style = f"${STATE_TOKENS[task.state]}"
    lines: list[Line] = [
        (StyledSpan(done, style), StyledSpan(rest, _MUTED), StyledSpan(f" {words}", "bold"))
    ]
    if task.is_active:
        lines += [
            line
            for words, style in _outlook(forecast(task, detail.now))
            for line in wrapped(words, cells, style)
        ]
    return lines


def _outlook(seen: Forecast) -> Iterator[tuple[str, str]]:
    """Say how fast it goes, when it may end, and what is odd about it."""
    if seen.stalled_for_s is not None:
        time = formats.duration(seen.stalled_for_s)
        words = _("{stalled}: no change for {time}").format(
            stalled=formats.stalled_word(), time=time
        )
        yield words, f"bold ${STALLED_TOKEN}"
    if seen.is_full_but_running:
        yield _("100% but still running"), f"${STALLED_TOKEN}"
    if seen.went_backwards:
        yield _("The percentage went backwards."), f"${STALLED_TOKEN}"
    known = [formats.pace(seen.percent_per_s)] if seen.percent_per_s else []
    if seen.eta_s is not None:
        known.append(_("{time} left").format(time=formats.eta(seen.eta_s)))
    if known:
        yield join_list(known), ""


def _fields(detail: Detail, cells: int) -> list[Line]:
    rows = [(label, value) for label, value in _facts(detail) if value]
    labels = max(width(label) for label, _ in rows) + 2
    if cells - labels < 16:
        return [line for row in rows for line in _stacked(*row, cells)]
    return [line for row in rows for line in _beside(*row, labels, cells)]


def _facts(detail: Detail) -> Iterator[tuple[str, str]]:
    task, now = detail.task, detail.now
    problem = task.problem
    yield _("Link"), task.url
    yield _("Name"), task.name or _("left to the service")
    yield _("Folder"), _folder(detail)
    yield "taskID", _number(task.task_id)
    if task.arrival is not None and task.arrival.name:
        yield _("Saved as"), task.arrival.name
        yield _("Size"), formats.size(task.arrival.size)
    yield _("File id"), _number(task.file_id)
    yield _("Reason"), task.fail_reason
    if problem is not None:
        yield _("Message"), problem.message
        yield _("Code"), _number(problem.code)
        yield _("Trace id"), problem.trace_id
    yield _("Retries"), _number(task.retries or None)
    yield _("Added"), _moment(task.created_at, now)
    yield _("Sent"), _moment(task.sent_at, now)
    yield _("Finished"), _moment(task.finished_at, now)
    if task.checked_at is not None and task.is_active:
        yield _("Checked"), formats.ago(now - task.checked_at)
    yield _("Callback"), task.callback_url
    yield _("Number"), _number(task.id)


def _folder(detail: Detail) -> str:
    folder_id = detail.task.folder_id
    if folder_id is None:
        return _("the service's own (来自:离线下载)")
    return (
        with_parenthetical(detail.folder_name, str(folder_id))
        if detail.folder_name
        else str(folder_id)
    )


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(at: float | None, now: float) -> str:
    return "" if at is None else formats.moment(at, now)


def _beside(label: str, value: str, labels: int, cells: int) -> list[Line]:
    lead = label + " " * (labels - width(label))
    lines = folded(value, cells - labels)
    return [
        (StyledSpan(lead if index == 0 else " " * labels, _MUTED), *line)
        for index, line in enumerate(lines)
    ]


def _stacked(label: str, value: str, cells: int) -> list[Line]:
    return [(StyledSpan(label, _MUTED),), *folded(value, cells)]


def _chart(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    size = min(cells - _AXIS_CELLS, _CHART_CELLS)
    points = percent_history(task)
    drawn = chart(points, size, _CHART_ROWS)
    if not drawn:
        return []
    style = f"${STATE_TOKENS[task.state]}"
    axis = ["100% ", *[" " * _AXIS_CELLS] * (_CHART_ROWS - 2), "  0% "]
    rows: list[Line] = [
        (StyledSpan(mark, _MUTED), StyledSpan(row, style))
        for mark, row in zip(axis, drawn, strict=True)
    ]
    heading: Line = (StyledSpan(_("Progress over time"), _HEADING),)
    return [heading, *rows, _time_axis(points[0].at, points[-1].at, detail.now, size)]


def _time_axis(start: float, end: float, now: float, cells: int) -> Line:
    first, last = formats.moment(start, now), formats.moment(end, now)
    last = last if len(last) <= cells else ""
    blank = cells - len(first) - len(last)
    words = first + " " * blank + last if blank > 0 else last.rjust(cells)
    return (StyledSpan(" " * _AXIS_CELLS + words, _MUTED),)


def _timeline(detail: Detail, cells: int) -> list[Line]:
    lines: list[Line] = [(StyledSpan(_("What happened"), _HEADING),)]
    entries = timeline(detail.task, now=detail.now)
    if not entries:
        return []
    times = [formats.moment(entry.at, detail.now) for entry in entries]
    column = max(map(len, times)) + 1
    told_problem = None
    for entry, time in zip(entries, times, strict=True):
        words = f"{_sign(entry)} {entry.words}"
        if entry.problem is not None and entry.problem != told_problem:
            words += f": {formats.explain_problem(entry.problem).summary}"
        if entry.state is not None:
            told_problem = entry.problem
        token = STALLED_TOKEN if entry.state is None else STATE_TOKENS[entry.state]
        told = wrapped(words, cells - column, f"${token}")
        for index, line in enumerate(told):
            lines.append((StyledSpan((time if index == 0 else "").ljust(column), _MUTED), *line))
    return lines


def _sign(entry: TimelineRow) -> str:
    if entry.state is None:
        return DOUBT_SIGN
    return formats.state_glyph(entry.state)


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
            return [(StyledSpan(_("No task under the cursor."), "$text-muted"),)]
        return detail_lines(self._detail, cells)
