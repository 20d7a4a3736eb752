"""aria2's methods: their parameters, and what each of them does here."""

import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from msgspec import Struct

from pan123_tui import __version__
from pan123_tui.domain.commands import Command, PauseSending, RemoveTasks, SendNext
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.engine.aria2.answers import describe, folder_path, gid, status, uris_of
from pan123_tui.engine.aria2.links import Links, RpcError
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import CANNOT, DONE_ONLY, FRONT_ONLY, REFUSED

MAX_SHOWN = 1000
"""The most tasks in one answer."""
_OK = "OK"
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


class Method(Struct, frozen=True):
    params: type[Params]
    run: Callable[[Links, Any], Coroutine[Any, Any, Any]]


async def _do(links: Links, command: Command[Any]) -> Any:
    return await HANDLERS[type(command)](links.engine, command)


def _task(links: Links, number: str) -> Task:
    try:
        return links.engine.tasks[int(number, 16)]
    except (ValueError, KeyError):
        raise RpcError(_("There is no task {number}.").format(number=number[:20])) from None


async def _add(links: Links, it: AddUri) -> str:
    task = await links.add(it.uris, it.options)
    if it.position == 0:
        await _do(links, SendNext((task.id,)))
    return gid(task.id)


def _lists(engine: Engine) -> Mapping[str, Sequence[Task]]:
    """Return the tasks that are active, that wait in the order of the queue, and the others."""
    unfinished = engine.tasks.unfinished.values()
    ended = (*engine.tasks.finished.values(), *(it for it in unfinished if status(it) == "error"))
    return {
        "active": [it for it in unfinished if status(it) == "active"],
        "waiting": in_send_order(unfinished),
        "stopped": sorted(ended, key=lambda task: task.id),
    }


async def _tell_active(links: Links, it: Keys) -> list[dict[str, Any]]:
    return [describe(links.engine, task, it.keys) for task in _lists(links.engine)["active"]]


def _tell(name: str) -> Method:
    async def tell(links: Links, it: Page) -> list[dict[str, Any]]:
        tasks, first = _lists(links.engine)[name], it.offset
        if first < 0:  # counted from the end, and backwards
            tasks, first = tasks[::-1], -first - 1
        page = tasks[first : first + max(0, min(it.num, MAX_SHOWN))]
        return [describe(links.engine, task, it.keys) for task in page]

    return Method(Page, tell)


async def _options(links: Links, it: Gid) -> dict[str, str]:
    task = _task(links, it.gid)
    return {**describe(links.engine, task, ("dir",)), "out": task.name}


async def _global_options(links: Links, _it: Params) -> dict[str, str]:
    settings = links.engine.settings
    folder = folder_path(links.engine.folders.tree, settings.defaults.folder_id)
    return {"dir": folder, "max-concurrent-downloads": str(settings.service.max_running)}


async def _statistics(links: Links, _it: Params) -> dict[str, str]:
    counts = {name: str(len(tasks)) for name, tasks in _lists(links.engine).items()}
    return {
        "downloadSpeed": "0",
        "uploadSpeed": "0",
        "numActive": counts["active"],
        "numWaiting": counts["waiting"],
        "numStopped": counts["stopped"],
        "numStoppedTotal": counts["stopped"],
    }


async def _remove(links: Links, it: Gid) -> str:
    task = _task(links, it.gid)
    if not await _do(links, RemoveTasks((task.id,))):
        text = _("A link that is being sent right now cannot be removed: wait a moment.")
        raise RpcError(text)
    return gid(task.id)


async def _remove_result(links: Links, it: Gid) -> str:
    if shown_state(_task(links, it.gid)) is not Shown.DONE:
        raise RpcError(_(DONE_ONLY))
    await _remove(links, it)
    return _OK


async def _purge(links: Links, _it: Params) -> str:
    finished = links.engine.tasks.finished.values()
    done = tuple(task.id for task in finished if shown_state(task) is Shown.DONE)
    await _do(links, RemoveTasks(done))
    return _OK


async def _move(links: Links, it: Move) -> int:
    task = _task(links, it.gid)
    if task.state is not TaskState.QUEUED or (it.position, it.how) != (0, "POS_SET"):
        raise RpcError(_(FRONT_ONLY))
    await _do(links, SendNext((task.id,)))
    return 0


def _pause(*, is_paused: bool) -> Method:
    async def pause(links: Links, _it: Params) -> str:
        await _do(links, PauseSending(is_paused))
        return _OK

    return Method(Params, pause)


def _tell_task(answer: Callable[[Engine, Task, Sequence[str]], object]) -> Method:
    async def tell(links: Links, it: Gid) -> object:
        return answer(links.engine, _task(links, it.gid), it.keys)

    return Method(Gid, tell)


def _tell_always(answer: Callable[[], object]) -> Method:
    async def tell(_links: Links, _it: Params) -> object:
        return answer()

    return Method(Params, tell)


def _refuse(text: str) -> Method:
    async def refuse(_links: Links, _it: Params) -> None:
        raise RpcError(_(text))

    return Method(Params, refuse)


_REMOVE = Method(Gid, _remove)
METHODS: Mapping[str, Method] = {
    "aria2.addUri": Method(AddUri, _add),
    "aria2.tellStatus": _tell_task(describe),
    "aria2.tellActive": Method(Keys, _tell_active),
    "aria2.tellWaiting": _tell("waiting"),
    "aria2.tellStopped": _tell("stopped"),
    "aria2.getFiles": _tell_task(lambda engine, task, _keys: describe(engine, task)["files"]),
    "aria2.getUris": _tell_task(lambda _engine, task, _keys: uris_of(task)),
    "aria2.getServers": _tell_task(lambda _engine, _task, _keys: []),
    "aria2.getOption": Method(Gid, _options),
    "aria2.getGlobalOption": Method(Params, _global_options),
    "aria2.getGlobalStat": Method(Params, _statistics),
    "aria2.getVersion": _tell_always(
        lambda: {"version": f"pan123-tui {__version__}", "enabledFeatures": []}
    ),
    "aria2.getSessionInfo": _tell_always(lambda: {"sessionId": _SESSION_ID}),
    "aria2.saveSession": _tell_always(lambda: _OK),
    "aria2.remove": _REMOVE,
    "aria2.forceRemove": _REMOVE,
    "aria2.removeDownloadResult": Method(Gid, _remove_result),
    "aria2.purgeDownloadResult": Method(Params, _purge),
    "aria2.changePosition": Method(Move, _move),
    "aria2.pauseAll": _pause(is_paused=True),
    "aria2.forcePauseAll": _pause(is_paused=True),
    "aria2.unpauseAll": _pause(is_paused=False),
    **dict.fromkeys(
        [f"aria2.{name}" for name in ("addTorrent", "addMetalink", "pause", "forcePause")]
        + [f"aria2.{name}" for name in ("unpause", "changeUri")],
        _refuse(CANNOT),
    ),
    **dict.fromkeys(
        [f"aria2.{name}" for name in ("shutdown", "forceShutdown")]
        + [f"aria2.{name}" for name in ("changeGlobalOption", "changeOption")],
        _refuse(REFUSED),
    ),
    "system.listMethods": _tell_always(lambda: [*METHODS, "system.multicall"]),
    "system.listNotifications": _tell_always(list),
}
