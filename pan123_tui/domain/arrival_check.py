"""The arrival check: find the file of a finished task in its folder and assess it."""

import re
from collections.abc import Iterable

from pan123_tui.domain.folders import FileEntry
from pan123_tui.domain.links.file_names import guess_name, split_name
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus, Task, TaskState

DEFAULT_FOLDER = "来自:离线下载"
"""Where files land without `dirID` (specification, section one, (二) 2), inside the root."""
CLOCK_SLACK_S = 900.0
"""How far this machine's clock may be from the service's."""
MAX_AGE_S = 86_400.0
"""Successes that are older are not checked any more."""
_NUMBERED = re.compile(r"(?P<stem>.+?)\s?\(\d{1,4}\)")
_PAGE_EXTENSIONS = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_MIN_KIB = {
    64: "mp4 mkv avi mov wmv flv ts m2ts webm rmvb iso img dmg vhd vmdk qcow2 wim",
    16: "mp3 flac wav m4a ape ogg exe msi apk ipa deb rpm pkg jar tar.xz tar.zst",
    4: "zip rar 7z gz bz2 xz zst tar tar.gz tar.bz2 pdf epub mobi azw3",
}
_MIN_BYTES = {f".{ext}": kib * 1024 for kib, exts in _MIN_KIB.items() for ext in exts.split()}


def expected_name(task: Task) -> str:
    """Return the name that the file of `task` should have."""
    return task.name or guess_name(task.url)


def is_check_pending(task: Task, *, now: float) -> bool:
    """Return whether the file of `task` is still to be looked for, at `now` (Unix seconds)."""
    is_recent = (task.finished_at or 0) > now - MAX_AGE_S
    return task.state is TaskState.SUCCEEDED and task.arrival is None and is_recent


def find_file(task: Task, files: Iterable[FileEntry]) -> FileEntry | None:
    """Return the file of `task`, by the id from the callback, else the newest of its name.

    The service numbers a name that is taken and may append the extension of what it really got.
    """
    wanted = expected_name(task).casefold()
    since = (task.sent_at or task.created_at) - CLOCK_SLACK_S
    found: FileEntry | None = None
    for file in files:
        if task.file_id is not None:
            if file.id == task.file_id:
                return file
        elif (file.created_at is None or file.created_at >= since) and _matches_name(
            file.name.casefold(), wanted
        ):
            found = file if found is None or file.id > found.id else found
    return found


def assess_arrival(task: Task, file: FileEntry | None, *, at: float) -> ArrivalCheck:
    """Return the check of `file`, as `find_file` returned it for `task`, at `at` (Unix seconds)."""
    if file is None:
        return ArrivalCheck(ArrivalStatus.NOT_FOUND, at)
    return ArrivalCheck(_status(task, file), at, file.name, file.size)


def _status(task: Task, file: FileEntry) -> ArrivalStatus:
    if file.is_blocked:
        return ArrivalStatus.BLOCKED
    expected = split_name(expected_name(task))[1].lower()
    got = split_name(file.name)[1].lower()
    if got in _PAGE_EXTENSIONS and expected and expected not in _PAGE_EXTENSIONS:
        return ArrivalStatus.ERROR_PAGE
    if file.size < _MIN_BYTES.get(expected, 0):
        return ArrivalStatus.TOO_SMALL
    return ArrivalStatus.FOUND


def _matches_name(name: str, wanted: str) -> bool:
    if name == wanted or any(name == wanted + page for page in _PAGE_EXTENSIONS):
        return True
    stem, extension = split_name(name)
    if extension in _PAGE_EXTENSIONS and split_name(wanted)[1] not in _PAGE_EXTENSIONS:
        stem, extension = split_name(stem)
    match = _NUMBERED.fullmatch(stem)
    return match is not None and match["stem"] + extension == wanted
