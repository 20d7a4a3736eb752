"""The status bar: task counts, connection, problems and what is going on, in two lines."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from textual.content import Content
from textual.reactive import var
from textual.widget import Widget

from pan123_tui.client.updates import REACHED, Attachment
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Connection, Status
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ACTIVE_STATES, TaskState
from pan123_tui.domain.task_collection import DOUBTFUL
from pan123_tui.i18n import _, join_sentences, ngettext, with_aside
from pan123_tui.ui.dashboard.attachment_status import (
    connection_item,
    loading_items,
    trouble_items,
)
from pan123_tui.ui.dashboard.queue_status import (
    hold_items,
    pause_items,
    queue_items,
    waiting_text,
)
from pan123_tui.ui.theme import STALLED_TOKEN, STATE_TOKENS
from pan123_tui.ui.widgets.styled_text import (
    Line,
    StatusItem,
    changed_rows,
    content_of,
    fitted_line,
)
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import DOUBT_SIGN
from pan123_tui.wording.problems import code_text, explain_problem, facts_text

_S = TaskState
_COUNTED_STATES = (
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
"""States in the order that tasks pass through them, each with the importance of its count."""
_OPTIONAL_IMPORTANCE = 50
"""Counts up to this importance are left out where there is no room."""
_MAX_NAME_WIDTH = 16
_MAX_HOST_WIDTH = 30
_JUST_NOW_S = 120.0
"""A check up to this old is called new, as in the table."""
_FRESHNESS_STEPS_S = (_JUST_NOW_S, 600.0, 3600.0, 21_600.0, 86_400.0)
"""Far apart, so that the text changes seldom."""


class StatusBarState(Struct, frozen=True):
    """Everything that the status bar shows."""

    status: Status = field(default_factory=Status)
    counts: Mapping[str, int] = field(default_factory=dict)
    now: float = 0.0
    """Unix seconds."""
    marked: int = 0
    held_rows: tuple[int, int] | None = None
    """Rows that the table holds and tasks of the view; None if all are held."""
    collected: int = 0
    """Links that the clipboard watch has collected."""
    is_watching: bool = False
    is_demo: bool = False
    host: str = ""
    """The machine of the engine, where that is another one."""
    profile: str = ""
    """The profile in use; empty: the default one."""
    attachment: Attachment = REACHED
    is_complete: bool = True
    """Whether the engine has sent all tasks."""
    poll_key: str = ""
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """The names of missing folders, where known."""
    redirect_key: str = ""
    pause_key: str = ""
    delayed: int = 0
    """How many of them are tried again after a pause of their own."""
    login_key: str = ""
    """The key that leads to the account; empty without one."""
    login_variable: str = ""
    """The environment variable that names the account; empty if none does."""


_WORKING_CONNECTIONS = frozenset({Connection.ONLINE, Connection.UNKNOWN})


def first_line(state: StatusBarState, cells: int) -> Line:
    """Return the task counts by state, and the account."""
    left = [*_place_items(state), *_count_items(state)]
    return fitted_line(left, [*_connection_items(state)], cells)


def second_line(state: StatusBarState, cells: int) -> Line:
    """Return what is wrong or waited for, and what goes on in the list."""
    left = list(trouble_items(state.attachment, key=state.poll_key, host=state.host))
    if state.attachment.is_reachable:  # else what was wrong before is not known any more
        left += [
            *_store_items(state),
            *_pause_items(state),
            *_folder_items(state),
        ]
        left += _error_items(state)
    unsent = state.counts.get(_S.QUEUED, 0) + state.counts.get(_S.SUBMITTING, 0)
    left += queue_items(unsent, state.status, delayed=state.delayed, now=state.now)
    loading = [] if state.is_complete else loading_items(sum(state.counts.values()))
    right = [*loading, *_list_items(state), *_poll_items(state)]
    return fitted_line(left, right, cells)


def _place_items(state: StatusBarState) -> Iterator[StatusItem]:
    if state.is_demo:
        yield StatusItem(100, (_(" DEMO "),), "bold $background on $warning")
    if state.host:
        variants = (f" {sanitize(state.host, _MAX_HOST_WIDTH)} ", f" {sanitize(state.host, 8)} ")
        yield StatusItem(61, variants, "bold $background on $primary")
    if name := state.profile:
        yield StatusItem(61, (f" {name} ", f" {sanitize(name, 8)} "), "bold $background on $accent")


def _count_items(state: StatusBarState) -> Iterator[StatusItem]:
    for task_state, importance in _COUNTED_STATES:
        count = state.counts.get(task_state, 0)
        if task_state is TaskState.SUCCEEDED and (doubtful := state.counts.get(DOUBTFUL)):
            text = _("{count} doubtful").format(count=formats.number(doubtful))
            short = f"{DOUBT_SIGN} {formats.number(doubtful)}"
            yield StatusItem(61, (f"{DOUBT_SIGN} {text}", short), f"${STALLED_TOKEN}")
        if count:
            sign = formats.state_glyph(task_state)
            short = f"{sign} {formats.number(count)}"
            variants = [f"{short} {formats.state_label(task_state)}", short]
            if importance <= _OPTIONAL_IMPORTANCE:
                variants.append("")
            yield StatusItem(importance, tuple(variants), f"${STATE_TOKENS[task_state]}")


def _connection_items(state: StatusBarState) -> Iterator[StatusItem]:
    labels = {
        Connection.ONLINE: (_("online"), "$text-success"),
        Connection.OFFLINE: (_("offline"), "bold $text-error"),
        Connection.TROUBLE: (_("service error"), "bold $text-error"),
        Connection.REFUSED: (_("account refused"), "bold $text-error"),
        Connection.NO_ACCOUNT: (_("no account"), "bold $text-warning"),
    }
    connection = state.status.connection
    text, style = labels.get(connection, (_("connecting"), "$text-muted"))
    if account := state.status.account:
        name = sanitize(account.nickname, _MAX_NAME_WIDTH)
        yield StatusItem(52, (name, ""), "$foreground")
        if account.space_total > 0:
            yield StatusItem(
                45, (*_space(account.space_used, account.space_total), ""), "$text-muted"
            )
    if lost := connection_item(state.attachment):
        yield lost
    elif waiting := waiting_text(state.status, now=state.now):
        yield StatusItem(90, waiting, "bold $text-warning")
    elif connection is Connection.ONLINE:
        yield StatusItem(66, (text, ""), style)
    elif connection in ACCOUNT_CONNECTIONS and state.login_key:
        full = _("{what}: press {key} to log in").format(what=text, key=state.login_key)
        problems = filter(None, (state.status.hold, state.status.last_error))
        if variable := next((it.variable for it in problems if it.variable), ""):
            # It is set where the engine was started.
            full = _("{what}: “pan123-tui stop”, then change {variable}")
            full = full.format(what=text, variable=sanitize(variable, 40))
        elif state.login_variable:
            # The variable is this process's: the engine's does not know it.
            full = _("{what}: run “pan123-tui login”").format(what=text)
        yield StatusItem(90, (full, text), style)
    else:
        yield StatusItem(90, (text,), style)


def _space(used: int, total: int) -> tuple[str, str]:
    full = _("{used} of {total} used").format(used=formats.size(used), total=formats.size(total))
    share = formats.percent(100 * used / total)
    return full, _("{percent} used").format(percent=share)


def _store_items(state: StatusBarState) -> Iterator[StatusItem]:
    if problem := state.status.store_problem:
        explanation = explain_problem(problem)
        what = _("! Not saved: {what}").format(what=explanation.summary)
        full = join_sentences(what, explanation.hint)
        yield StatusItem(99, (full, what, _("! not saved")), "bold $text-error")


def _pause_items(state: StatusBarState) -> Iterator[StatusItem]:
    """Yield that the user has paused sending, else why the queue is held."""
    if state.status.is_paused:
        yield from pause_items(state.pause_key)
    else:
        running = sum(state.counts.get(active, 0) for active in ACTIVE_STATES)
        yield from hold_items(state.status, now=state.now, running=running)


def _folder_items(state: StatusBarState) -> Iterator[StatusItem]:
    if missing := state.status.missing_folders:
        what = formats.missing_folders_text(missing, state.folder_names)
        advice = _("{key} sends them elsewhere.").format(key=state.redirect_key)
        short = _("{key}: no such folder").format(key=state.redirect_key)
        yield StatusItem(75, (join_sentences(what, advice), short), "$text-warning")


def _error_items(state: StatusBarState) -> Iterator[StatusItem]:
    status = state.status
    problem = status.last_error
    if problem is None or _is_same(problem, status.hold):
        return
    explanation = explain_problem(problem)
    when = "" if status.last_error_at is None else formats.ago(state.now - status.last_error_at)
    what, code = explanation.summary, code_text(problem)
    full = with_aside(join_sentences(what, explanation.details), when)
    variants = (with_aside(what, facts_text(problem)), with_aside(what, code))
    short = (what, *((code,) if code else ()), "")
    yield StatusItem(70, (full, *variants, *short), "$text-error")


def _is_same(one: Problem, other: Problem | None) -> bool:
    """Return whether two problems differ in the trace id at most."""
    return other is not None and replace(one, trace_id="") == replace(other, trace_id="")


def _list_items(state: StatusBarState) -> Iterator[StatusItem]:
    if state.marked:
        text = ngettext("{count} marked", "{count} marked", state.marked)
        text = text.format(count=formats.number(state.marked))
        yield StatusItem(95, (text,), "bold $text-accent")
    if state.is_watching:
        watching = (_("watching the clipboard"), _("clipboard"))
        yield StatusItem(94, watching, "bold $text-accent")
    if state.collected:
        text = ngettext(
            "{count} new link collected", "{count} new links collected", state.collected
        )
        count = formats.number(state.collected)
        yield StatusItem(93, (text.format(count=count), f"+{count}"), "$text-accent")
    if state.held_rows is not None:
        held, total = map(formats.number, state.held_rows)
        short = _("{shown} of {total}").format(shown=held, total=total)
        text = _("{shown} of {total} rows shown").format(shown=held, total=total)
        yield StatusItem(68, (text, short), "$text-muted")


def _poll_items(state: StatusBarState) -> Iterator[StatusItem]:
    if not any(state.counts.get(active) for active in ACTIVE_STATES):
        return
    status = state.status
    if status.rate_utilization:
        used = f"{status.rate_utilization * status.polls_per_s:.1f}".removesuffix(".0")
        text = _("{used} of {allowed} checks a second")
        text = text.format(used=used, allowed=f"{status.polls_per_s:g}")
        yield StatusItem(10, (text, ""), "$text-muted")
    if status.oldest_check_at is not None:
        age_s = state.now - status.oldest_check_at
        # Beside what fails now, "just now" would read as if the checks worked.
        if age_s > _JUST_NOW_S or status.connection in _WORKING_CONNECTIONS:
            yield StatusItem(20, (_freshness(age_s), ""), "$text-muted")


def _freshness(age_s: float) -> str:
    """Return within which of a few steps of time everything was checked."""
    within_s = next((step_s for step_s in _FRESHNESS_STEPS_S if age_s <= step_s), None)
    if within_s is None:
        return _("oldest check {time}").format(time=formats.ago(age_s))
    if within_s == _JUST_NOW_S:
        return _("all checked just now")
    return _("all checked within {time}").format(time=formats.duration(within_s))


class StatusBar(Widget):
    """Two lines, of which only changed ones are repainted."""

    marked = var(0, init=False)
    """Number of marked tasks."""
    held_rows: var[tuple[int, int] | None] = var(None, init=False)
    """Rows that the table holds and tasks of the view; None if all are held."""
    collected = var(0, init=False)
    """Links that the clipboard watch has collected."""
    is_watching = var(False, init=False)
    """Whether the clipboard is watched."""

    attachment = var(REACHED, init=False)
    """Which engine the tasks come from."""

    def __init__(
        self,
        *,
        is_demo: bool = False,
        host: str = "",
        profile: str = "",
        login_key: str = "",
        login_variable: str = "",
        redirect_key: str = "",
        pause_key: str = "",
        poll_key: str = "",
    ) -> None:
        """Name `login_key` where the account is what is missing, the others for their troubles."""
        super().__init__()
        self._state = StatusBarState(
            is_demo=is_demo,
            host=host,
            profile=profile,
            login_key=login_key,
            login_variable=login_variable,
            redirect_key=redirect_key,
            pause_key=pause_key,
            poll_key=poll_key,
        )
        self._lines: list[Line] = [(), ()]
        self._cells = 0

    def show(
        self,
        status: Status,
        counts: Mapping[str, int],
        *,
        now: float,
        folder_names: Mapping[int, str] | None = None,
        delayed: int = 0,
        is_complete: bool = True,
    ) -> None:
        """Show the engine's `status` and the task counts by state, at `now` (Unix seconds).

        `folder_names` maps the ids of missing folders to their names, where known.
        """
        self._show(
            status=status,
            counts=dict(counts),
            now=now,
            folder_names=folder_names or {},
            delayed=delayed,
            is_complete=is_complete,
        )

    def watch_marked(self, marked: int) -> None:
        self._show(marked=marked)

    def watch_held_rows(self, held_rows: tuple[int, int] | None) -> None:
        self._show(held_rows=held_rows)

    def watch_collected(self, collected: int) -> None:
        self._show(collected=collected)

    def watch_is_watching(self, is_watching: bool) -> None:
        self._show(is_watching=is_watching)

    def watch_attachment(self, attachment: Attachment) -> None:
        self._show(attachment=attachment)

    def render(self) -> Content:
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._lines = self._layout()
        return content_of(self._lines)

    def _show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        lines = self._layout()
        changed = changed_rows(self._lines, lines, self.outer_size.width)
        self._lines = lines
        if changed:
            self.refresh(*changed)

    def _layout(self) -> list[Line]:
        return [first_line(self._state, self._cells), second_line(self._state, self._cells)]
