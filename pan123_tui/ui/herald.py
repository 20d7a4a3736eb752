"""The herald: says outside the table what has ended and how all stands, as far as is wanted."""

from time import monotonic
from typing import Any

from textual.app import App

from pan123_tui import wording
from pan123_tui.config_sections import Notify
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.naming import guess_name
from pan123_tui.domain.task import ACTIVE_STATES, FAILED_STATES, WAITING_STATES, Task, TaskState
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import _
from pan123_tui.ui.attention import Attention, is_doubtful
from pan123_tui.ui.mirror import Change, Mirror
from pan123_tui.ui.terminal import Overview, Terminal, outcome_of
from pan123_tui.wording_arrivals import DOUBT_SIGN, arrival_doubt, arrival_word

_TO_SEND = WAITING_STATES - {TaskState.UNCONFIRMED}
LONGEST_NAME = 40
NOTICE_S = 20.0
SOON_S = 0.05
AWAY_S = 60.0
"""Where the terminal never says whether it has the focus, so long without a key means nobody."""


class Herald:
    """Toasts in the program; title and progress of the window; bell and notice if nobody looks."""

    def __init__(self, app: App[Any], mirror: Mirror, terminal: Terminal, wanted: Notify) -> None:
        self._app = app
        self._mirror = mirror
        self._terminal = terminal
        self.wanted = wanted
        self._attention = Attention(clock=monotonic)
        self._is_due = False
        self._noticed: Problem | None = None
        self._touched_at = monotonic()

    def note_touch(self) -> None:
        """Notice that somebody is at the keyboard."""
        self._touched_at = monotonic()

    def hear(self, change: Change) -> None:
        """Take what became different: the title at once, ends together and not too often."""
        self._show_overview()
        self._tell_notice()
        self._attention.note(change)
        wait_s = self._attention.due_in_s
        if wait_s is not None and not self._is_due:
            self._is_due = True
            self._app.set_timer(max(wait_s, SOON_S), self.tell, name="herald")

    def tell(self) -> None:
        """Say what has ended since the last time."""
        self._is_due = False
        outcome = self._attention.take()
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
        notice = self._mirror.status.notice
        if notice is not None and notice != self._noticed:
            explanation = wording.explain(notice)
            parts = (explanation.what, explanation.said, explanation.advice)
            text = " ".join(part for part in parts if part)
            self._app.notify(text, severity="warning", timeout=NOTICE_S, markup=False)
        self._noticed = notice

    @property
    def _is_nobody_looking(self) -> bool:
        if self._terminal.has_focus is None:
            return monotonic() - self._touched_at > AWAY_S
        return not self._terminal.has_focus

    def _show_overview(self) -> None:
        tallies = self._mirror.tallies
        overview = Overview(
            self._mirror.mean_percent,
            running=sum(tallies.get(state, 0) for state in ACTIVE_STATES),
            waiting=sum(tallies.get(state, 0) for state in _TO_SEND),
            unconfirmed=tallies.get(TaskState.UNCONFIRMED, 0),
            failed=sum(tallies.get(state, 0) for state in FAILED_STATES),
        )
        self._terminal.show(overview, title=self.wanted.title, progress=self.wanted.progress)


def _one(task: Task) -> str:
    name = visible(task.name or guess_name(task.url), LONGEST_NAME, cut="middle")
    if is_doubtful(task) and task.arrival:
        sign, word = DOUBT_SIGN, arrival_word(task.arrival.verdict)
        told = _("{sign} {state}: {name}").format(sign=sign, state=word, name=name)
        return "\n".join((told, *arrival_doubt(task.arrival.verdict)))
    sign, word = wording.state_glyph(task.state), wording.state_word(task.state)
    told = _("{sign} {state}: {name}").format(sign=sign, state=word, name=name)
    if task.state is not TaskState.UNCONFIRMED:
        return told
    return "\n".join((told, _("Its details say what to do: it is not sent again by itself.")))
