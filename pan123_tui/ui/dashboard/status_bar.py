"""The two lines at the foot: the tasks as a whole, the line to the service, what is wrong."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ACTIVE_STATES, TaskState
from pan123_tui.i18n import _, ngettext, with_parenthetical
from pan123_tui.ui.theme import STATE_TOKENS
from pan123_tui.ui.widgets.styled_text import (
    Line,
    StatusItem,
    changed_rows,
    content_of,
    fitted_line,
)
from pan123_tui.wording import formats

_S = TaskState
_TALLIED = (
    (_S.RUNNING, 60),
    (_S.RETRYING, 55),
    (_S.QUEUED, 58),
    (_S.SUBMITTING, 40),
    (_S.UNCONFIRMED, 65),
    (_S.FAILED, 64),
    (_S.REJECTED, 63),
    (_S.MISSING, 62),
    (_S.SUCCEEDED, 50),
)
"""The states in the order of a task's life, each with the importance of its count."""
_DISPENSABLE = 50
"""Counts up to this importance give way altogether where there is no room."""
_LONGEST_NAME = 16
_COARSE_S = 5
_JUST_NOW_S = 120.0
"""Up to here a check is called new, as in the table."""
_FRESHNESS_STEPS_S = (_JUST_NOW_S, 600.0, 3600.0, 21_600.0, 86_400.0)
"""Far apart, so that an age that rises and falls seldom changes the line."""


class StatusBarState(Struct, frozen=True):
    """Everything that the status bar shows."""

    status: Status = field(default_factory=Status)
    tallies: Mapping[TaskState, int] = field(default_factory=dict)
    now: float = 0.0
    """Unix seconds."""
    marked: int = 0
    shown: tuple[int, int] | None = None
    """How many rows of how many, when not all that the view has are in the table."""
    collected: int = 0
    """The links that the clipboard watch put into the tray."""
    is_watching: bool = False
    is_demo: bool = False


def first_line(facts: StatusBarState, cells: int) -> Line:
    """Say how many tasks are in which state, and whose account it is."""
    left = [*_demo(facts), *_tallies(facts)]
    return fitted_line(left, [*_connection(facts)], cells)


def second_line(facts: StatusBarState, cells: int) -> Line:
    """Say what is wrong or waited for, and what is going on in the window."""
    left = [*_store(facts), *_hold(facts), *_error(facts), *_to_send(facts)]
    right = [*_window(facts), *_checks(facts)]
    return fitted_line(left, right, cells)


def _demo(facts: StatusBarState) -> Iterator[StatusItem]:
    if facts.is_demo:
        yield StatusItem(100, (_(" DEMO "),), "bold $background on $warning")


def _tallies(facts: StatusBarState) -> Iterator[StatusItem]:
    for state, importance in _TALLIED:
        if count := facts.tallies.get(state, 0):
            sign = formats.state_glyph(state)
            short = f"{sign} {formats.number(count)}"
            words = [f"{short} {formats.state_label(state)}", short]
            if importance <= _DISPENSABLE:
                words.append("")
            yield StatusItem(importance, tuple(words), f"${STATE_TOKENS[state]}")


def _connection(facts: StatusBarState) -> Iterator[StatusItem]:
    words = {
        Connection.ONLINE: (_("online"), "$text-success"),
        Connection.OFFLINE: (_("offline"), "bold $text-error"),
        Connection.REFUSED: (_("account refused"), "bold $text-error"),
        Connection.NO_ACCOUNT: (_("no account"), "bold $text-warning"),
    }
    connection = facts.status.connection
    text, style = words.get(connection, (_("connecting"), "$text-muted"))
    if account := facts.status.account:
        name = sanitize(account.nickname, _LONGEST_NAME)
        yield StatusItem(52, (name, ""), "$foreground")
        if account.space_total > 0:
            yield StatusItem(
                45, (*_space(account.space_used, account.space_total), ""), "$text-muted"
            )
    if connection is Connection.ONLINE:
        yield StatusItem(66, (text, ""), style)
    else:
        yield StatusItem(90, (text,), style)


def _space(used: int, total: int) -> tuple[str, str]:
    full = _("{used} of {total} used").format(used=formats.size(used), total=formats.size(total))
    share = formats.percent(100 * used / total)
    return full, _("{percent} used").format(percent=share)


def _store(facts: StatusBarState) -> Iterator[StatusItem]:
    if problem := facts.status.store_problem:
        explanation = formats.explain_problem(problem)
        what = _("! Not saved: {what}").format(what=explanation.summary)
        full = f"{what} {explanation.hint}"
        yield StatusItem(99, (full, what, _("! not saved")), "bold $text-error")


def _hold(facts: StatusBarState) -> Iterator[StatusItem]:
    status = facts.status
    if status.hold is None:
        return
    explanation = formats.explain_problem(status.hold)
    words: tuple[str, ...]
    if status.hold_until is None:
        words = (
            _("Waiting: {what} {advice}").format(what=explanation.summary, advice=explanation.hint),
            _("Waiting: {what}").format(what=explanation.summary),
            _("waiting for you"),
        )
    else:
        wait = _coarse(status.hold_until - facts.now)
        words = (
            _("Waiting: {what} Again in {time}.").format(what=explanation.summary, time=wait),
            _("waiting, again in {time}").format(time=wait),
        )
    said = f"{words[0]} {explanation.details}".strip()
    yield StatusItem(80, (said, *words), "$text-warning")


def _error(facts: StatusBarState) -> Iterator[StatusItem]:
    status = facts.status
    problem = status.last_error
    if problem is None or problem == status.hold:
        return
    explanation = formats.explain_problem(problem)
    when = "" if status.last_error_at is None else formats.ago(facts.now - status.last_error_at)
    what, code = explanation.summary, _code(problem)
    trace = sanitize(problem.trace_id, 100)
    full = with_parenthetical(" ".join(part for part in (what, explanation.details) if part), when)
    words = (full, " ".join(part for part in (what, code, trace) if part))
    yield StatusItem(
        70, (*words, f"{what} {code}".strip(), what, code or _("error"), ""), "$text-error"
    )


def _code(problem: Problem) -> str:
    return "" if problem.code is None else _("code {code}").format(code=problem.code)


def _to_send(facts: StatusBarState) -> Iterator[StatusItem]:
    count = facts.tallies.get(_S.QUEUED, 0) + facts.tallies.get(_S.SUBMITTING, 0)
    if not count:
        return
    links = _("{links} to send").format(links=formats.count_links(count))
    if facts.status.hold is not None:
        yield StatusItem(45, (links, ""), "$text-muted")
        return
    time = formats.duration(_rounded_up(count * facts.status.create_interval_s))
    full = _("{links} to send, about {time}").format(links=formats.count_links(count), time=time)
    yield StatusItem(45, (full, links, ""), "$text-muted")


def _window(facts: StatusBarState) -> Iterator[StatusItem]:
    if facts.marked:
        words = ngettext("{count} marked", "{count} marked", facts.marked)
        yield StatusItem(
            95, (words.format(count=formats.number(facts.marked)),), "bold $text-accent"
        )
    if facts.is_watching:
        watching = (_("watching the clipboard"), _("clipboard"))
        yield StatusItem(94, watching, "bold $text-accent")
    if facts.collected:
        words = ngettext(
            "{count} new link in the tray", "{count} new links in the tray", facts.collected
        )
        count = formats.number(facts.collected)
        yield StatusItem(93, (words.format(count=count), f"+{count}"), "$text-accent")
    if facts.shown is not None:
        shown, total = map(formats.number, facts.shown)
        short = _("{shown} of {total}").format(shown=shown, total=total)
        words = _("{shown} of {total} rows shown").format(shown=shown, total=total)
        yield StatusItem(68, (words, short), "$text-muted")


def _checks(facts: StatusBarState) -> Iterator[StatusItem]:
    if not any(facts.tallies.get(state) for state in ACTIVE_STATES):
        return
    status = facts.status
    if status.rate_utilization:
        used = f"{status.rate_utilization * status.polls_per_s:.1f}".removesuffix(".0")
        words = _("{used} of {allowed} checks a second")
        yield StatusItem(
            10, (words.format(used=used, allowed=f"{status.polls_per_s:g}"), ""), "$text-muted"
        )
    if status.oldest_check_at is not None:
        yield StatusItem(20, (_freshness(facts.now - status.oldest_check_at), ""), "$text-muted")


def _freshness(age_s: float) -> str:
    """Say within which of few steps of time all was checked."""
    within_s = next((step_s for step_s in _FRESHNESS_STEPS_S if age_s <= step_s), None)
    if within_s is None:
        return _("oldest check {time}").format(time=formats.ago(age_s))
    if within_s == _JUST_NOW_S:
        return _("all checked just now")
    return _("all checked within {time}").format(time=formats.duration(within_s))


def _coarse(seconds: float) -> str:
    """Say how long to wait so coarsely that the line seldom changes."""
    return formats.duration(_rounded_up(max(seconds, 1)))


def _rounded_up(seconds: float) -> float:
    return ceil(seconds / _COARSE_S) * _COARSE_S if seconds < 60 else seconds


class StatusBar(Widget):
    """Shows facts; a line is painted again only when its text is another."""

    marked = var(0, init=False)
    """How many tasks are marked."""
    shown: var[tuple[int, int] | None] = var(None, init=False)
    """How many rows of how many the table has; None: all."""
    collected = var(0, init=False)
    """How many links wait in the tray."""
    is_watching = var(False, init=False)
    """Whether the clipboard is watched."""

    def __init__(self, *, is_demo: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._facts = StatusBarState(is_demo=is_demo)
        self._lines: list[Line] = [(), ()]
        self._cells = 0

    def show(self, status: Status, tallies: Mapping[TaskState, int], *, now: float) -> None:
        """Show the engine's `status` and how many tasks are in which state, at `now`."""
        self._show(status=status, tallies=dict(tallies), now=now)

    def watch_marked(self, marked: int) -> None:
        self._show(marked=marked)

    def watch_shown(self, shown: tuple[int, int] | None) -> None:
        self._show(shown=shown)

    def watch_collected(self, collected: int) -> None:
        self._show(collected=collected)

    def watch_is_watching(self, is_watching: bool) -> None:
        self._show(is_watching=is_watching)

    def render(self) -> Content:
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._lines = self._laid_out()
        return content_of(self._lines)

    def _show(self, **changes: Any) -> None:
        self._facts = replace(self._facts, **changes)
        lines = self._laid_out()
        changed = changed_rows(self._lines, lines, self.outer_size.width)
        self._lines = lines
        if changed:
            self.refresh(*changed)

    def _laid_out(self) -> list[Line]:
        return [first_line(self._facts, self._cells), second_line(self._facts, self._cells)]
