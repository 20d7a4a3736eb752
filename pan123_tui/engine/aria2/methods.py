"""aria2's methods: their parameters, and what each of them does here."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from pan123_tui import __version__
from pan123_tui.domain.commands import Command, PauseSending, RemoveTasks, SendNext
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.engine.aria2.answers import describe, folder_path, gid, status
from pan123_tui.engine.aria2.links import Links, RpcError
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import CANNOT, DONE_ONLY, FRONT_ONLY, NOT_SINGLY, REFUSED

MAX_SHOWN = 1000
"""The most tasks in one answer."""
_SESSION_ID = os.urandom(20).hex()


class Params(Struct, frozen=True, array_like=True):
    """The parameters of a call in their order, without the token; more are ignored."""


class AddUri(Params, frozen=True):
    uris: tuple[str, ...]
    options: dict[str, Any] = {}
    position: int | None = None


class Keys(Params, frozen=True):
    keys: tuple[str, ...] = ()


class Gid(Params, frozen=True):
    gid: str
    keys: tuple[str, ...] = ()


class Page(Params, frozen=True):
    offset: int
    num: int
    keys: tuple[str, ...] = ()


class Move(Params, frozen=True):
    gid: str
    position: int
    how: str


Method = tuple[type[Params], Callable[[Links, Any], Any]]
"""Its parameters, and what returns, or awaits, its result."""


def _task(links: Links, it: Gid | Move) -> Task:
    try:
        return links.engine.tasks[int(it.gid, 16)]
    except (ValueError, KeyError):
        raise RpcError(_("There is no task {number}.").format(number=it.gid[:20])) from None


def _lists(engine: Engine) -> Mapping[str, Sequence[Task]]:
    """Return the tasks that are active, that wait in the order of the queue, and the others."""
    unfinished = engine.tasks.unfinished.values()
    ended = (*engine.tasks.finished.values(), *(it for it in unfinished if status(it) == "error"))
    return {
        "Active": [it for it in unfinished if status(it) == "active"],
        "Waiting": in_send_order(unfinished),
        "Stopped": sorted(ended, key=lambda task: task.id),
    }


def _uris(links: Links, it: Gid) -> Any:
    return describe(links.engine, _task(links, it))["files"][0]["uris"]


def _option(links: Links, it: Gid) -> dict[str, Any]:
    task = _task(links, it)
    return {**describe(links.engine, task, ("dir",)), "out": task.name}


def _page(links: Links, name: str, it: Page) -> list[dict[str, Any]]:
    tasks, first = _lists(links.engine)[name], it.offset
    if first < 0:  # counted from the end, and backwards
        tasks, first = tasks[::-1], -first - 1
    page = tasks[first : first + max(0, min(it.num, MAX_SHOWN))]
    return [describe(links.engine, task, it.keys) for task in page]


def _options(links: Links, _it: Params) -> dict[str, str]:
    settings = links.engine.settings
    folder = folder_path(links.engine.folders.tree, settings.defaults.folder_id)
    return {"dir": folder, "max-concurrent-downloads": str(settings.service.max_running)}


def _statistics(links: Links, _it: Params) -> dict[str, str]:
    counts = {f"num{name}": str(len(tasks)) for name, tasks in _lists(links.engine).items()}
    stopped = counts["numStopped"]
    return {"downloadSpeed": "0", "uploadSpeed": "0", "numStoppedTotal": stopped, **counts}


async def _do(links: Links, command: Command[Any]) -> Any:
    return await HANDLERS[type(command)](links.engine, command) or "OK"


async def _add(links: Links, it: AddUri) -> str:
    task = await links.add(it.uris, it.options)
    if it.position == 0:
        await _do(links, SendNext((task.id,)))
    return gid(task.id)


async def _remove(links: Links, it: Gid) -> str:
    task = _task(links, it)
    if await _do(links, RemoveTasks((task.id,))) == "OK":
        text = _("A link that is being sent right now cannot be removed: wait a moment.")
        raise RpcError(text)
    return gid(task.id)


async def _forget(links: Links, it: Gid) -> str:
    if shown_state(_task(links, it)) is not Shown.DONE:
        raise RpcError(_(DONE_ONLY))
    await _remove(links, it)
    return "OK"


async def _purge(links: Links, _it: Params) -> str:
    finished = links.engine.tasks.finished.values()
    done = tuple(task.id for task in finished if shown_state(task) is Shown.DONE)
    await _do(links, RemoveTasks(done))
    return "OK"


async def _move(links: Links, it: Move) -> int:
    task = _task(links, it)
    if task.state is not TaskState.QUEUED or (it.position, it.how) != (0, "POS_SET"):
        raise RpcError(_(FRONT_ONLY))
    await _do(links, SendNext((task.id,)))
    return 0


def _refuse(text: str) -> Method:
    def refuse(_links: Links, _it: Params) -> None:
        raise RpcError(_(text))

    return Params, refuse


_PAUSE: Method = Params, lambda links, _it: _do(links, PauseSending(is_paused=True))
_METHODS: Mapping[str, Method] = {
    "addUri": (AddUri, _add),
    "tellStatus": (Gid, lambda links, it: describe(links.engine, _task(links, it), it.keys)),
    "tellActive": (Keys, lambda links, it: _page(links, "Active", Page(0, MAX_SHOWN, it.keys))),
    "tellWaiting": (Page, lambda links, it: _page(links, "Waiting", it)),
    "tellStopped": (Page, lambda links, it: _page(links, "Stopped", it)),
    "getFiles": (Gid, lambda links, it: describe(links.engine, _task(links, it))["files"]),
    "getUris": (Gid, _uris),
    "getServers": (Gid, lambda _links, _it: []),
    "getOption": (Gid, _option),
    "getGlobalOption": (Params, _options),
    "getGlobalStat": (Params, _statistics),
    "getVersion": (
        Params,
        lambda _links, _it: {"version": f"pan123-tui {__version__}", "enabledFeatures": []},
    ),
    "getSessionInfo": (Params, lambda _links, _it: {"sessionId": _SESSION_ID}),
    "saveSession": (Params, lambda _links, _it: "OK"),
    "remove": (Gid, _remove),
    "forceRemove": (Gid, _remove),
    "removeDownloadResult": (Gid, _forget),
    "purgeDownloadResult": (Params, _purge),
    "changePosition": (Move, _move),
    "pauseAll": _PAUSE,
    "forcePauseAll": _PAUSE,
    "unpauseAll": (Params, lambda links, _it: _do(links, PauseSending(is_paused=False))),
    **dict.fromkeys(("addTorrent", "addMetalink"), _refuse(CANNOT)),
    **dict.fromkeys(("pause", "forcePause", "unpause"), _refuse(NOT_SINGLY)),
    **dict.fromkeys(("shutdown", "forceShutdown"), _refuse(REFUSED)),
    **dict.fromkeys(("changeOption", "changeGlobalOption"), _refuse(REFUSED)),
}
METHODS: Mapping[str, Method] = {
    **{f"aria2.{name}": method for name, method in _METHODS.items()},
    "system.listMethods": (Params, lambda _links, _it: [*METHODS, "system.multicall"]),
    "system.listNotifications": (Params, lambda _links, _it: []),
}
