"""Notifications of ended tasks: toasts, the window's title and progress, bell and desktop."""

from collections import Counter
from collections.abc import Callable, Iterable
from time import monotonic, time
from typing import Any

from msgspec import Struct
from textual.app import App

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.config.schema import Notify
from pan123_tui.domain.batches import BatchResult, batch_name, batch_results, is_open
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown, count_shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_sentences
from pan123_tui.ui.attention import Attention
from pan123_tui.ui.terminal.escape_codes import Terminal, TitleSummary
from pan123_tui.ui.textual_private import call_after
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import arrival_warning, batch_text, outcome_text
from pan123_tui.wording.problems import explain_problem

MIN_INTERVAL_S = 4.0
"""Shortest time between two notifications."""
BATCH_WINDOW_S = 0.8
"""Tasks that end within this time of the first are reported together."""
MIN_DELAY_S = 0.05
NOTICE_S = 20.0
MAX_NAME_CELLS = 40
MAX_BATCHES = 3
"""Batches with a line of their own in one notification."""
NO_TASKS = TaskCollection()


class CompletionSummary(Struct, frozen=True):
    """What has ended since the last notification."""

    counts: Counter[Shown] = Counter()
    """How the tasks have ended that are not of `batches`."""
    only: Task | None = None
    """The task, if it is only one."""
    batches: tuple[BatchResult, ...] = ()
    """The batches of several tasks that have ended."""

    def __bool__(self) -> bool:
        return bool(self.counts or self.batches)

    @property
    def all_counts(self) -> Counter[Shown]:
        """How the tasks have ended, with those of `batches`."""
        return _total(self.counts, self.batches)


class NotificationBatcher:
    """Collects ended tasks; tasks that had ended at the first load are not reported."""

    def __init__(self, *, clock: Callable[[], float], interval_s: float = MIN_INTERVAL_S) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._interval_s = interval_s
        self._not_before = 0.0
        self._ended: dict[int, Task] = {}
        self._late: set[int] = set()
        """Those of them that ended before, and are doubtful only now."""
        self._doubtful: set[int] = set()

    def add(self, change: ModelChange) -> None:
        """Collect the tasks that ended in `change` and drop those that were restarted."""
        for before, now in change.moved:
            if before is None and now.is_doubtful:
                self._doubtful.add(now.id)
            elif _is_reported(now) and before is not None and not _is_reported(before):
                self._collect(now)
            elif not _is_reported(now):
                self._ended.pop(now.id, None)
        self._collect_doubtful(change)
        for task_id in change.removed:
            self._ended.pop(task_id, None)

    def _collect_doubtful(self, change: ModelChange) -> None:
        """Collect successes whose arrival check has failed, which is known later."""
        doubtful = {task.id for task in change.tasks if task.is_doubtful}
        for task in change.tasks:
            if task.id in doubtful - self._doubtful:
                self._late |= {task.id} - self._ended.keys()
                self._collect(task)
        self._doubtful -= {task.id for task in change.tasks} | change.removed
        self._doubtful |= doubtful

    def _collect(self, task: Task) -> None:
        if not self._ended:
            self._not_before = max(self._not_before, self._clock() + BATCH_WINDOW_S)
        self._ended[task.id] = task

    @property
    def due_in_s(self) -> float | None:
        """Seconds until the next notification; None if there is nothing to report."""
        return max(0.0, self._not_before - self._clock()) if self._ended else None

    def drain(self, tasks: TaskCollection = NO_TASKS) -> CompletionSummary:
        """Return and clear what is to be reported of `tasks`.

        A batch of several tasks is reported in their place, when the last of them has ended. A
        task that is unconfirmed is reported at once, because it needs a decision.
        """
        ended, late = list(self._ended.values()), self._late
        self._ended, self._late = {}, set()
        if not ended:
            return CompletionSummary()
        self._not_before = self._clock() + self._interval_s
        results = batch_results(tasks, {batch_name(task) for task in ended})
        going_on = {name for name, it in results.items() if it.is_open}
        names = dict.fromkeys(batch_name(task) for task in ended if task.id not in late)
        found = (results[name] for name in names if name in results)
        batches = tuple(it for it in found if not it.is_open and it.total > 1)
        in_batch = going_on.union(it.name for it in batches)
        single = [
            task
            for task in ended
            if batch_name(task) not in in_batch
            or (task.state is TaskState.UNCONFIRMED and batch_name(task) in going_on)
        ]
        only = single[0] if len(single) == 1 else None
        return CompletionSummary(Counter(map(shown_state, single)), only, batches)


def _is_reported(task: Task) -> bool:
    """Return whether `task` has ended, or needs the user: a planned retry is no end."""
    return not is_open(task)


def _total(counts: Counter[Shown], batches: Iterable[BatchResult]) -> Counter[Shown]:
    return sum((Counter(it.counts) for it in batches), counts)


class Notifier:
    """Shows toasts, title and progress; rings and notifies the desktop if nobody is looking."""

    def __init__(
        self,
        app: App[Any],
        model: TaskModel,
        terminal: Terminal,
        attention: Attention,
        wanted: Notify,
    ) -> None:
        self._app = app
        self._attention = attention
        self._model = model
        self._terminal = terminal
        self.wanted = wanted
        self._batcher = NotificationBatcher(clock=monotonic)
        self._is_scheduled = False
        self._shown_notice: Problem | None = None
        self._account_uid: int | None = None

    def on_event(self, change: ModelChange) -> None:
        """Update the title at once and schedule the notification of ended tasks."""
        self._update_title()
        self._show_notice()
        self._show_account(change)
        self._batcher.add(change)
        wait_s = self._batcher.due_in_s
        if wait_s is not None and not self._is_scheduled:
            self._is_scheduled = True
            call_after(self._app, max(wait_s, MIN_DELAY_S), self.flush)

    def flush(self) -> None:
        """Report the tasks that have ended since the last notification."""
        self._is_scheduled = False
        outcome = self._batcher.drain(self._model.tasks)
        if not outcome:
            return
        counts = outcome.all_counts
        is_bad = counts[Shown.FAILED] or counts[Shown.UNSURE]
        severity: Any = "warning" if is_bad else "information"
        self._app.notify(_toast(outcome), severity=severity, markup=False)
        if self._attention.is_nobody_looking and (tell := self.wanted.tell) != "off":
            self._terminal.notify(outcome_text(counts), bell=True, desktop=tell == "desktop")

    def _show_notice(self) -> None:
        """Show a new notice of the engine once, such as a store read from its backup."""
        notice = self._model.status.notice
        if notice is not None and notice != self._shown_notice:
            explanation = explain_problem(notice)
            text = join_sentences(explanation.summary, explanation.details, explanation.hint)
            self._app.notify(text, severity="warning", timeout=NOTICE_S, markup=False)
        self._shown_notice = notice

    def _show_account(self, change: ModelChange) -> None:
        """Say that another account is in use: than here is named, or than it was."""
        engine = self._model.attachment
        if change.attachment_changed and engine.is_reachable and engine.trouble:
            text = explain_problem(engine.trouble).text
            self._app.notify(text, severity="error", timeout=NOTICE_S, markup=False)
        if (account := self._model.status.account) is None:
            return
        former, self._account_uid = self._account_uid, account.uid
        if former not in (None, account.uid):
            text = _("The account in use is now {name}.").format(name=sanitize(account.nickname))
            self._app.notify(text, timeout=NOTICE_S, markup=False)

    def _update_title(self) -> None:
        summary = TitleSummary(self._model.mean_percent, count_shown(self._model.counts))
        self._terminal.show(summary, title=self.wanted.title, progress=self.wanted.title)


def _toast(outcome: CompletionSummary) -> str:
    """Return a line for each batch, and what has ended besides."""
    shown, others = outcome.batches[:MAX_BATCHES], outcome.batches[MAX_BATCHES:]
    lines = [batch_text(it.name, it.counts, time(), files=it.files) for it in shown]
    rest = _total(outcome.counts, others)
    if outcome.only is not None and rest.total() == 1:
        lines.append(_describe(outcome.only))
    elif rest:
        lines.append(outcome_text(rest))
    return "\n".join(lines)


def _describe(task: Task) -> str:
    name = sanitize(task.name or guess_name(task.url), MAX_NAME_CELLS, truncate_at="middle")
    shown = shown_state(task)
    advice: tuple[str, ...] = ()
    if task.is_doubtful and task.arrival:
        advice = tuple(arrival_warning(task.arrival))
    elif task.is_unsure:
        advice = (_("The details say what to do: the link is not sent again by itself."),)
    text = _("{sign} {state}: {name}").format(
        sign=formats.shown_glyph(shown), state=formats.shown_label(shown), name=name
    )
    return "\n".join((text, *advice))
