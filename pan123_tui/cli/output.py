"""Tells what the engine does, line by line: changes on stdout, troubles on stderr."""

import json
import re
import time
from collections.abc import Collection
from datetime import datetime

import click
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import EngineEvent, Status, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize
from pan123_tui.domain.task import FAILED_STATES, ArrivalStatus, Task, TaskState
from pan123_tui.wording.formats import percent, state_label
from pan123_tui.wording.outcomes import arrival_text
from pan123_tui.wording.problems import explain_problem

_STATE_CELLS = 11
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")


def print_message(text: str) -> None:
    """Tell the user something, on stderr."""
    click.echo(text, err=True)


def print_data(text: str) -> None:
    """Give a line of data, on stdout, at once."""
    click.echo(text)


def print_json(value: object) -> None:
    """Give `value` as JSON, with everything escaped that does not show."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(_UNPRINTABLE.sub(_escaped, text))


def rfc3339(unix: float | None) -> str | None:
    """Write a time with its zone, to the second."""
    if unix is None:
        return None
    try:
        return datetime.fromtimestamp(unix).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def now() -> str:
    """Write the present time."""
    return rfc3339(time.time()) or ""


def name_of(task: Task) -> str:
    """Name the file of `task`, made harmless: as it arrived, as asked for, or as guessed."""
    arrived = task.arrival.name if task.arrival else ""
    return sanitize(arrived or task.name or guess_name(task.url), 200)


def line_of(task: Task) -> str:
    """Say in one line how `task` is."""
    facts = [
        f"{task.id:>5}",
        pad_or_truncate(state_label(task.state), _STATE_CELLS),
        f"{'' if task.sent_at is None else percent(task.percent):>5}",
        name_of(task),
    ]
    reason = reason_of(task)
    return "  ".join(facts) + (f"  ({reason})" if reason else "")


def reason_of(task: Task) -> str:
    """Say why `task` is as it is, or that what arrived looks wrong; empty if all is well."""
    if task.fail_reason:
        return sanitize(task.fail_reason, 300)
    if task.problem is not None:
        explanation = explain_problem(task.problem)
        return " ".join(part for part in (explanation.summary, explanation.details) if part)
    if task.arrival is not None and task.arrival.status is not ArrivalStatus.FOUND:
        return arrival_text(task.arrival)
    return ""


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


STEP_PERCENT = 10
_BAD_STATES = FAILED_STATES | {TaskState.UNCONFIRMED}


class ProgressPrinter:
    """One line a change; what it tells first, the tasks of former runs, is no change."""

    def __init__(self, *, is_quiet: bool = False, ids: Collection[int] | None = None) -> None:
        """`is_quiet`: only what went wrong; `ids`: only these tasks."""
        self.failed: set[int] = set()
        """The tasks that went wrong while it listened."""
        self._is_quiet = is_quiet
        self._ids = ids
        self._seen: dict[int, tuple[TaskState, int]] = {}
        self._told: set[Problem] = set()

    def on_event(self, event: EngineEvent) -> None:
        """Tell what changed."""
        match event:
            case TasksLoaded(tasks):
                self._seen = {task.id: _sight(task) for task in tasks.values()}
            case TasksChanged(changed):
                for task in changed:
                    self._take(task)
            case StatusChanged(status):
                self._take_status(status)

    def _take(self, task: Task) -> None:
        sight = _sight(task)
        before = self._seen.get(task.id)
        self._seen[task.id] = sight
        if sight == before:
            return
        is_bad = task.state in _BAD_STATES
        if is_bad and (before is None or before[0] is not task.state):
            self.failed.add(task.id)
        elif not is_bad:
            self.failed.discard(task.id)
        is_wanted = self._ids is None or task.id in self._ids
        if is_wanted and (is_bad or not self._is_quiet):
            print_data(f"{now()}  {line_of(task)}")

    def _take_status(self, status: Status) -> None:
        """Say each trouble once, until all is well again."""
        problems = (status.last_error, status.store_problem, status.notice)
        # Each answer has a trace id of its own: with it, the same trouble would be news.
        troubles = {replace(problem, trace_id=""): problem for problem in problems if problem}
        for trouble, problem in troubles.items():
            if trouble not in self._told:
                print_message(f"{now()}  {explain_problem(problem).text}")
        self._told = set(troubles)


def _sight(task: Task) -> tuple[TaskState, int]:
    """Return what has to change for a task to be told of."""
    return task.state, int(task.percent // STEP_PERCENT)
