"""The arrival check finds the file of a task and assesses it; and what else is left to do."""

import re
from collections.abc import Iterable
from itertools import chain

from msgspec.structs import replace

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.links.file_names import display_name, split_name
from pan123_tui.domain.links.share_pages import share_page
from pan123_tui.domain.task import (
    SOUGHT_FOR_S,
    ArrivalCheck,
    ArrivalStatus,
    Task,
    TaskState,
    transition,
)
from pan123_tui.domain.task_collection import TaskCollection

DEFAULT_FOLDER = "来自:离线下载"
"""Where files go without a `dirID`: a folder in the root (specification, section one, (二) 2)."""
CLOCK_SLACK_S = 900.0
"""How much this machine's clock may differ from the service's."""
UNCONFIRMED_SLACK_S = 60.0
"""The same for an unconfirmed task: an older file of that name must not count as its own."""
LOOK_AFTER_S = (60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 8 * 3600.0, 86_400.0, 2 * 86_400.0)
"""How long after its create the folder of an unconfirmed task is searched, and how long after its
success that of a task whose file was not there at once, but the latter only up to `SOUGHT_FOR_S`.
"""
RECHECK_FOR_S = 86_400.0
"""How long the service keeps being asked about a missing task."""
LOOK_FOR_S = LOOK_AFTER_S[-1] + SOUGHT_FOR_S
"""How long after that such a task keeps the engine going if no look succeeds."""
_NUMBERED = re.compile(r"(?P<stem>.+?)\s?\(\d{1,4}\)")
_PAGE_EXTENSIONS = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_LARGE = frozenset({".mp4", ".mkv", ".avi", ".mov", ".wmv", ".webm", ".rmvb", ".iso", ".vmdk"})
_SMALL_BYTES = 65_536
"""No film and no disk image is smaller than this."""


def is_check_pending(task: Task, *, now: float) -> bool:
    """Return whether the file of `task` is still to be looked for, at `now` (Unix seconds)."""
    # Without a taskID the user confirmed it; without a link its folder is not known.
    is_known = task.task_id is not None and task.has_link
    is_unchecked = task.state is TaskState.SUCCEEDED and task.arrival is None
    return is_known and is_unchecked and (task.finished_at or 0) > now - SOUGHT_FOR_S


def was_found(task: Task) -> bool:
    """Return whether the file of `task` was seen in its folder, whatever its condition."""
    return task.arrival is not None and task.arrival.status is not ArrivalStatus.NOT_FOUND


def is_lookable(task: Task) -> bool:
    is_unknown = task.state is TaskState.SUCCEEDED and task.file_id is None
    return task.has_link and (is_unknown or task.is_unsure)


def attempted_at(task: Task) -> float:
    """Return when the latest create of `task` began (Unix seconds), if known."""
    attempts = [entry.at for entry in task.timeline if entry.state is TaskState.SUBMITTING]
    return attempts[-1] if attempts else task.created_at


def next_look_at(task: Task) -> float | None:
    """Return when the folder of `task` is next searched (Unix seconds); None: not any more."""
    is_sought = task.has_suspect_file and not task.needs_user
    if was_found(task) or not (is_sought or task.state is TaskState.UNCONFIRMED):
        return None
    since, looked_at = sought_since(task), task.arrival.at if task.arrival else 0.0
    return next((since + s for s in LOOK_AFTER_S if since + s > looked_at), None)


def sought_since(task: Task) -> float:
    """Return from when on the file of a done or unconfirmed `task` is looked for."""
    done_at = task.finished_at if task.state is TaskState.SUCCEEDED else None
    return done_at or attempted_at(task)


def confirm(task: Task, *, at: float) -> Task:
    """Return an unsure `task` as succeeded because the user says so, with its file if found."""
    return transition(
        replace(task, task_id=None),
        TaskState.SUCCEEDED,
        at=at,
        percent=100.0,
        sent_at=attempted_at(task),
        finished_at=at,
        task_id=None,
        problem=None,
        arrival=task.arrival if was_found(task) else None,
    )


def find_unsure(task: Task, files: Iterable[FileEntry]) -> FileEntry | None:
    """Return the file of an unsure `task` among `files`, of which none is another task's."""
    since = attempted_at(task)
    new = [it for it in files if (it.created_at or 0.0) >= since - UNCONFIRMED_SLACK_S]
    by_id = next((it for it in new if it.id == task.file_id), None)
    return by_id or find_file(replace(task, file_id=None, sent_at=since), new)


def find_file(task: Task, files: Iterable[FileEntry]) -> FileEntry | None:
    """Return the file of `task`: by the id from the callback, otherwise the newest of its name."""
    wanted = display_name(task.name, task.url).casefold()
    since = (task.sent_at or task.created_at) - CLOCK_SLACK_S
    if task.file_id is not None:
        return next((it for it in files if it.id == task.file_id), None)
    new = (it for it in files if it.created_at is None or it.created_at >= since)
    own = (it for it in new if _matches_name(it.name.casefold(), wanted))
    return max(own, key=lambda file: file.id, default=None)


def assess_arrival(task: Task, file: FileEntry | None, *, at: float) -> ArrivalCheck:
    if file is None:
        return ArrivalCheck(ArrivalStatus.NOT_FOUND, at)
    return ArrivalCheck(_status(task, file), at, file.name, file.size)


def _status(task: Task, file: FileEntry) -> ArrivalStatus:
    if file.is_blocked:
        return ArrivalStatus.BLOCKED
    expected = split_name(display_name(task.name, task.url))[1].lower()
    got = split_name(file.name)[1].lower()
    is_page = got in _PAGE_EXTENSIONS and expected not in _PAGE_EXTENSIONS
    if is_page and (expected or share_page(task.url)):
        return ArrivalStatus.ERROR_PAGE
    if file.size < _SMALL_BYTES and expected in _LARGE:
        return ArrivalStatus.TOO_SMALL
    return ArrivalStatus.FOUND


def _matches_name(name: str, wanted: str) -> bool:
    """The service adds a number to a name that is taken, and may append what it really got."""
    if name == wanted or any(name == wanted + page for page in _PAGE_EXTENSIONS):
        return True
    stem, extension = split_name(name)
    if extension in _PAGE_EXTENSIONS and split_name(wanted)[1] not in _PAGE_EXTENSIONS:
        stem, extension = split_name(stem)
    match = _NUMBERED.fullmatch(stem)
    return match is not None and match["stem"] + extension == wanted


def has_work(tasks: TaskCollection, status: Status, *, now: float) -> bool:
    """Return whether anything is left to do without the user."""
    if status.store_problem is not None:
        # If the data folder is no longer ours, nothing is written or sent, however long we wait.
        return status.store_problem.kind is not ProblemKind.STORE_LOST
    if status.listens_at:
        return True
    if status.connection is Connection.NO_ACCOUNT:
        return False
    # More may be learnt about these; being precise would cost more.
    ended = (
        it
        for it in tasks.finished.values()
        if (it.state is TaskState.SUCCEEDED and not was_found(it))
        or it.state is TaskState.MISSING
        or it.retry_at is not None
    )
    unended = tasks.unfinished.values()
    return any(_is_work(task, status, now=now) for task in chain(unended, ended))


def _is_work(task: Task, status: Status, *, now: float) -> bool:
    if task.state is TaskState.QUEUED:
        return not status.is_paused and task.folder_id not in status.missing_folders
    if task.is_active:
        uid = status.account.uid if status.account else None
        return uid is None or task.account_uid in (None, uid)
    is_retried = task.retry_at is not None and not status.is_paused
    is_looked_for = status.looks_for_files and (
        is_check_pending(task, now=now)
        or (next_look_at(task) is not None and abs(now - sought_since(task)) < LOOK_FOR_S)
    )
    is_sending = task.state is TaskState.SUBMITTING
    return is_sending or is_retried or may_come_back(task, now=now) or is_looked_for


def may_come_back(task: Task, *, now: float) -> bool:
    """Return whether the service is still asked about a missing `task` at `now` (Unix seconds)."""
    is_recent = abs(now - (task.finished_at or now)) < RECHECK_FOR_S
    return task.state is TaskState.MISSING and is_recent and task.task_id is not None
