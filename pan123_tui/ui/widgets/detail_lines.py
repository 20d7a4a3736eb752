"""Everything that is known of one task, as lines for a pane of a given width: pure."""

from collections.abc import Iterator

from msgspec import Struct

from pan123_tui import wording
from pan123_tui.domain.forecast import Forecast, forecast, history
from pan123_tui.domain.naming import guess_name
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.visible import width
from pan123_tui.i18n import _, listed, with_aside
from pan123_tui.ui.formatting import bar_parts
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.history_chart import chart
from pan123_tui.ui.widgets.styled_lines import Line, Run, folded, wrapped
from pan123_tui.ui.widgets.timeline import Entry, timeline
from pan123_tui.wording_arrivals import DOUBT_SIGN, arrival_doubt

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
    sign = wording.state_glyph(task.state)
    words = f"{sign} {wording.state_word(task.state)}"
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
        explanation = wording.explain(task.problem)
        lines += wrapped(explanation.what, cells, f"${token}")
        if task.state is not TaskState.UNCONFIRMED:
            lines += wrapped(explanation.advice, cells)
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
    if arrival is None or not arrival.is_wrong:
        return []
    what, advice = arrival_doubt(arrival.verdict)
    warning = wrapped(f"{DOUBT_SIGN} {what}", cells, f"bold ${STALLED_TOKEN}")
    return [*warning, *wrapped(advice, cells)]


def _progress(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    if task.sent_at is None:
        return []
    words = wording.percent(task.percent, decimals=1)
    size = min(cells - len(words) - 1, _CHART_CELLS)
    done, rest = bar_parts(task.percent, size)
    style = f"${STATE_TOKENS[task.state]}"
    lines: list[Line] = [(Run(done, style), Run(rest, _MUTED), Run(f" {words}", "bold"))]
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
        time = wording.duration(seen.stalled_for_s)
        words = _("{stalled}: no change for {time}").format(
            stalled=wording.stalled_word(), time=time
        )
        yield words, f"bold ${STALLED_TOKEN}"
    if seen.is_full_but_running:
        yield _("100% but still running"), f"${STALLED_TOKEN}"
    if seen.went_backwards:
        yield _("The percentage went backwards."), f"${STALLED_TOKEN}"
    known = [wording.pace(seen.pace_per_s)] if seen.pace_per_s else []
    if seen.eta_s is not None:
        known.append(_("{time} left").format(time=wording.eta(seen.eta_s)))
    if known:
        yield listed(known), ""


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
        yield _("Size"), wording.size(task.arrival.size)
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
        yield _("Checked"), wording.ago(now - task.checked_at)
    yield _("Callback"), task.callback_url
    yield _("Number"), _number(task.id)


def _folder(detail: Detail) -> str:
    folder_id = detail.task.folder_id
    if folder_id is None:
        return _("the service's own (来自:离线下载)")
    return with_aside(detail.folder_name, str(folder_id)) if detail.folder_name else str(folder_id)


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(at: float | None, now: float) -> str:
    return "" if at is None else wording.moment(at, now)


def _beside(label: str, value: str, labels: int, cells: int) -> list[Line]:
    lead = label + " " * (labels - width(label))
    lines = folded(value, cells - labels)
    return [
        (Run(lead if index == 0 else " " * labels, _MUTED), *line)
        for index, line in enumerate(lines)
    ]


def _stacked(label: str, value: str, cells: int) -> list[Line]:
    return [(Run(label, _MUTED),), *folded(value, cells)]


def _chart(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    size = min(cells - _AXIS_CELLS, _CHART_CELLS)
    points = history(task)
    drawn = chart(points, size, _CHART_ROWS)
    if not drawn:
        return []
    style = f"${STATE_TOKENS[task.state]}"
    axis = ["100% ", *[" " * _AXIS_CELLS] * (_CHART_ROWS - 2), "  0% "]
    rows: list[Line] = [
        (Run(mark, _MUTED), Run(row, style)) for mark, row in zip(axis, drawn, strict=True)
    ]
    heading: Line = (Run(_("Progress over time"), _HEADING),)
    return [heading, *rows, _time_axis(points[0].at, points[-1].at, detail.now, size)]


def _time_axis(start: float, end: float, now: float, cells: int) -> Line:
    first, last = wording.moment(start, now), wording.moment(end, now)
    last = last if len(last) <= cells else ""
    blank = cells - len(first) - len(last)
    words = first + " " * blank + last if blank > 0 else last.rjust(cells)
    return (Run(" " * _AXIS_CELLS + words, _MUTED),)


def _timeline(detail: Detail, cells: int) -> list[Line]:
    lines: list[Line] = [(Run(_("What happened"), _HEADING),)]
    entries = timeline(detail.task, now=detail.now)
    if not entries:
        return []
    times = [wording.moment(entry.at, detail.now) for entry in entries]
    column = max(map(len, times)) + 1
    told_problem = None
    for entry, time in zip(entries, times, strict=True):
        words = f"{_sign(entry)} {entry.words}"
        if entry.problem is not None and entry.problem != told_problem:
            words += f": {wording.explain(entry.problem).what}"
        if entry.state is not None:
            told_problem = entry.problem
        token = STALLED_TOKEN if entry.state is None else STATE_TOKENS[entry.state]
        told = wrapped(words, cells - column, f"${token}")
        for index, line in enumerate(told):
            lines.append((Run((time if index == 0 else "").ljust(column), _MUTED), *line))
    return lines


def _sign(entry: Entry) -> str:
    if entry.state is None:
        return DOUBT_SIGN
    return wording.state_glyph(entry.state)
