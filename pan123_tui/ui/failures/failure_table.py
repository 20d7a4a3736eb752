"""The list of what failed: each host with its links below it."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct
from rich.segment import Segments
from textual.content import Content
from textual.message import Message

from pan123_tui.domain.link_probe import HostGroup, ProbeResult, ProbeStatus, is_private
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.domain.search import display_name
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.i18n import _, join_list, ngettext
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.table_line import GAP, Cell, Span
from pan123_tui.ui.widgets.virtual_table import Heading, StyledTable
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import link_check_text, link_check_word, reason_hint

ROOMY_CELLS = 60
"""From here on a state is named, not only signed."""
_INDENT = "  "
_MUTED = "$text-muted"


class ProbeResults(Struct, frozen=True):
    """What the tests of links say; both change while tests run."""

    checks: Mapping[str, ProbeResult]
    """Link → the latest result."""
    running: AbstractSet[str]
    """The links that are being tested."""


class Keys(Struct, frozen=True):
    """The names of the keys that the details tell of."""

    test: str
    """Empty: nothing can be tested."""
    retry_host: str


def widths(total: int) -> tuple[int, int, int]:
    """Share `total` cells among state, name and reason."""
    state = len(_INDENT) + 1
    if total >= ROOMY_CELLS:
        state += 1 + max(width(formats.state_label(state)) for state in FAILED_STATES)
    reason = max(16, total * 2 // 5) if total >= ROOMY_CELLS else max(14, total // 3)
    return state, max(1, total - state - reason - 2 * GAP), reason


def columns(total: int) -> tuple[tuple[str, str, int], ...]:
    """Lay out the columns, each as its key, its label and its cells: a host is above its tasks."""
    state, name, reason = widths(total)
    word = _("state") if total >= ROOMY_CELLS else ""
    label = pad_or_truncate(_INDENT + word, state + GAP) + _("name")
    return ("task", label, state + GAP + name), (
        "reason",
        pad_or_truncate(_("reason"), reason),
        reason,
    )


def host_cells(group: HostGroup, total: int) -> tuple[Cell, ...]:
    """Draw the line of a host: its name, and how many of its links failed."""
    (_key, _label, room), (_key, _label, reason) = columns(total)
    count = " " * GAP + _count(group)
    name = sanitize(group.host, max(room - width(count), 1))
    counted = Span(pad_or_truncate(count, max(room - width(name), 0)), "muted")
    return (Span(name, "host"), counted), (Span(" " * reason),)


def task_cells(task: Task, tested: ProbeResults, total: int) -> tuple[Cell, ...]:
    """Draw the line of a task: its state, its name, and why it failed as far as that is known."""
    cells = widths(total)
    state = f"{_INDENT}{formats.state_glyph(task.state)}"
    if total >= ROOMY_CELLS:
        state += f" {formats.state_label(task.state)}"
    name = sanitize(display_name(task.name, task.url), cells[1], truncate_at="middle")
    reason, tone = _reason(task, tested)
    return (
        (
            Span(pad_or_truncate(state, cells[0] + GAP), task.state),
            Span(name + " " * (cells[1] - width(name))),
        ),
        (Span(pad_or_truncate(reason, cells[2]), tone),),
    )


def about_task(task: Task, tested: ProbeResults, keys: Keys) -> Content:
    """Tell why `task` failed, what to do, and what a test of its link says or would show."""
    sign = formats.state_glyph(task.state)
    parts = [
        (f"{sign} {formats.state_label(task.state)}", f"bold ${STATE_TOKENS[task.state]}"),
        (sanitize(display_name(task.name, task.url)), "bold"),
        (sanitize(task.url), _MUTED),
        ("", ""),
        *_problem(task),
        *_test(task, tested, keys),
    ]
    return _lines(parts)


def about_host(group: HostGroup, keys: Keys) -> Content:
    """Tell what of a host failed, and how to try all of it again."""
    states = [(state, sum(t.state is state for t in group.tasks)) for state in TaskState]
    counts = [f"{formats.number(n)} {formats.state_label(state)}" for state, n in states if n]
    again = ngettext(
        "{key} queues the link of this host again.",
        "{key} queues all {count} links of this host again.",
        len(group.tasks),
    ).format(key=keys.retry_host, count=formats.number(len(group.tasks)))
    return _lines(
        [(sanitize(group.host), "bold $text-primary"), (join_list(counts), ""), (again, "")]
    )


_Part = tuple[str, str]
"""A line and its style."""


def _problem(task: Task) -> Iterator[_Part]:
    """Tell what the service said, and what that suggests to do."""
    style = f"${STATE_TOKENS[task.state]}"
    if task.problem is not None:
        explained = formats.explain_problem(task.problem)
        yield f"{explained.summary} {explained.details}".strip(), style
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


def _test(task: Task, tested: ProbeResults, keys: Keys) -> Iterator[_Part]:
    """Tell what the test found, and what to know before the next one."""
    if not keys.test:
        return
    yield "", ""
    check = tested.checks.get(task.url)
    if task.url in tested.running:
        yield _("The link is being tested …"), f"${STALLED_TOKEN}"
    elif check is not None:
        good = check.status is ProbeStatus.REACHABLE
        found = _("Tested from here: {verdict}").format(verdict=link_check_text(check))
        yield found, "bold $text-success" if good else f"bold ${STALLED_TOKEN}"
    host = sanitize(host_of(task.url), 80)
    warning = _("{key} tests the link from here: {host}, and wherever it leads, sees your address.")
    yield warning.format(key=keys.test, host=host), _MUTED


def _reason(task: Task, tested: ProbeResults) -> tuple[str, str]:
    if task.url in tested.running:
        return _("testing …"), "doubtful"
    if (check := tested.checks.get(task.url)) is not None:
        good = check.status is ProbeStatus.REACHABLE
        return link_check_word(check.status), "succeeded" if good else "doubtful"
    if task.fail_reason:
        return task.fail_reason, "muted"
    return (formats.explain_problem(task.problem).summary if task.problem else ""), "muted"


def _count(group: HostGroup) -> str:
    count = len(group.tasks)
    return ngettext("{count} failed", "{count} failed", count).format(count=formats.number(count))


def _lines(parts: list[_Part]) -> Content:
    return Content("\n").join(Content.styled(text, style) for text, style in parts)


class FailureTable(StyledTable):
    """Shows host groups; the cursor stands on a task, or on a host to mean all of its tasks."""

    class Highlighted(Message):
        """Another line is under the cursor, or none."""

    def __init__(self, tested: ProbeResults, *, window_rows: int = 150) -> None:
        super().__init__(window_rows=window_rows)
        self._tested = tested
        self._groups: dict[int, HostGroup] = {}
        self._tasks: dict[int, Task] = {}
        self._group_of: dict[int, HostGroup] = {}
        self._host_keys: dict[str, int] = {}
        self._highlighted: int | None = None

    def show(self, groups: Sequence[HostGroup]) -> None:
        """Show `groups`; the cursor stays where it was, or goes on to what comes next."""
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
            self.move_to(order[1])
        self.paint()
        self.post_message(self.Highlighted())

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor; None: a host is, or nothing."""
        return None if self.cursor_key is None else self._tasks.get(self.cursor_key)

    @property
    def cursor_group(self) -> HostGroup | None:
        """The host that the cursor is on or in."""
        key = self.cursor_key
        if key is None:
            return None
        return self._groups.get(key) or self._group_of.get(key)

    def headings(self, total: int) -> list[Heading]:
        return [Heading(*column) for column in columns(total)]

    def row_cells(self, key: int) -> list[Segments]:
        total = self.table_width
        if group := self._groups.get(key):
            return self.styled(host_cells(group, total))
        if (task := self._tasks.get(key)) is None:
            return self.styled([(), ()])
        return self.styled(task_cells(task, self._tested, total))

    def note_cursor(self) -> None:
        if self._highlighted != self.cursor_key:
            self._highlighted = self.cursor_key
            self.post_message(self.Highlighted())

    def _key_of(self, host: str) -> int:
        """Give the key of a host, always the same: negative, for those of tasks are positive."""
        return self._host_keys.setdefault(host, -len(self._host_keys) - 1)
