"""The herald: says outside the table what has ended and how all stands, as far as is wanted."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from msgspec import Struct
from textual.app import App

from pan123_tui.config.schema import Notify
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ACTIVE_STATES, FAILED_STATES, WAITING_STATES, Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.ui.task_model import ModelChange, TaskModel
from pan123_tui.ui.terminal.escape_codes import Terminal, TitleSummary, outcome_of
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import DOUBT_SIGN, arrival_warning, arrival_word

INTERVAL_S = 4.0
"""No two tellings come closer together."""
GATHER_S = 0.8
"""What ends within this time of the first is told with it."""


_ENDS = FAILED_STATES | {TaskState.SUCCEEDED, TaskState.UNCONFIRMED}


class CompletionSummary(Struct, frozen=True):
    """How tasks have ended since the last time somebody was told."""

    succeeded: int = 0
    failed: int = 0
    unconfirmed: int = 0
    """Not ended, but nothing more happens without a person's decision."""
    doubtful: int = 0
    """Reported done, but the folder has no such file, or it is not what it should be."""
    only: Task | None = None
    """The task, where it is one alone."""

    def __bool__(self) -> bool:
        return bool(self.succeeded or self.is_bad)

    @property
    def is_bad(self) -> bool:
        """Whether something has not gone well."""
        return bool(self.failed or self.unconfirmed or self.doubtful)


class NotificationBatcher:
    """Gathers ends; what is there at the first load is no news."""

    def __init__(self, *, clock: Callable[[], float], interval_s: float = INTERVAL_S) -> None:
        """Take a clock in seconds that only goes forward."""
        self._clock = clock
        self._interval_s = interval_s
        self._may_tell_at = 0.0
        self._ended: dict[int, Task] = {}
        self._doubted: set[int] = set()

    def note(self, change: ModelChange) -> None:
        """Look for tasks that have ended in `change`, and forget those that began anew."""
        for before, now in change.moved:
            if before is None and is_doubtful(now):
                self._doubted.add(now.id)
            elif _has_ended(now) and before is not None and not _has_ended(before):
                self._gather(now)
            elif not _has_ended(now):
                self._ended.pop(now.id, None)
        self._note_doubts(change)
        for task_id in change.removed:
            self._ended.pop(task_id, None)

    def _note_doubts(self, change: ModelChange) -> None:
        """Look for successes that the target folder does not bear out: known later than they."""
        for task in change.tasks:
            if is_doubtful(task) and task.id not in self._doubted:
                self._gather(task)
        doubted = {task.id for task in change.tasks if is_doubtful(task)}
        self._doubted -= {task.id for task in change.tasks} | change.removed
        self._doubted |= doubted

    def _gather(self, task: Task) -> None:
        if not self._ended:
            self._may_tell_at = max(self._may_tell_at, self._clock() + GATHER_S)
        self._ended[task.id] = task

    @property
    def due_in_s(self) -> float | None:
        """How long to wait before telling; None: there is nothing to tell."""
        if not self._ended:
            return None
        return max(0.0, self._may_tell_at - self._clock())

    def drain(self) -> CompletionSummary:
        """Give what there is to tell; it counts as told."""
        ended = list(self._ended.values())
        self._ended.clear()
        if ended:
            self._may_tell_at = self._clock() + self._interval_s
        only = ended[0] if len(ended) == 1 else None
        doubtful = sum(is_doubtful(task) for task in ended)
        succeeded = sum(task.state is TaskState.SUCCEEDED for task in ended) - doubtful
        unconfirmed = sum(task.state is TaskState.UNCONFIRMED for task in ended)
        failed = len(ended) - succeeded - doubtful - unconfirmed
        return CompletionSummary(succeeded, failed, unconfirmed, doubtful, only)


def is_doubtful(task: Task) -> bool:
    """Tell whether `task` was reported done, and what the target folder has says otherwise."""
    return (
        task.state is TaskState.SUCCEEDED and task.arrival is not None and task.arrival.is_suspect
    )


def _has_ended(task: Task) -> bool:
    return task.state in _ENDS


_TO_SEND = WAITING_STATES - {TaskState.UNCONFIRMED}
LONGEST_NAME = 40
NOTICE_S = 20.0
SOON_S = 0.05
AWAY_S = 60.0
"""Where the terminal never says whether it has the focus, so long without a key means nobody."""


class Notifier:
    """Toasts in the program; title and progress of the window; bell and notice if nobody looks."""

    def __init__(self, app: App[Any], model: TaskModel, terminal: Terminal, wanted: Notify) -> None:
        self._app = app
        self._model = model
        self._terminal = terminal
        self.wanted = wanted
        self._attention = NotificationBatcher(clock=monotonic)
        self._is_due = False
        self._noticed: Problem | None = None
        self._touched_at = monotonic()

    def record_activity(self) -> None:
        """Notice that somebody is at the keyboard."""
        self._touched_at = monotonic()

    def on_event(self, change: ModelChange) -> None:
        """Take what became different: the title at once, ends together and not too often."""
        self._show_overview()
        self._tell_notice()
        self._attention.note(change)
        wait_s = self._attention.due_in_s
        if wait_s is not None and not self._is_due:
            self._is_due = True
            self._app.set_timer(max(wait_s, SOON_S), self.flush, name="herald")

    def flush(self) -> None:
        """Say what has ended since the last time."""
        self._is_due = False
        outcome = self._attention.drain()
        if not outcome:
            return
        counts = outcome_of(
            outcome.succeeded, outcome.failed, outcome.unconfirmed, outcome.doubtful
        )
        if self.wanted.toast:
            severity: Any = "warning" if outcome.is_bad else "information"
            only = outcome.only
            said = counts if only is None else _one(only)
            self._app.notify(said, severity=severity, markup=False)
        if self._is_nobody_looking:
            wanted = self.wanted
            self._terminal.tell(counts, bell=wanted.bell, desktop=wanted.desktop)

    def _tell_notice(self) -> None:
        """Say once what the engine wants the user to know, such as a store read from its backup."""
        notice = self._model.status.notice
        if notice is not None and notice != self._noticed:
            explanation = formats.explain_problem(notice)
            parts = (explanation.summary, explanation.details, explanation.hint)
            text = " ".join(part for part in parts if part)
            self._app.notify(text, severity="warning", timeout=NOTICE_S, markup=False)
        self._noticed = notice

    @property
    def _is_nobody_looking(self) -> bool:
        if self._terminal.has_focus is None:
            return monotonic() - self._touched_at > AWAY_S
        return not self._terminal.has_focus

    def _show_overview(self) -> None:
        tallies = self._model.counts
        overview = TitleSummary(
            self._model.mean_percent,
            running=sum(tallies.get(state, 0) for state in ACTIVE_STATES),
            waiting=sum(tallies.get(state, 0) for state in _TO_SEND),
            unconfirmed=tallies.get(TaskState.UNCONFIRMED, 0),
            failed=sum(tallies.get(state, 0) for state in FAILED_STATES),
        )
        self._terminal.show(overview, title=self.wanted.title, progress=self.wanted.progress)


def _one(task: Task) -> str:
    name = sanitize(task.name or guess_name(task.url), LONGEST_NAME, truncate_at="middle")
    if is_doubtful(task) and task.arrival:
        sign, word = DOUBT_SIGN, arrival_word(task.arrival.status)
        told = _("{sign} {state}: {name}").format(sign=sign, state=word, name=name)
        return "\n".join((told, *arrival_warning(task.arrival.status)))
    sign, word = formats.state_glyph(task.state), formats.state_label(task.state)
    told = _("{sign} {state}: {name}").format(sign=sign, state=word, name=name)
    if task.state is not TaskState.UNCONFIRMED:
        return told
    return "\n".join((told, _("Its details say what to do: it is not sent again by itself.")))
