"""What failed, in words: the lines of the list by hosts, and all about the one under the cursor."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct
from textual.content import Content

from pan123_tui import wording
from pan123_tui.domain.link_check import HostGroup, LinkCheck, LinkVerdict, is_private
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.domain.url import host_of
from pan123_tui.domain.visible import fitted, visible, width
from pan123_tui.i18n import _, listed, ngettext
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.lines import GAP, Cell, Run
from pan123_tui.ui.widgets.task_cells import name_of
from pan123_tui.wording_checks import link_check_text, link_check_word, reason_hint

ROOMY_CELLS = 60
"""From here on a state is named, not only signed."""
_INDENT = "  "
_MUTED = "$text-muted"


class Tested(Struct, frozen=True):
    """What the tests of links say; both change while tests run."""

    checks: Mapping[str, LinkCheck]
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
        state += 1 + max(width(wording.state_word(state)) for state in FAILED_STATES)
    reason = max(16, total * 2 // 5) if total >= ROOMY_CELLS else max(14, total // 3)
    return state, max(1, total - state - reason - 2 * GAP), reason


def columns(total: int) -> tuple[tuple[str, str, int], ...]:
    """Lay out the columns, each as its key, its label and its cells: a host is above its tasks."""
    state, name, reason = widths(total)
    word = _("state") if total >= ROOMY_CELLS else ""
    label = fitted(_INDENT + word, state + GAP) + _("name")
    return ("task", label, state + GAP + name), ("reason", fitted(_("reason"), reason), reason)


def host_cells(group: HostGroup, total: int) -> tuple[Cell, ...]:
    """Draw the line of a host: its name, and how many of its links failed."""
    (_key, _label, room), (_key, _label, reason) = columns(total)
    count = " " * GAP + _count(group)
    name = visible(group.host, max(room - width(count), 1))
    counted = Run(fitted(count, max(room - width(name), 0)), "muted")
    return (Run(name, "host"), counted), (Run(" " * reason),)


def task_cells(task: Task, tested: Tested, total: int) -> tuple[Cell, ...]:
    """Draw the line of a task: its state, its name, and why it failed as far as that is known."""
    cells = widths(total)
    state = f"{_INDENT}{wording.state_glyph(task.state)}"
    if total >= ROOMY_CELLS:
        state += f" {wording.state_word(task.state)}"
    name = visible(name_of(task.name, task.url), cells[1], cut="middle")
    reason, tone = _reason(task, tested)
    return (
        (
            Run(fitted(state, cells[0] + GAP), task.state),
            Run(name + " " * (cells[1] - width(name))),
        ),
        (Run(fitted(reason, cells[2]), tone),),
    )


def about_task(task: Task, tested: Tested, keys: Keys) -> Content:
    """Tell why `task` failed, what to do, and what a test of its link says or would show."""
    sign = wording.state_glyph(task.state)
    parts = [
        (f"{sign} {wording.state_word(task.state)}", f"bold ${STATE_TOKENS[task.state]}"),
        (visible(name_of(task.name, task.url)), "bold"),
        (visible(task.url), _MUTED),
        ("", ""),
        *_problem(task),
        *_test(task, tested, keys),
    ]
    return _lines(parts)


def about_host(group: HostGroup, keys: Keys) -> Content:
    """Tell what of a host failed, and how to try all of it again."""
    states = [(state, sum(t.state is state for t in group.tasks)) for state in TaskState]
    counts = [f"{wording.number(n)} {wording.state_word(state)}" for state, n in states if n]
    again = ngettext(
        "{key} queues the link of this host again.",
        "{key} queues all {count} links of this host again.",
        len(group.tasks),
    ).format(key=keys.retry_host, count=wording.number(len(group.tasks)))
    return _lines([(visible(group.host), "bold $text-primary"), (listed(counts), ""), (again, "")])


_Part = tuple[str, str]
"""A line and its style."""


def _problem(task: Task) -> Iterator[_Part]:
    """Tell what the service said, and what that suggests to do."""
    style = f"${STATE_TOKENS[task.state]}"
    if task.problem is not None:
        explained = wording.explain(task.problem)
        yield f"{explained.what} {explained.said}".strip(), style
        yield explained.advice, ""
    if task.fail_reason:
        reason = visible(task.fail_reason, 400)
        yield _("The service's reason: “{reason}”").format(reason=reason), style
    if hint := reason_hint(task.fail_reason or (task.problem.message if task.problem else "")):
        yield hint, ""
    if is_private(task.url):
        yield _("The link is for a private network only: the service cannot reach it."), style
    if task.problem is None and not task.fail_reason:
        yield _("The service gave no reason: test the link, or look at it in a browser."), ""


def _test(task: Task, tested: Tested, keys: Keys) -> Iterator[_Part]:
    """Tell what the test found, and what to know before the next one."""
    if not keys.test:
        return
    yield "", ""
    check = tested.checks.get(task.url)
    if task.url in tested.running:
        yield _("The link is being tested …"), f"${STALLED_TOKEN}"
    elif check is not None:
        good = check.verdict is LinkVerdict.REACHABLE
        found = _("Tested from here: {verdict}").format(verdict=link_check_text(check))
        yield found, "bold $text-success" if good else f"bold ${STALLED_TOKEN}"
    host = visible(host_of(task.url), 80)
    warning = _("{key} tests the link from here: {host}, and wherever it leads, sees your address.")
    yield warning.format(key=keys.test, host=host), _MUTED


def _reason(task: Task, tested: Tested) -> tuple[str, str]:
    if task.url in tested.running:
        return _("testing …"), "doubtful"
    if (check := tested.checks.get(task.url)) is not None:
        good = check.verdict is LinkVerdict.REACHABLE
        return link_check_word(check.verdict), "succeeded" if good else "doubtful"
    if task.fail_reason:
        return task.fail_reason, "muted"
    return (wording.explain(task.problem).what if task.problem else ""), "muted"


def _count(group: HostGroup) -> str:
    count = len(group.tasks)
    return ngettext("{count} failed", "{count} failed", count).format(count=wording.number(count))


def _lines(parts: list[_Part]) -> Content:
    return Content("\n").join(Content.styled(text, style) for text, style in parts)
