"""Notifications of ended tasks: toasts, the window's title and progress, bell and desktop."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from time import monotonic, time
from typing import Any

from msgspec import Struct
from textual.app import App

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.config.schema import Notify
from pan123_tui.domain.batches import batch_name, batch_results, is_open
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown, count_shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _, join_sentences
from pan123_tui.ui.alarms import call_after
from pan123_tui.ui.terminal.escape_codes import Terminal, TitleSummary
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import arrival_warning, batch_text, outcome_text
from pan123_tui.wording.problems import explain_problem

MIN_INTERVAL_S = 4.0
"""Shortest time between two notifications."""
BATCH_WINDOW_S = 0.8
"""Tasks that end within this time of the first are reported together."""
MIN_DELAY_S = 0.05
NOTICE_S = 20.0
NAME_WAIT_S = 3.0
"""How long the message that a folder is gone waits for the folder's name."""
AWAY_S = 60.0
"""Idle time after which the user counts as away, where the terminal reports no focus."""
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
    batches: Mapping[str, Mapping[Shown, int]] = {}
    """How the batches of several tasks that have ended stand, by name."""

    def __bool__(self) -> bool:
        return bool(self.counts or self.batches)

    @property
    def all_counts(self) -> Counter[Shown]:
        """How the tasks have ended, with those of `batches`."""
        return _total(self.counts, self.batches.values())


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
        batches = {
            name: results[name].counts
            for name in dict.fromkeys(batch_name(task) for task in ended if task.id not in late)
            if name in results and not results[name].is_open and results[name].total > 1
        }
        single = [
            task
            for task in ended
            if batch_name(task) not in going_on | batches.keys()
            or (task.state is TaskState.UNCONFIRMED and batch_name(task) in going_on)
        ]
        only = single[0] if len(single) == 1 else None
        return CompletionSummary(Counter(map(shown_state, single)), only, batches)


def _is_reported(task: Task) -> bool:
    """Return whether `task` has ended, or needs the user: a planned retry is no end."""
    return not is_open(task)


def _total(counts: Counter[Shown], others: Iterable[Mapping[Shown, int]]) -> Counter[Shown]:
    return sum(map(Counter, others), counts)


class Notifier:
    """Shows toasts, title and progress; rings and notifies the desktop if nobody is looking."""

    def __init__(self, app: App[Any], model: TaskModel, terminal: Terminal, wanted: Notify) -> None:
        self._app = app
        self._model = model
        self._terminal = terminal
        self.wanted = wanted
        self._batcher = NotificationBatcher(clock=monotonic)
        self._is_scheduled = False
        self._shown_notice: Problem | None = None
        self._account_uid: int | None = None
        self._seen_missing: tuple[int, ...] = ()
        self._unsaid_missing: set[int] = set()
        self._active_at = monotonic()

    def record_activity(self) -> None:
        """Record that somebody is at the keyboard."""
        self._active_at = monotonic()

    def on_event(self, change: ModelChange) -> None:
        """Update the title at once and schedule the notification of ended tasks."""
        self._update_title()
        self._show_notice()
        self._show_account()
        self._show_missing_folders()
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
        if self._is_nobody_looking and (tell := self.wanted.tell) != "off":
            self._terminal.notify(outcome_text(counts), bell=True, desktop=tell == "desktop")

    def _show_notice(self) -> None:
        """Show a new notice of the engine once, such as a store read from its backup."""
        notice = self._model.status.notice
        if notice is not None and notice != self._shown_notice:
            explanation = explain_problem(notice)
            text = join_sentences(explanation.summary, explanation.details, explanation.hint)
            self._app.notify(text, severity="warning", timeout=NOTICE_S, markup=False)
        self._shown_notice = notice

    def _show_account(self) -> None:
        """Say that another account is in use, since it may have been saved elsewhere."""
        if (account := self._model.status.account) is None:
            return
        former, self._account_uid = self._account_uid, account.uid
        if former not in (None, account.uid):
            text = _("The account in use is {name} now.").format(name=sanitize(account.nickname))
            self._app.notify(text, timeout=NOTICE_S, markup=False)

    def _show_missing_folders(self) -> None:
        """Say once of each folder that is gone that its links wait; its name may come later."""
        missing = self._model.status.missing_folders
        for folder_id in missing:
            if folder_id not in self._seen_missing:
                self._unsaid_missing.add(folder_id)
                say = partial(self._show_missing_folder, folder_id)
                call_after(self._app, NAME_WAIT_S, say)
        self._seen_missing = missing
        self._unsaid_missing.intersection_update(missing)
        if self._unsaid_missing:
            for folder_id in sorted(self._unsaid_missing & self._model.folder_names.keys()):
                self._show_missing_folder(folder_id)

    def _show_missing_folder(self, folder_id: int) -> None:
        if folder_id in self._unsaid_missing:
            self._unsaid_missing.remove(folder_id)
            text = formats.missing_folders_text([folder_id], self._model.folder_names)
            self._app.notify(text, severity="warning", timeout=NOTICE_S, markup=False)

    @property
    def _is_nobody_looking(self) -> bool:
        if self._terminal.has_focus is None:
            return monotonic() - self._active_at > AWAY_S
        return not self._terminal.has_focus

    def _update_title(self) -> None:
        summary = TitleSummary(self._model.mean_percent, count_shown(self._model.counts))
        self._terminal.show(summary, title=self.wanted.title, progress=self.wanted.title)


def _toast(outcome: CompletionSummary) -> str:
    """Return a line for each batch, and what has ended besides."""
    shown = dict(islice(outcome.batches.items(), MAX_BATCHES))
    lines = [batch_text(name, counts, time()) for name, counts in shown.items()]
    others = (it for name, it in outcome.batches.items() if name not in shown)
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
