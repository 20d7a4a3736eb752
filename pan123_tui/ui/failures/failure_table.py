"""Table of failed tasks, each host followed by its links, and the details of one line."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct, field
from textual.content import Content
from textual.message import Message

from pan123_tui.domain.link_probe import HostGroup, ProbeResult, ProbeStatus, is_private
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.shown import shown_state
from pan123_tui.domain.task import FAILED_STATES, ArrivalStatus, Task, TaskState
from pan123_tui.i18n import _, join_list, join_sentences, ngettext
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.table_cell import GAP, Cell, Span
from pan123_tui.ui.widgets.virtual_table import Heading, VirtualTable
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import (
    arrival_warning,
    arrival_word,
    failure_reason,
    link_check_text,
    link_check_word,
    outcome_label,
    reason_hint,
    shown_reason,
)
from pan123_tui.wording.problems import explain_problem

ROOMY_CELLS = 60
"""Table width from which the state is written out beside its sign."""
_MIN_REASON_CELLS = 8
"""Fewer cells of a reason say nothing."""
_INDENT = "  "
_MUTED = "$text-muted"


_Part = tuple[str, str]
"""A line of the details and its style."""


class ProbeResults(Struct):
    """Results of the link tests; updated while tests run."""

    by_url: dict[str, ProbeResult] = field(default_factory=dict)
    """The latest result of each tested link."""
    running: set[str] = field(default_factory=set)
    """The links that are being tested."""


class KeyNames(Struct, frozen=True):
    """Names of the keys that the details mention."""

    test: str
    """Empty if links cannot be tested."""
    retry_host: str


def widths(total: int) -> tuple[int, int, int]:
    """Return the widths of state, name and reason in a table of `total` cells."""
    state = len(_INDENT) + 1
    if total >= ROOMY_CELLS:
        labels = map(formats.state_label, FAILED_STATES), map(arrival_word, ArrivalStatus)
        state += 1 + max(map(width, chain(*labels)))
    reason = max(16, total * 2 // 5) if total >= ROOMY_CELLS else max(14, total // 3)
    return state, max(1, total - state - reason - 2 * GAP), reason


def columns(total: int) -> tuple[tuple[str, str, int], ...]:
    """Return key, label and width of each column in a table of `total` cells."""
    state, name, reason = widths(total)
    word = _("state") if total >= ROOMY_CELLS else ""
    label = pad_or_truncate(_INDENT + word, state + GAP) + _("name")
    return ("task", label, state + GAP + name), (
        "reason",
        pad_or_truncate(_("reason"), reason),
        reason,
    )


def host_cells(group: HostGroup, total: int) -> tuple[Cell, ...]:
    """Render a host: its name, and how many of its links failed."""
    (_key, _label, available), (_key, _label, reason) = columns(total)
    failed = ngettext("{count} failed", "{count} failed", len(group.tasks))
    count = " " * GAP + failed.format(count=formats.number(len(group.tasks)))
    name = sanitize(group.host, max(available - width(count), 1))
    counted = Span(pad_or_truncate(count, max(available - width(name), 0)), "muted")
    return (Span(name, "host"), counted), (Span(" " * reason),)


def task_cells(task: Task, probes: ProbeResults, total: int) -> tuple[Cell, ...]:
    """Render a task: its state, its name, and the reason of the failure if it is known."""
    cells = widths(total)
    sign, word = outcome_label(task)
    state = f"{_INDENT}{sign}" + (f" {word}" if total >= ROOMY_CELLS else "")
    name = sanitize(display_name(task.name, task.url), cells[1], truncate_at="middle")
    return (
        (
            Span(pad_or_truncate(state, cells[0] + GAP), _style_class(task)),
            Span(name + " " * (cells[1] - width(name))),
        ),
        _reason_cell(task, probes, cells[2]),
    )


def task_details(task: Task, probes: ProbeResults, keys: KeyNames) -> Content:
    """Render why `task` failed, what to do, and the result or the cost of testing its link."""
    parts = [
        (" ".join(outcome_label(task)), f"bold ${_token(task)}"),
        (sanitize(display_name(task.name, task.url)), "bold"),
        (sanitize(task.url), _MUTED),
        ("", ""),
        *_problem_lines(task),
        *_probe_lines(task, probes, keys),
    ]
    return _lines(parts)


def host_details(group: HostGroup, keys: KeyNames) -> Content:
    """Render how many tasks of a host failed in which way, and the key that retries them."""
    states = list(TaskState)
    found = Counter((states.index(task.state), outcome_label(task)[1]) for task in group.tasks)
    counts = [f"{formats.number(count)} {word}" for (_state, word), count in sorted(found.items())]
    retry = ngettext(
        "{key} queues the link of this host again.",
        "{key} queues all {count} links of this host again.",
        len(group.tasks),
    ).format(key=keys.retry_host, count=formats.number(len(group.tasks)))
    return _lines(
        [(sanitize(group.host), "bold $text-primary"), (join_list(counts), ""), (retry, "")]
    )


def _problem_lines(task: Task) -> Iterator[_Part]:
    """Yield what the service reported, and what to do about it."""
    style = f"${_token(task)}"
    if task.is_doubtful and task.arrival:
        what, advice = arrival_warning(task.arrival.status)
        yield what, style
        yield advice, ""
        return
    if task.problem is not None:
        explained = explain_problem(task.problem, task.state)
        yield join_sentences(explained.summary, explained.details), style
        yield explained.hint, ""
    if task.fail_reason:
        reason = sanitize(task.fail_reason, 400)
        yield _("The service's reason: “{reason}”").format(reason=reason), style
    if hint := reason_hint(task.fail_reason or (task.problem.message if task.problem else "")):
        yield hint, ""
    if is_private(task.url):
        yield _("The link is for a private network only: the service cannot reach it."), style
    if task.problem is None and not task.fail_reason:
        yield _("The service gave no reason: test the link, or look at it in a browser."), ""


def _probe_lines(task: Task, probes: ProbeResults, keys: KeyNames) -> Iterator[_Part]:
    """Yield the result of the link's test, and the warning before the next one."""
    if not keys.test:
        return
    yield "", ""
    probe = probes.by_url.get(task.url)
    if task.url in probes.running:
        yield _("Testing the link…"), f"${STALLED_TOKEN}"
    elif probe is not None:
        result = _("Tested from here: {verdict}").format(verdict=link_check_text(probe))
        is_reachable = probe.status is ProbeStatus.REACHABLE
        yield result, "bold $text-success" if is_reachable else f"bold ${STALLED_TOKEN}"
    host = sanitize(host_of(task.url), 80)
    warning = _(
        "{key} tests the link from here with the User-Agent of the service's downloader:"
        " {host}, and wherever it leads, sees your address."
    )
    yield warning.format(key=keys.test, host=host), _MUTED


def _reason_cell(task: Task, probes: ProbeResults, cells: int) -> Cell:
    """Render the state or the result of the link's test, if any, before the reason."""
    reason = failure_reason(task)
    if task.url in probes.running:
        word, style_class = _("testing…"), "stalled"
    elif (probe := probes.by_url.get(task.url)) is not None:
        word = link_check_word(probe.status)
        style_class = "done" if probe.status is ProbeStatus.REACHABLE else "stalled"
    else:
        return (Span(pad_or_truncate(shown_reason(task), cells), "muted"),)
    if not reason or width(word) + _MIN_REASON_CELLS > cells:
        return (Span(pad_or_truncate(word, cells), style_class),)
    rest = pad_or_truncate(f" · {reason}", cells - width(word))
    return Span(word, style_class), Span(rest, "muted")


def _style_class(task: Task) -> str:
    return shown_state(task)


def _token(task: Task) -> str:
    return STALLED_TOKEN if task.is_doubtful else STATE_TOKENS[task.state]


def _lines(parts: list[_Part]) -> Content:
    return Content("\n").join(Content.styled(text, style) for text, style in parts)


class FailureTable(VirtualTable):
    """Lists hosts and their tasks; with the cursor on a host, actions apply to all its tasks."""

    class Highlighted(Message):
        """The line under the cursor has changed."""

    def __init__(self, probes: ProbeResults, *, window_rows: int = 150) -> None:
        super().__init__(window_rows=window_rows)
        self._probes = probes
        self._groups: dict[int, HostGroup] = {}
        self._tasks: dict[int, Task] = {}
        self._group_of: dict[int, HostGroup] = {}
        self._host_keys: dict[str, int] = {}
        self._highlighted: int | None = None

    def show(self, groups: Sequence[HostGroup]) -> None:
        """Show `groups`; the cursor stays on its line, or moves to the nearest that is left."""
        is_first = not self._host_keys
        keyed = {self._key_of(group.host): group for group in groups}
        self._groups = keyed
        self._group_of = {task.id: group for group in groups for task in group.tasks}
        self._tasks = {task.id: task for group in groups for task in group.tasks}
        order = [
            key for host, group in keyed.items() for key in (host, *(t.id for t in group.tasks))
        ]
        self.reorder(order)
        if is_first and len(order) > 1:
            self._scroll_to_index(1, 0)  # the first task, below its host
        self.paint()
        self.post_message(self.Highlighted())

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor; None on a host and in an empty table."""
        return None if self.cursor_key is None else self._tasks.get(self.cursor_key)

    @property
    def cursor_group(self) -> HostGroup | None:
        """The host under the cursor, or that of the task under it."""
        key = self.cursor_key
        if key is None:
            return None
        return self._groups.get(key) or self._group_of.get(key)

    def headings(self, total: int) -> list[Heading]:
        return [Heading(*column) for column in columns(total)]

    def row_cells(self, key: int) -> Sequence[Cell]:
        total = self.table_width
        if group := self._groups.get(key):
            return host_cells(group, total)
        if (task := self._tasks.get(key)) is None:
            return ((), ())
        return task_cells(task, self._probes, total)

    def cursor_changed(self) -> None:
        if self._highlighted != self.cursor_key:
            self._highlighted = self.cursor_key
            self.post_message(self.Highlighted())

    def _key_of(self, host: str) -> int:
        """Return a stable row key for `host`: negative, because those of tasks are positive."""
        return self._host_keys.setdefault(host, -len(self._host_keys) - 1)
