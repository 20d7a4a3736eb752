"""Print data on stdout, messages on stderr, and the progress of tasks line by line."""

import json
import re
import time
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli.wrapping import fitted_message
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.batches import batch_name, count_outcomes
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import (
    ACCOUNT_CONNECTIONS,
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.links.file_names import display_name, escape_name
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize
from pan123_tui.domain.task import FAILED_STATES, FINISHED_STATES, UNSENT_STATES, Task, TaskState
from pan123_tui.i18n import _, join_sentences, with_parenthetical
from pan123_tui.wording.engine import ignored_account, rest_texts
from pan123_tui.wording.formats import duration, missing_folder_text, percent
from pan123_tui.wording.outcomes import arrival_text, batch_text, list_label
from pan123_tui.wording.problems import explain_hold, explain_problem
from pan123_tui.wording.queue import paused_text, resumed_text
from pan123_tui.wording.unconfirmed import look_text

STEP_PERCENT = 10
"""Progress of a task that is worth a line."""
_STATE_CELLS = 11
_NOT_ASCII = re.compile(r"[^\x20-\x7e\n]")
_MIN_PRINTED_WAIT_S = 10.0
"""A shorter wait of the queue is not printed."""
_OPEN_STATES = frozenset(TaskState) - FINISHED_STATES - {TaskState.UNCONFIRMED}
_BAD_STATES = FAILED_STATES | {TaskState.UNCONFIRMED}


class _Step(NamedTuple):
    """How far a task is; another one is worth a line, unless only its batch is renamed."""

    state: TaskState
    is_doubtful: bool
    tens: int
    batch: str

    @property
    def is_open(self) -> bool:
        """Whether the task has not ended."""
        return self.state in _OPEN_STATES


def print_message(text: str) -> None:
    """Print a message to the user on stderr, wrapped where that is a terminal."""
    click.echo(fitted_message(text), err=True)


def print_unfinished(tasks: Mapping[int, Task], *, is_paused: bool = False) -> None:
    """Print what remains undone without an engine, and that sending is paused."""
    for text in rest_texts(
        running=sum(task.is_active for task in tasks.values()),
        unsent=count_unsent(tasks),
        is_paused=is_paused,
        has_ended=True,
    ):
        print_message(text)


def count_unsent(tasks: Mapping[int, Task]) -> int:
    """Return how many of `tasks` are links that were not sent yet."""
    return sum(task.state in UNSENT_STATES for task in tasks.values())


def print_ignored_account(context: AppContext) -> None:
    """Print that the account in the environment is not that of the profile, if there is one."""
    if context.ignored_variable:
        print_message(ignored_account(context.ignored_variable, context.paths.profile))


def print_problem(problem: Problem) -> None:
    """Print why a command that tries only once has failed."""
    print_message(explain_problem(problem).text)


def print_data(text: str) -> None:
    """Print a line of data on stdout, unbuffered."""
    click.echo(text)


def print_link(url: str, name: str) -> None:
    """Print a link as in an aria2 input file, with the name that is asked for if there is one."""
    print_data(f"{url}\n  out={escape_name(name)}" if name else url)


def print_json(value: object) -> None:
    """Print `value` as JSON with invisible characters escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(_NOT_ASCII.sub(_escape, text))


def rfc3339(unix: float | None) -> str | None:
    """Format a Unix time as RFC 3339 in the local zone; None if it is missing or out of range."""
    if unix is None:
        return None
    try:
        return datetime.fromtimestamp(unix).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def format_task(task: Task) -> str:
    """Format `task` as one line: number, state, percentage, file name and reason."""
    cells = [
        f"{task.id:>5}",
        pad_or_truncate(list_label(task), _STATE_CELLS),
        f"{'' if task.sent_at is None else percent(task.percent):>5}",
        sanitize(display_name(task.name, task.url), 200),
    ]
    if reason := _format_reason(task):
        cells.append(with_parenthetical("", reason).strip())
    return "  ".join(cells)


def _format_reason(task: Task) -> str:
    """Return why `task` failed or why its file is suspect, "" if neither is so."""
    if task.fail_reason:
        return sanitize(task.fail_reason, 300)
    if task.state is TaskState.UNCONFIRMED and (looked := look_text(task, now=time.time())):
        return looked
    if task.problem is not None:
        explanation = explain_problem(task.problem, task.state)
        return join_sentences(explanation.summary, explanation.details)
    if task.is_doubtful and task.arrival:
        return arrival_text(task.arrival)
    return ""


def missing_folder_advice(folder_id: int, names: Mapping[int, str]) -> str:
    """Return that a folder is gone, and how its links can go on."""
    advice = _(
        "“pan123-tui redirect {id} --again” makes it again; --to ID in place of --again sends them"
        " elsewhere."
    ).format(id=folder_id)
    return join_sentences(missing_folder_text(folder_id, names), advice)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


class ProgressPrinter:
    """Prints a line for each change after the tasks were loaded."""

    def __init__(
        self,
        *,
        is_quiet: bool = False,
        prints_tasks: bool = True,
        ends_on_refusal: bool = False,
    ) -> None:
        """`is_quiet`: only of tasks that go wrong; without `prints_tasks` only of the service.

        If it `ends_on_refusal` of the account, no next try is promised then.
        """
        self.failed: set[int] = set()
        """Tasks that have failed or become unconfirmed or doubtful since then."""
        self._is_quiet = is_quiet
        self._prints_tasks = prints_tasks
        self._ends_on_refusal = ends_on_refusal
        self._steps: dict[int, _Step] = {}
        self._printed: set[Problem] = set()
        self._hold_until: float | None = None
        self._is_paused = False
        self._missing_folders: tuple[int, ...] = ()
        self._folder_names: dict[int, str] = {}

    def on_event(self, event: EngineEvent) -> None:
        """Print what changed."""
        match event:
            case TasksLoaded(tasks):
                self._steps = {task.id: _step_of(task) for task in tasks.values()}
            case TasksChanged(changed, removed):
                for task_id in removed:
                    self._steps.pop(task_id, None)
                ended = [task for task in changed if self._has_ended(task)]
                for task in changed:
                    self._print_task(task)
                for name in dict.fromkeys(map(batch_name, ended)):
                    self._print_batch(name)
            case FoldersChanged(folders):
                self._folder_names = folders.names
            case StatusChanged(status):
                self._print_status(status)

    def _print_task(self, task: Task) -> None:
        step = _step_of(task)
        before = self._steps.get(task.id)
        self._steps[task.id] = step
        if before is not None and step[:3] == before[:3]:
            return
        is_bad = task.is_doubtful or task.state in _BAD_STATES
        if is_bad and (before is None or before[:2] != step[:2]):
            self.failed.add(task.id)
        elif not is_bad:
            self.failed.discard(task.id)
        if self._prints_tasks and (is_bad or not self._is_quiet):
            print_data(f"{rfc3339(time.time())}  {format_task(task)}")

    def _has_ended(self, task: Task) -> bool:
        """Return whether `task` has ended since it was printed last."""
        before = self._steps.get(task.id)
        return before is not None and before.is_open and not _step_of(task).is_open

    def _print_batch(self, name: str) -> None:
        """Print how a batch of several tasks has ended, unless one goes on."""
        steps = [step for step in self._steps.values() if step.batch == name]
        if len(steps) < 2 or any(step.is_open for step in steps):
            return
        if self._prints_tasks and not self._is_quiet:
            text = batch_text(name, count_outcomes(steps), time.time())
            print_data(f"{rfc3339(time.time())}  {text}")

    def _print_status(self, status: Status) -> None:
        """Print each new problem once while it lasts, and each longer wait of the queue."""
        if status.is_paused is not self._is_paused:
            self._is_paused = status.is_paused
            text = paused_text() if status.is_paused else resumed_text()
            print_message(f"{rfc3339(time.time())}  {text}")
        is_ending = self._ends_on_refusal and status.connection in ACCOUNT_CONNECTIONS
        if not (status.is_paused or is_ending):
            self._print_hold(status)
        self.print_missing_folders(status.missing_folders)
        problems = (status.last_error, status.store_problem, status.notice)
        current = {_key_of(problem): problem for problem in problems if problem}
        held_for = _key_of(status.hold) if status.hold and self._hold_until else None
        for key, problem in current.items():
            if key not in self._printed and key != held_for:
                print_message(
                    f"{rfc3339(time.time())}  {explain_problem(problem, is_repeated=True).text}"
                )
        self._printed = set(current)

    def print_missing_folders(self, folder_ids: tuple[int, ...]) -> None:
        """Print for each folder that has gone since the last call how its links can go on."""
        for folder_id in folder_ids:
            if folder_id not in self._missing_folders:
                text = missing_folder_advice(folder_id, self._folder_names)
                print_message(f"{rfc3339(time.time())}  {text}")
        self._missing_folders = folder_ids

    def _print_hold(self, status: Status) -> None:
        """Print why the queue waits, since when and until when, and when it goes on."""
        if status.hold is None:
            if self._hold_until is not None:
                print_message(f"{rfc3339(time.time())}  " + _("The queue goes on."))
            self._hold_until = None
            return
        now = time.time()
        until = status.hold_until
        if until is None or until - now < _MIN_PRINTED_WAIT_S:
            return
        if self._hold_until is not None and until - self._hold_until < _MIN_PRINTED_WAIT_S:
            return
        is_told = self._hold_until is None and _key_of(status.hold) in self._printed
        self._hold_until = until
        text = (
            _("The queue waits since {since}, next try in {time}.")
            if is_told
            else _("The queue waits since {since}, next try in {time}: {what}")
        ).format(
            since=rfc3339(now if status.hold_since is None else status.hold_since),
            time=duration(until - now),
            what=explain_hold(status.hold).summary,
        )
        print_message(f"{rfc3339(now)}  {text}")


class WaitPrinter(ProgressPrinter):
    """Prints the state of the service, and what awaited tasks begin to wait for."""

    def __init__(self, ids: Collection[int]) -> None:
        super().__init__(prints_tasks=False, ends_on_refusal=True)
        self._ids = frozenset(ids)
        self._waiting = set(ids)
        self._targets: dict[int, int | None] = {}
        """The folder of each awaited task, None once it is sent."""
        self._all_missing: tuple[int, ...] = ()
        """What the engine has last said; stored tasks may tell of a folder that is there again."""

    def on_event(self, event: EngineEvent) -> None:
        match event:
            case TasksLoaded(tasks):
                self.print_delays(tasks)
            case TasksChanged(changed):
                self.print_delays({task.id: task for task in changed})
        super().on_event(event)

    def print_delays(self, tasks: Mapping[int, Task]) -> None:
        """Print why `tasks` wait for another try, a folder or the user, unless it was printed."""
        awaited = [tasks[task_id] for task_id in self._ids if task_id in tasks]
        for task in awaited:
            self._targets[task.id] = task.folder_id if task.state in UNSENT_STATES else None
        self.print_missing_folders(self._all_missing)
        for task in filter(None, map(tasks.get, sorted(self._waiting))):
            problem = task.problem if task.state is TaskState.QUEUED else None
            if problem is not None and problem.kind is ProblemKind.LINK_NOT_PARSED:
                self._waiting.remove(task.id)
                text = _("Task {number}: {reason}")
                reason = explain_problem(problem, task.state).text
                print_message(text.format(number=task.id, reason=reason))

    def print_missing_folders(self, folder_ids: tuple[int, ...]) -> None:
        """Print it of the folders that awaited tasks wait for."""
        self._all_missing = folder_ids
        targets = self._targets.values()
        super().print_missing_folders(tuple(i for i in folder_ids if i in targets))


def _key_of(problem: Problem) -> Problem:
    """Return `problem` without the trace id, which is another one in each response."""
    return replace(problem, trace_id="")


def _step_of(task: Task) -> _Step:
    """Return the part of `task` that tells whether a line is printed."""
    is_found = task.state is TaskState.UNCONFIRMED and was_found(task)
    tens = is_found or int(task.percent // STEP_PERCENT)
    return _Step(task.state, task.is_doubtful, tens, batch_name(task))
