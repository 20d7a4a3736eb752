"""What aria2's calls tell of a task; what 123pan does not tell is 0 or empty."""

import time
from collections.abc import Collection
from typing import Any

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER, was_found
from pan123_tui.domain.commands import file_name
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown, Task, shown_state
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import UNSURE
from pan123_tui.wording.notes import NoteContext, note

STATUSES = {
    Shown.QUEUED: "waiting",
    Shown.SENDING: "active",
    Shown.RUNNING: "active",
    Shown.DONE: "complete",
    Shown.FAILED: "error",
    Shown.UNSURE: "error",
}
_NONE = (
    *("uploadLength", "downloadSpeed", "uploadSpeed", "connections"),
    *("numPieces", "pieceLength"),
)


def status(task: Task) -> str:
    return STATUSES[shown_state(task)]


def gid(task_id: int) -> str:
    return f"{task_id:016x}"


def folder_path(tree: FolderTree, folder_id: int | None, subfolder: str = "") -> str:
    """Return the path of a folder, from a slash on, as `dir` has it."""
    names = tree.path(folder_id) or (str(folder_id),) if folder_id else ()
    if not (names or subfolder):
        names = (DEFAULT_FOLDER,)
    return "/" + "/".join((*names, *filter(None, (subfolder,))))


def describe(engine: Engine, task: Task, keys: Collection[str] = ()) -> dict[str, Any]:
    """Return the answer of `tellStatus`, without any but `keys` if they are given."""
    shown, tree = shown_state(task), engine.folders.tree
    folder = folder_path(tree, task.folder_id, task.subfolder)
    is_there = shown is Shown.DONE and was_found(task) and task.arrival is not None
    size = str(task.arrival.size) if is_there and task.arrival else "0"
    uris = [{"uri": task.url, "status": "used"}] if task.has_link else []
    file = {"index": "1", "path": f"{folder}/{_name(task)}", "selected": "true", "uris": uris}
    file |= {"length": size, "completedLength": size}
    told: dict[str, Any] = {
        "gid": gid(task.id),
        "status": STATUSES[shown],
        "dir": folder,
        "files": [file],
        **dict.fromkeys(_NONE, "0"),
        "totalLength": size,
        "completedLength": size,
    }
    if shown is Shown.DONE:
        told["errorCode"] = "0"
    elif told["status"] == "error":
        reason = note(task, NoteContext(now=time.time(), status=engine.status))
        text = _(UNSURE).format(reason=reason) if shown is Shown.UNSURE else reason
        told |= {"errorCode": "1", "errorMessage": text}
    return {key: told[key] for key in told if not keys or key in keys}


def _name(task: Task) -> str:
    """Return the name, after the percentage of a download that runs: its bytes are not known."""
    name = sanitize(file_name(task).replace("/", "_"), 255)
    return f"{int(task.percent)} % · {name}" if task.is_active else name
