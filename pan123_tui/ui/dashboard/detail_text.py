"""The details of one task as lines of text, without Textual."""

from collections.abc import Iterator

from msgspec import Struct

from pan123_tui.domain.arrival_check import is_check_pending, was_found
from pan123_tui.domain.forecast import Forecast, forecast, percent_history
from pan123_tui.domain.link_probe import ProbeStatus, is_private
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.sanitize import sanitize, width
from pan123_tui.domain.shown import SHOWN_AS, Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, with_parenthetical
from pan123_tui.ui.dashboard.history import chart, timeline
from pan123_tui.ui.keymap import KeyNames
from pan123_tui.ui.link_probe import LinkProber
from pan123_tui.ui.theme import SHOWN_TOKENS, STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.styled_text import (
    Line,
    StyledSpan,
    bar_parts,
    folded,
    wrapped,
)
from pan123_tui.wording import formats
from pan123_tui.wording.notes import NoteContext, failure_reason, note
from pan123_tui.wording.outcomes import (
    arrival_warning,
    link_check_text,
    look_text,
    next_look_text,
)
from pan123_tui.wording.problems import explain_problem

MIN_CELLS = 20
_MUTED = "$text-muted"
_HEADING = "bold $text-secondary"
_CHART_ROWS = 4
_CHART_CELLS = 60
_AXIS_CELLS = 5
_KNOWN_STATUSES = (None, 0, 1, 2, 3)


NO_PROBER = LinkProber(None)


class Detail(Struct, frozen=True):
    """A task and what its details depend on besides."""

    task: Task
    notes: NoteContext
    keys: KeyNames
    """The names of the dashboard's keys by binding id."""
    prober: LinkProber = NO_PROBER

    @property
    def now(self) -> float:
        """Unix seconds."""
        return self.notes.now


def detail_lines(detail: Detail, cells: int) -> list[Line]:
    """Return all details as lines of at most `cells` cells (20 at least), wrapped."""
    cells = max(cells, MIN_CELLS)
    parts = (
        _head,
        _wait,
        _problem,
        _link_test,
        _arrival,
        _progress,
        _fields,
        _file,
        _chart,
        _timeline,
    )
    lines: list[Line] = []
    for part in parts:
        if found := part(detail, cells):
            lines += [(), *found] if lines else found
    return lines


def _head(detail: Detail, cells: int) -> list[Line]:
    """Return word, name and link of the task, and its note where nothing else explains it."""
    task, shown = detail.task, shown_state(detail.task)
    word = f"{formats.shown_glyph(shown)} {formats.shown_label(shown)}"
    lines = wrapped(word, cells, f"bold ${SHOWN_TOKENS[shown]}")
    if shown in (Shown.QUEUED, Shown.SENDING) or task.state is TaskState.RETRYING:
        lines += wrapped(note(task, detail.notes), cells)
    name = folded(task.name or guess_name(task.url), cells, "bold")
    return [*lines, *name, *folded(task.url, cells, _MUTED)]


def _wait(detail: Detail, cells: int) -> list[Line]:
    """Return that a queued link waits for the user, and which key lets it go on."""
    if detail.task.state is not TaskState.QUEUED or not detail.notes.status.is_paused:
        return []
    text = _("Sending is paused: {key} resumes.").format(key=detail.keys["queue.pause"])
    return wrapped(text, cells, "bold $text-warning")


def _problem(detail: Detail, cells: int) -> list[Line]:
    """Return what went wrong, what it means, and which keys help."""
    task = detail.task
    lines: list[Line] = []
    token = STATE_TOKENS[task.state]
    if task.problem is not None:
        explanation = explain_problem(task.problem, task.state)
        lines += wrapped(explanation.summary, cells, f"${token}")
        if task.state is not TaskState.UNCONFIRMED:
            lines += wrapped(explanation.hint, cells)
    elif task.state is TaskState.FAILED and not failure_reason(task):
        lines += wrapped(_("No reason given."), cells, f"${token}")
        lines += wrapped(
            _("Only a callback gives the reason: see [callback] in config.toml."), cells
        )
    if task.has_failed and is_private(task.url):
        text = _("The link is for a private network only: 123pan cannot reach it.")
        lines += wrapped(text, cells, f"${token}")
    if task.state is TaskState.UNCONFIRMED:
        risk = _("The request may have reached 123pan; sending again may download twice.")
        lines += wrapped(risk, cells, f"${token}")
        lines += [line for it in _look_texts(detail) for line in wrapped(it, cells, "bold")]
    if task.is_unsure:
        keys = _("{retry}: it arrived, or send again; {forget}: remove.").format(
            retry=detail.keys["tasks.retry"], forget=detail.keys["tasks.remove"]
        )
        lines += wrapped(keys, cells, "bold")
    return lines


def _link_test(detail: Detail, cells: int) -> list[Line]:
    """Return the result of the link's test, and what a test costs."""
    task, prober = detail.task, detail.prober
    if prober.is_testing(task.url):
        return wrapped(_("Testing the link…"), cells, f"${STALLED_TOKEN}")
    lines: list[Line] = []
    if result := prober.results.get(task.url):
        text = _("Tested from this machine: {verdict}").format(verdict=link_check_text(result))
        is_reachable = result.status is ProbeStatus.REACHABLE
        style = "bold $text-success" if is_reachable else f"bold ${STALLED_TOKEN}"
        lines += wrapped(text, cells, style)
    if prober.is_possible and task.has_failed:
        warning = _("{key} tests the link from this machine: {host} sees your address.")
        host = sanitize(host_of(task.url), 80)
        lines += wrapped(warning.format(key=detail.keys["tasks.test"], host=host), cells, _MUTED)
    return lines


def _look_texts(detail: Detail) -> Iterator[str]:
    """Yield what the folder of an unconfirmed task has shown, and when it is looked into next."""
    task, now = detail.task, detail.now
    if looked := look_text(task, now=now):
        yield looked
    if not was_found(task):
        looks, key = detail.notes.checks_arrivals, detail.keys["tasks.poll"]
        yield next_look_text(task, now=now, looks=looks, key=key)


def _arrival(detail: Detail, cells: int) -> list[Line]:
    """Return what is wrong with the file that arrived, or that this is not known yet."""
    task = detail.task
    if detail.notes.checks_arrivals and is_check_pending(task, now=detail.now):
        text = _("Looking for the file in its folder; if it does not arrive, this line says so.")
        return wrapped(text, cells, _MUTED)
    if not task.is_doubtful or task.arrival is None:
        return []
    what, advice = arrival_warning(task.arrival)
    keys = _("{retry} downloads it again, {edit} edits it first.").format(
        retry=detail.keys["tasks.retry"], edit=detail.keys["tasks.edit"]
    )
    return [
        *wrapped(f"! {what}", cells, f"bold ${STALLED_TOKEN}"),
        *wrapped(advice, cells),
        *wrapped(keys, cells, "bold"),
    ]


def _progress(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    if task.sent_at is None or task.state is TaskState.SUCCEEDED:
        return []
    text = formats.percent(task.percent, decimals=1)
    size = min(cells - len(text) - 1, _CHART_CELLS)
    done, rest = bar_parts(task.percent, size)
    style = f"${STATE_TOKENS[task.state]}"
    lines: list[Line] = [
        (StyledSpan(done, style), StyledSpan(rest, _MUTED), StyledSpan(f" {text}", "bold"))
    ]
    if task.is_active:
        lines += [
            line
            for text, style in _forecast_lines(forecast(task, detail.now))
            for line in wrapped(text, cells, style)
        ]
    return lines


def _forecast_lines(estimate: Forecast) -> Iterator[tuple[str, str]]:
    """Yield the time left and what is unusual, each with its style."""
    if estimate.stalled_for_s is not None:
        time = formats.duration(estimate.stalled_for_s)
        yield _("no change for {time}").format(time=time), f"bold ${STALLED_TOKEN}"
    if estimate.is_full_but_running:
        yield _("100%, finishing"), f"${STALLED_TOKEN}"
    if estimate.eta_s is not None:
        yield _("{time} left").format(time=formats.eta(estimate.eta_s)), ""


def _fields(detail: Detail, cells: int) -> list[Line]:
    rows = [(label, value) for label, value in _field_values(detail) if value]
    labels = max(width(label) for label, _ in rows) + 2
    return [line for row in rows for line in _field_beside(*row, labels, cells)]


def _field_values(detail: Detail) -> Iterator[tuple[str, str]]:
    task, now = detail.task, detail.now
    problem = task.problem
    yield _("State"), _exact_state(task)
    yield _("Name"), task.name or _("chosen by 123pan")
    yield _("Folder"), _folder(detail)
    yield _("Batch"), task.batch
    yield "taskID", _number(task.task_id)
    if task.arrival is not None and task.arrival.name:
        yield _("Saved as"), task.arrival.name
        yield _("Size"), formats.size(task.arrival.size)
    yield _("File ID"), _number(task.file_id)
    yield _("Reason"), task.fail_reason
    if problem is not None:
        yield _("Message"), problem.message.strip()
        yield _("Code"), _number(problem.code)
        yield _("Trace ID"), problem.trace_id
    yield _("Retries"), _number(task.retries or None)
    yield _("Added"), _moment(task.created_at, now)
    yield _("Sent"), _moment(task.sent_at, now)
    yield _("Finished"), _moment(task.finished_at, now)
    if task.checked_at is not None and task.is_active:
        yield _("Checked"), formats.ago(now - task.checked_at)
    yield _("Callback"), task.callback_url
    yield _("ID"), _number(task.id)


def _exact_state(task: Task) -> str:
    """Return the state as it is stored, with the status of the service where that is unknown."""
    if task.status is not None and task.status not in _KNOWN_STATUSES:
        status = _("status {status}").format(status=task.status)
        return with_parenthetical(formats.state_label(task.state), status)
    return formats.state_label(task.state)


def _file(detail: Detail, cells: int) -> list[Line]:
    """Return which key copies a link to the file, once it is known."""
    if detail.task.file_id is None:
        return []
    text = _("{link}: copy its download link.").format(link=detail.keys["files.link"])
    return wrapped(text, cells, _MUTED)


def _folder(detail: Detail) -> str:
    if (folder_id := detail.task.folder_id) is None:
        return _("Default (来自:离线下载)")
    name = detail.notes.folder_names.get(folder_id)
    return str(folder_id) if name is None else with_parenthetical(name, str(folder_id))


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _moment(at: float | None, now: float) -> str:
    return "" if at is None else formats.moment(at, now)


def _field_beside(label: str, value: str, labels: int, cells: int) -> list[Line]:
    lead = label + " " * (labels - width(label))
    lines = folded(value, cells - labels)
    return [
        (StyledSpan(lead if index == 0 else " " * labels, _MUTED), *line)
        for index, line in enumerate(lines)
    ]


def _chart(detail: Detail, cells: int) -> list[Line]:
    task = detail.task
    if task.state is TaskState.SUCCEEDED:
        return []
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
    text = first + " " * blank + last if blank > 0 else last.rjust(cells)
    return (StyledSpan(" " * _AXIS_CELLS + text, _MUTED),)


def _timeline(detail: Detail, cells: int) -> list[Line]:
    rows = timeline(detail.task)
    if not rows:
        return []
    times = [formats.moment(row.at, detail.now) for row in rows]
    column = max(map(len, times)) + 1
    lines: list[Line] = [(StyledSpan(_("What happened"), _HEADING),)]
    last_problem = None
    for row, time in zip(rows, times, strict=True):
        text = f"{formats.shown_glyph(SHOWN_AS[row.state])} {row.text}"
        if row.problem is not None and row.problem != last_problem:
            why = explain_problem(row.problem, row.state).summary
            text = _("{what}: {why}").format(what=text, why=why)
        last_problem = row.problem
        wrapped_lines = wrapped(text, cells - column, f"${STATE_TOKENS[row.state]}")
        for index, line in enumerate(wrapped_lines):
            lines.append((StyledSpan((time if index == 0 else "").ljust(column), _MUTED), *line))
    return lines
