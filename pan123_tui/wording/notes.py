"""A task's note: what its word does not say, in a few plain words."""

from collections.abc import Callable, Mapping

from msgspec import Struct, field

from pan123_tui.domain.arrival_check import is_check_pending, was_found
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Status
from pan123_tui.domain.forecast import forecast
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import places
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import _
from pan123_tui.wording import formats
from pan123_tui.wording.outcomes import arrival_warning
from pan123_tui.wording.problems import short_reason

_MIN_WAIT_S = 5.0
"""A link that has waited longer for the service says so."""
_MAX_CELLS = 300


class NoteContext(Struct, frozen=True):
    """What the notes depend on besides the tasks."""

    now: float = 0.0
    """Unix seconds."""
    status: Status = field(default_factory=Status)
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """Folder id → name or path, of the known folders."""
    running: int = 0
    next_id: int | None = None
    checks_arrivals: bool = True
    """Whether the file is looked for in its folder after a success."""


def next_to_send(tasks: TaskCollection, status: Status, now: float) -> int | None:
    in_order = places(tasks.unfinished.values())
    return next((it for it in in_order if status.refused_links.get(it, 0.0) <= now), None)


def is_refused_for_now(task: Task, context: NoteContext) -> bool:
    """Return whether 123pan refuses this link again and again, although it takes others."""
    until = context.status.refused_links.get(task.id, 0.0)
    return task.state is TaskState.QUEUED and task.problem is not None and until > context.now


def note(task: Task, context: NoteContext) -> str:
    """Return the note of `task`: untrusted text of one line, "" if there is nothing to say."""
    return _NOTES[shown_state(task)](task, context)


def searched_note(task: Task, context: NoteContext) -> str:
    """Return the note, with the reason that a coming retry hides."""
    text = note(task, context)
    return f"{text}\n{failure_reason(task)}" if task.retry_at is not None else text


def is_certain(task: Task, *, checks_arrivals: bool) -> bool:
    """Return whether a done `task` needs no further look: its file was found, or need not be."""
    return was_found(task) or task.task_id is None or not checks_arrivals


def failure_reason(task: Task) -> str:
    """Return why `task` failed, in the words of the source or of 123pan; "" if nobody knows."""
    if task.fail_reason:
        return sanitize(task.fail_reason, _MAX_CELLS)
    if task.is_doubtful and task.arrival:
        return arrival_warning(task.arrival)[0]
    if task.problem is None:
        return ""
    clause = short_reason(task.problem, task.state).rstrip(".。")
    begins_with_a_word = len(clause) > 1 and clause[1].islower()
    return clause[:1].lower() + clause[1:] if begins_with_a_word else clause


def _queued(task: Task, context: NoteContext) -> str:
    status, kind = context.status, task.problem.kind if task.problem else None
    if kind is ProblemKind.FOLDER_MISSING or task.folder_id in status.missing_folders:
        folder_id = task.folder_id or 0
        name = context.folder_names.get(folder_id, str(folder_id))
        return _("waits for folder {name}").format(name=sanitize(name, 60))
    if kind is ProblemKind.LINK_NOT_PARSED:
        return _("123pan could not read it, trying again")
    if is_refused_for_now(task, context) and not status.is_paused:
        wait = formats.duration(status.refused_links[task.id] - context.now)
        return _("123pan refused it for now, tries again in {time}").format(time=wait)
    return _held(context) or (_("next") if task.id == context.next_id else "")


def _held(context: NoteContext) -> str:
    status, hold = context.status, context.status.hold
    if status.is_paused:
        return _("paused")
    if status.connection in ACCOUNT_CONNECTIONS:
        return _("waits for you to log in")
    if hold is None:
        return ""
    if hold.kind in (ProblemKind.TOO_MANY_TASKS, ProblemKind.RUNNING_LIMIT) and context.running:
        count = formats.number(context.running)
        return _("limit reached, {count} running").format(count=count)
    if status.hold_until is None:
        return _("waits for you")
    wait_s = status.hold_until - context.now
    text = _("tries again in {time}") if wait_s > 0 else _("waits for 123pan")
    return text.format(time=formats.duration(wait_s))


def _sending(task: Task, context: NoteContext) -> str:
    waited = context.now - task.timeline[-1].at if task.timeline else 0.0
    if waited < _MIN_WAIT_S:  # most answers come at once
        return ""
    return _("waits for 123pan, {time}").format(time=formats.duration(waited))


def _running(task: Task, context: NoteContext) -> str:
    if task.is_unknown:
        was_known = bool(task.samples)
        text = _("123pan does not know it at the moment") if was_known else ""
        return _never_known(task) or text or _("123pan does not know it yet")
    if task.state is TaskState.RETRYING:
        return _("source failed, 123pan tries again")
    estimate = forecast(task, context.now)
    if estimate.is_full_but_running and estimate.stalled_for_s is None:
        return _("finishing")
    if estimate.still_for_s is not None:
        return _("no change for {time}").format(time=formats.duration(estimate.still_for_s))
    return "" if estimate.eta_s is None else formats.eta(estimate.eta_s)


def _never_known(task: Task) -> str:
    """Return what to do about a taskID that the service has never known; "" for others."""
    is_never_known = not task.has_link and task.account_uid is None
    text = _("123pan does not know this taskID; if it is wrong, remove it")
    return text if is_never_known else ""


def _done(task: Task, context: NoteContext) -> str:
    if was_found(task) and task.arrival:
        return formats.size(task.arrival.size)
    is_looked_for = context.checks_arrivals and is_check_pending(task, now=context.now)
    return _("looking for the file") if is_looked_for else ""


def _failed(task: Task, context: NoteContext) -> str:
    plan = task.auto_retry
    if plan is not None and plan.due_at is not None:
        wait = formats.duration(plan.due_at - context.now)
        text = _("retry {number} of {total} in {time}")
        return text.format(number=plan.done + 1, total=plan.of, time=wait)
    reason = failure_reason(task) or _("no reason given")
    is_refused = task.state is TaskState.REJECTED
    return _("link refused: {reason}").format(reason=reason) if is_refused else reason


def _unsure(task: Task, _context: NoteContext) -> str:
    if task.state is TaskState.MISSING:
        return _never_known(task) or _("123pan no longer knows it")
    if task.arrival is None:
        return _("no answer came")
    if was_found(task):
        return _("found in the folder, {size}").format(size=formats.size(task.arrival.size))
    if task.arrival.problem is not None:
        return _("no answer came, folder not readable")
    return _("no answer came, not in the folder yet")


_NOTES: Mapping[Shown, Callable[[Task, NoteContext], str]] = {
    Shown.QUEUED: _queued,
    Shown.SENDING: _sending,
    Shown.RUNNING: _running,
    Shown.DONE: _done,
    Shown.FAILED: _failed,
    Shown.UNSURE: _unsure,
}
