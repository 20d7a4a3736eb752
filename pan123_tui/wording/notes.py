"""What is said of tasks: their notes, what became of their files, and how batches have ended."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime

from msgspec import Struct, field

from pan123_tui.domain.arrival_check import is_check_pending, is_lookable, was_found
from pan123_tui.domain.batches import BatchResult, time_name
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import ACCOUNT_CONNECTIONS, Status
from pan123_tui.domain.forecast import MIN_STILL_S, is_stalled, time_left_s, unchanged_s
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.send_queue import places, refused_at
from pan123_tui.domain.task import ArrivalStatus, Shown, Task, TaskState, shown_state
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.i18n import N_, _, join_list, join_sentences, language
from pan123_tui.wording import formats
from pan123_tui.wording.problems import explain_problem, short_reason

_MIN_WAIT_S = 5.0
"""A link that has waited longer for the service says so."""
_MAX_CELLS = 300
_DOUBTS: Mapping[ArrivalStatus, tuple[str, str]] = {
    ArrivalStatus.NOT_FOUND: (
        N_("not in the folder"),
        N_("Look on the drive: the file may have another name there."),
    ),
    ArrivalStatus.ERROR_PAGE: (
        N_("a web page, not a file"),
        N_("Probably an error or login page. Edit the link and retry."),
    ),
    ArrivalStatus.TOO_SMALL: (
        N_("very small: {size}"),
        N_("The file may be an error page under the right name: open it to check."),
    ),
    ArrivalStatus.BLOCKED: (
        N_("blocked by 123pan"),
        N_("The file is on the drive, but cannot be opened; the website may say why."),
    ),
}
_HTTP_STATUS = r"源站(?:返回|响应|状态|错误|码|HTTP|[\s:：])*([45]\d\d)(?![\dA-Za-z])"
"""How 123pan says that the source has answered with an HTTP error; other numbers are none."""
_MAX_NAME_CELLS = 30
"""Longest name of a batch in a text."""


class NoteContext(Struct, frozen=True):
    """What the notes depend on besides the tasks."""

    now: float = 0.0
    """Unix seconds."""
    status: Status = field(default_factory=Status)
    folder_names: Mapping[int, str] = field(default_factory=dict)
    """Folder id → path, otherwise name, of the known folders."""
    running: int = 0
    next_id: int | None = None
    has_keys: bool = False
    """Whether a key settles whether a file that was found is the task's."""
    has_engine: bool = True
    """Whether anything sends the links."""

    def folder_text(self, task: Task) -> str:
        """Return where the file of `task` goes, by path if that is known; "": no folder is set."""
        folder_id = task.folder_id or 0
        above = formats.folder_name(folder_id, self.folder_names) if folder_id else ""
        return "/".join(filter(None, (above, task.subfolder)))


def next_to_send(tasks: TaskCollection) -> int | None:
    return next(iter(places(tasks.unfinished.values())), None)


def is_refused_alone(task: Task, context: NoteContext) -> bool:
    """Return whether 123pan has refused this link, but takes others."""
    is_queued = task.state is TaskState.QUEUED
    return is_queued and context.status.hold is None and refused_at(task) > 0


def note(task: Task, context: NoteContext) -> str:
    """Return the note of `task`: untrusted text of one line, "" if there is nothing to say."""
    return _NOTES[shown_state(task)](task, context)


def searched_note(task: Task, context: NoteContext) -> str:
    """Return the note, with the reason that a coming retry hides."""
    text = note(task, context)
    return f"{text}\n{failure_reason(task)}" if task.retry_at is not None else text


def is_certain(task: Task, context: NoteContext) -> bool:
    """Return whether `task` is not done, or its file was found as expected, or need not be."""
    if task.state is not TaskState.SUCCEEDED or task.has_suspect_file:
        return not task.has_suspect_file
    return not context.status.looks_for_files or task.task_id is None or was_found(task)


def signed_word(task: Task, context: NoteContext) -> str:
    """Return the word of `task` after its glyph: "√ done" only where that is certain."""
    shown = shown_state(task)
    glyph = formats.shown_glyph(shown) if is_certain(task, context) else formats.LOOKING_GLYPH
    return f"{glyph} {formats.shown_label(shown)}"


def failure_reason(task: Task) -> str:
    """Return why `task` failed, in the words of the source or of 123pan; "" if nobody knows."""
    if task.fail_reason:
        return sanitize(task.fail_reason, _MAX_CELLS)
    if task.problem is None:
        return ""
    clause = short_reason(task.problem, task.state).rstrip(".。")
    begins_with_a_word = len(clause) > 1 and clause[1].islower()
    return clause[:1].lower() + clause[1:] if begins_with_a_word else clause


def _queued(task: Task, context: NoteContext) -> str:
    status, kind = context.status, task.problem.kind if task.problem else None
    if task.folder_id in status.missing_folders:
        name = formats.folder_name(task.folder_id or 0, context.folder_names)
        return _("waits for folder {name}").format(name=sanitize(name, 60))
    if kind is ProblemKind.FOLDER_NOT_MADE and task.problem:
        return _("folder not made: {reason}").format(reason=sanitize(task.problem.message, 60))
    if kind is ProblemKind.LINK_NOT_PARSED:
        return _("unreadable, trying again")
    if kind is ProblemKind.NAME_REFUSED or (task.name and status.refuses_names):
        return _name_refused(context)
    if not context.has_engine:
        return _held(context) or _("no engine is running")
    place = _("next") if task.id == context.next_id else _("in line")
    place = _("refused, tried again last") if is_refused_alone(task, context) else place
    return _held(context) or place


def _name_refused(context: NoteContext) -> str:
    return _("name refused, {tasks.edit} edits") if context.has_keys else _("name refused")


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
    wait_s = (status.hold_until or 0.0) - context.now
    text = _("tries again in {time}") if wait_s > 0 else _("waits for 123pan")
    return text.format(time=formats.duration(wait_s))


def _sending(task: Task, context: NoteContext) -> str:
    if not context.has_engine:
        return _("no engine is running")
    waited = context.now - task.timeline[-1].at if task.timeline else 0.0
    if waited < _MIN_WAIT_S:  # most answers come at once
        return ""
    return _("waits for 123pan, {time}").format(time=formats.duration(waited))


def _running(task: Task, context: NoteContext) -> str:
    if task.is_unknown:
        return _("123pan: unknown now") if task.samples else _("123pan: not known yet")
    if task.state is TaskState.RETRYING:
        return _("source failed, retrying")
    if task.percent >= 100 and not is_stalled(task):
        return _("finishing")
    if (still_for_s := unchanged_s(task)) >= MIN_STILL_S:
        return _("unchanged {time}").format(time=formats.duration(still_for_s))
    if (left_s := time_left_s(task, context.now)) is not None:
        return formats.eta(left_s)
    unseen_s = context.now - (task.checked_at or context.now)
    text = _("estimating…") if task.percent else _("no progress yet")
    if unseen_s >= MIN_STILL_S:  # without an engine, or offline
        text = _("last checked {ago}").format(ago=formats.ago(unseen_s))
    return text


def _is_never_known(task: Task) -> bool:
    """Return whether the service has never known the taskID, or does not yet."""
    is_unknown = task.is_unknown or task.state is TaskState.MISSING
    return is_unknown and not task.has_link and task.account_uid is None


def _done(task: Task, context: NoteContext) -> str:
    if task.has_suspect_file:
        return file_doubt(task)[0]
    if was_found(task) and task.arrival:
        return formats.size(task.arrival.size)
    if task.task_id is None:
        return _("you said that it arrived")
    is_looked_for = context.has_engine and context.status.looks_for_files
    is_pending = is_looked_for and is_check_pending(task, now=context.now)
    return _("finding the file") if is_pending else ""


def _failed(task: Task, context: NoteContext) -> str:
    plan = task.auto_retry
    if plan is not None and plan.due_at is not None:
        wait = formats.duration(plan.due_at - context.now)
        text = _("retry {number} of {total} in {time}")
        return text.format(number=plan.done + 1, total=plan.of, time=wait)
    reason = failure_reason(task) or _("no reason given")
    if not language().startswith("zh") and (code := re.search(_HTTP_STATUS, task.fail_reason)):
        reason = _("source: HTTP {code}").format(code=code[1])
    if task.problem and task.problem.kind is ProblemKind.LINK_NOT_PARSED:
        return _("link unreadable")
    if task.problem and task.problem.kind is ProblemKind.NAME_REFUSED:
        return _name_refused(context)
    if task.state is not TaskState.REJECTED:
        return reason
    return _("refused: {reason}").format(reason=reason)


def _unsure(task: Task, context: NoteContext) -> str:
    if was_found(task) and task.arrival:
        text = _("{tasks.retry} to decide: {size}")
        text = text if context.has_keys else _("in the folder, {size}")
        return text.format(size=formats.size(task.arrival.size))
    if task.state is TaskState.MISSING:
        if _is_never_known(task):
            return _("123pan: no such taskID")
        missed = _("lost, not in folder") if is_absent(task) else ""
        return missed or _("lost by 123pan")
    if task.arrival is None:
        return _("no answer came")
    if task.arrival.problem is not None:
        return _("folder unreadable")
    return _("not in folder yet")


def is_absent(task: Task) -> bool:
    """Return whether the folder of `task` was read and does not have its file."""
    return task.arrival is not None and task.arrival.problem is None and not was_found(task)


_NOTES: Mapping[Shown, Callable[[Task, NoteContext], str]] = {
    Shown.QUEUED: _queued,
    Shown.SENDING: _sending,
    Shown.RUNNING: _running,
    Shown.DONE: _done,
    Shown.FAILED: _failed,
    Shown.UNSURE: _unsure,
}


def file_doubt(task: Task) -> tuple[str, str]:
    """Return what is wrong with the file of `task` and what to do; ("", "") if nothing is known."""
    check = task.arrival
    if check is None or check.status not in _DOUBTS:
        return "", ""
    if check.status is ArrivalStatus.NOT_FOUND and not task.needs_user:
        return _("not in folder yet"), _("The program looks again, for a day.")
    what, advice = map(_, _DOUBTS[check.status])
    return what.format(size=formats.size(check.size)), advice


def look_text(task: Task, *, now: float) -> str:
    """Return what was found in an unsure task's folder; "" if it was not searched yet."""
    check = task.arrival
    if check is None:
        return ""
    time = formats.day_and_hour(check.at, now)
    if was_found(task):
        found = _("Found in the folder at {time}: {name}, {size}.").format(
            time=time, name=sanitize(check.name, 200), size=formats.size(check.size)
        )
        what, advice = file_doubt(task)
        return join_sentences(found, what and _("{what}.").format(what=what), advice)
    if check.problem is None:
        return _("Not in the folder yet, last checked at {time}.").format(time=time)
    why = explain_problem(check.problem).summary
    return _("The folder could not be read at {time}: {why}").format(time=time, why=why)


def look_advice(task: Task) -> str:
    """Return how to look for the file of an unsure task; "" if looking again would be no use."""
    is_lost = task.state is TaskState.MISSING and is_absent(task)
    if not is_lookable(task) or was_found(task) or is_lost:
        return ""
    return _("{tasks.poll} checks the folder now.")


def patience_advice(task: Task) -> str:
    """Return what to do about a download that does not advance; "" for others."""
    is_stuck = task.state is TaskState.RETRYING or unchanged_s(task) >= MIN_STILL_S
    if _is_never_known(task):
        return _("If the taskID is wrong, remove the task.")
    text = _("Nothing to do: 123pan goes on; sending the link again would only make a second task.")
    return text if is_stuck and not task.is_unknown else ""


def outcome_text(counts: Mapping[Shown, int]) -> str:
    """Return how tasks have ended: "12 done, 2 failed"."""
    return join_list(shown_counts(counts, Shown.DONE, Shown.FAILED, Shown.UNSURE))


def batch_title(name: str, now: float) -> str:
    """Return what a batch is called: "Batch night" or, without a label, "Batch added 14:05"."""
    with suppress(ValueError):
        at = datetime.fromisoformat(name).timestamp()
        if time_name(at) == name:
            return _("Batch added {time}").format(time=formats.day_and_hour(at, now))
    return _("Batch {name}").format(name=sanitize(name, _MAX_NAME_CELLS))


def batch_text(result: BatchResult, now: float) -> str:
    """Return how a batch has ended: "Batch night: 41 done, 18 failed, 38.2 GB in all".

    The size is left out while some files are still being looked for: a partial sum would mislead.
    """
    is_all = len(result.sizes) >= max(1, result.counts.get(Shown.DONE, 0))
    size = _("{size} in all").format(size=formats.size(sum(result.sizes))) if is_all else ""
    known = join_list((outcome_text(result.counts), size))
    return _("{name}: {counts}").format(name=batch_title(result.name, now), counts=known)


def shown_counts(counts: Mapping[Shown, int], *words: Shown) -> list[str]:
    text = _("{count} {word}")
    return [
        text.format(count=formats.number(counts[word]), word=formats.shown_label(word))
        for word in words
        if counts.get(word)
    ]


def batch_progress_texts(counts: Mapping[Shown, int], left_s: float | None) -> tuple[str, ...]:
    """Return how far a batch is, ever shorter: "212 of 300 done · 3 failed · ~40 min left"."""
    done, total = formats.number(counts.get(Shown.DONE, 0)), formats.number(sum(counts.values()))
    parts = [
        _("{done} of {total} done").format(done=done, total=total),
        *shown_counts(counts, Shown.FAILED, Shown.UNSURE),
        *([] if left_s is None else [formats.eta(left_s)]),
    ]
    trouble = parts[:-1] if left_s is not None else parts
    least = _("{done} of {total}").format(done=done, total=total)
    return " · ".join(parts), " · ".join(trouble), least


def since_text(since: float, counts: Mapping[Shown, int], *, now: float) -> str:
    """Return what ended while nobody looked: "Since yesterday 23:10: 41 done, 1 unsure"."""
    time = formats.day_and_hour(since, now)
    return _("Since {time}: {counts}").format(time=time, counts=outcome_text(counts))
