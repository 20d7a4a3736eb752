"""Notifications of ended tasks: toasts, the window's title, bell and desktop."""

from collections import Counter
from collections.abc import Callable, Mapping
from time import monotonic, time
from typing import Any

from msgspec import Struct
from textual.notifications import SeverityLevel

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.batches import BatchResult, batch_name, batch_results, is_open
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_list
from pan123_tui.terminal.escape_codes import Terminal
from pan123_tui.terminal.textual_private import TerminalApp, withdraw
from pan123_tui.ui.session.live_settings import LiveSettings
from pan123_tui.ui.session.memory import Attention
from pan123_tui.wording import formats, notes
from pan123_tui.wording.problems import explain_problem

MIN_INTERVAL_S = 4.0
"""Shortest time between two notifications."""
TOGETHER_S = 0.8
"""Tasks that end within this time after the first are reported together."""
NOTICE_S = 20.0
MAX_NAME_CELLS = 40


class CompletionSummary(Struct, frozen=True):
    """What ended since the last notification."""

    tasks: tuple[Task, ...] = ()
    """Tasks that belong to none of `batches`."""
    batches: tuple[BatchResult, ...] = ()

    @property
    def counts(self) -> Counter[Shown]:
        ended = Counter(map(shown_state, self.tasks))
        return sum((Counter(it.counts) for it in self.batches), ended)


class EndedTasks:
    """Collects ended tasks; those that had ended before the first load are not reported."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._not_before = 0.0
        self._ended: dict[int, Task] = {}
        self._late: set[int] = set()
        """Those of them that ended before, and need the user only now."""

    def add(self, change: ModelChange) -> None:
        """Collect the tasks that ended in `change` and drop those that were restarted."""
        for before, now in change.moved:
            if is_open(now):
                self._drop(now.id)
            elif before is None:
                continue
            elif is_open(before):
                self._collect(now)
            elif now.needs_user and not before.needs_user:
                self._late |= {now.id} - self._ended.keys()
                self._collect(now)
        for task in change.removed.tasks:
            self._drop(task.id)

    def _drop(self, task_id: int) -> None:
        self._ended.pop(task_id, None)
        self._late.discard(task_id)

    def _collect(self, task: Task) -> None:
        if not self._ended:
            self._not_before = max(self._not_before, self._clock() + TOGETHER_S)
        self._ended[task.id] = task

    @property
    def due_in_s(self) -> float | None:
        """Seconds until the next notification; None if there is nothing to report."""
        return max(0.0, self._not_before - self._clock()) if self._ended else None

    def drain(self, tasks: TaskCollection) -> CompletionSummary:
        """Return and clear what is to be reported of `tasks`: in their place, a batch at its end.

        An unconfirmed task is reported at once, because it needs a decision.
        """
        ended, late = [tasks.get(it, task) for it, task in self._ended.items()], self._late
        self._ended, self._late = {}, set()
        self._not_before = self._clock() + MIN_INTERVAL_S
        results = batch_results(tasks, {batch_name(task) for task in ended})
        going_on = {name for name, it in results.items() if it.is_open}
        names = dict.fromkeys(batch_name(task) for task in ended if task.id not in late)
        found = (results[name] for name in names if name in results)
        batches = tuple(it for it in found if not it.is_open and it.total > 1)
        in_batch = going_on.union(it.name for it in batches)
        single = (
            task
            for task in ended
            if batch_name(task) not in in_batch
            or (task.state is TaskState.UNCONFIRMED and batch_name(task) in going_on)
        )
        return CompletionSummary(tuple(single), batches)


class Notifier:
    """Shows toasts and the title; if nobody is looking, rings and notifies the desktop."""

    def __init__(
        self,
        app: TerminalApp[Any],
        model: TaskModel,
        terminal: Terminal,
        attention: Attention,
        settings: LiveSettings,
        profile: str = "",
    ) -> None:
        self._app = app
        self._attention = attention
        self._model = model
        self._terminal = terminal
        self._settings = settings
        self._profile = profile
        self._ended = EndedTasks(clock=monotonic)
        self._is_scheduled = False
        self._shown_notice: Problem | None = None

    def on_event(self, change: ModelChange) -> None:
        if self._settings.current.notify.title:
            title = window_title(self._model.counts, self._model.mean_percent, self._profile)
            self._terminal.set_title(title)
        # What the engine has to say, once: a store read from its backup, another account.
        notice = self._model.status.notice
        if self._shown_notice is not None and notice != self._shown_notice:
            withdraw(self._app, explain_problem(self._shown_notice).text)
        if notice is not None and notice != self._shown_notice:
            self._tell(explain_problem(notice).text, "warning", NOTICE_S)
        self._shown_notice = notice
        engine = self._model.attachment
        if change.attachment_changed and engine.is_reachable and engine.trouble:
            self._tell(explain_problem(engine.trouble).text, "error", NOTICE_S)
        self._ended.add(change)
        self._schedule()

    def _schedule(self) -> None:
        wait_s = self._ended.due_in_s
        if wait_s is not None and not self._is_scheduled:
            self._is_scheduled = True
            self._app.call_in(wait_s, self.flush)

    def flush(self) -> None:
        """Report the tasks that have ended since the last notification."""
        self._is_scheduled = False
        settings = self._settings.current
        outcome = self._ended.drain(self._model.tasks)
        self._schedule()
        if not (counts := outcome.counts):
            return
        is_bad = counts[Shown.FAILED] or counts[Shown.UNSURE]
        is_bad = is_bad or any(task.needs_user for task in outcome.tasks)
        severity: SeverityLevel = "warning" if is_bad else "information"
        text = _toast(outcome, notes.NoteContext(status=self._model.status))
        self._tell(text, severity, self._app.NOTIFICATION_TIMEOUT)
        if self._attention.is_nobody_looking and (tell := settings.notify.tell) != "off":
            self._terminal.notify(
                f"{self._app.title}: {notes.outcome_text(counts)}", desktop=tell == "desktop"
            )

    def _tell(self, text: str, severity: SeverityLevel, timeout_s: float) -> None:
        self._app.notify(text, severity=severity, timeout=timeout_s, markup=False)


def window_title(counts: Mapping[Shown, int], percent: float | None, profile: str = "") -> str:
    """Return the title: "62% · 3 running · 1 failed", only counts, because anybody may read it."""
    parts = [] if percent is None else [formats.percent(percent)]
    parts += notes.shown_counts(
        counts, Shown.RUNNING, Shown.SENDING, Shown.QUEUED, Shown.FAILED, Shown.UNSURE
    )
    return " · ".join(filter(None, (profile, *(parts or ["pan123-tui"]))))


def _toast(outcome: CompletionSummary, context: notes.NoteContext) -> str:
    lines = [notes.batch_text(it, time()) for it in outcome.batches]
    if len(outcome.tasks) != 1:
        ended = notes.outcome_text(Counter(map(shown_state, outcome.tasks)))
        return "\n".join(filter(None, (*lines, ended)))
    (task,) = outcome.tasks
    name = sanitize(task.name or guess_name(task.url), MAX_NAME_CELLS, truncate_at="middle")
    note = notes.note(task, context) if shown_state(task) is Shown.DONE else ""
    state = join_list((notes.signed_word(task, context), note))
    lines.append(_("{state}: {name}").format(state=state, name=name))
    if task.has_suspect_file:
        lines.append(notes.file_doubt(task)[1])
    elif task.is_unsure:
        lines.append(_("The details say what to do: the link is not sent again automatically."))
    return "\n".join(lines)
