"""aria2's methods: their parameters, and what each of them does here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from pan123_tui import __version__
from pan123_tui.domain.commands import Command, PauseSending, RemoveTasks, SendNext
from pan123_tui.domain.send_queue import in_send_order
from pan123_tui.domain.task import Shown, Task, TaskState, shown_state
from pan123_tui.engine.aria2.answers import describe, folder_path, gid, status
from pan123_tui.engine.aria2.links import Links, RpcError
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import DONE_ONLY, FRONT_ONLY

MAX_SHOWN = 1000
"""The most tasks in one answer."""


class Params(Struct, frozen=True, array_like=True):
    """The parameters of a call in their order, without the token; more are ignored."""


class AddUri(Params, frozen=True):
    uris: tuple[str, ...]
    options: dict[str, Any] = {}


class Keys(Params, frozen=True):
    keys: tuple[str, ...] = ()


class Gid(Params, frozen=True):
    gid: str
    keys: tuple[str, ...] = ()


class Page(Params, frozen=True):
    offset: int
    num: Annotated[int, Meta(ge=0)]
    keys: tuple[str, ...] = ()


class Move(Params, frozen=True):
    gid: str
    position: int
    how: str


Method = tuple[type[Params], Callable[[Links, Any], Any]]
"""Its parameters, and what returns, or awaits, its result."""


def _task(links: Links, it: Gid | Move) -> Task:
    """Return the task that is meant; raises `RpcError` with aria2's words, which clients know."""
    try:
        return links.engine.tasks[int(it.gid, 16)]
    except ValueError:
        raise RpcError(f"Invalid GID {it.gid[:20]}") from None
    except KeyError:
        raise RpcError(f"GID {it.gid[:20]} is not found") from None


def _lists(engine: Engine) -> Mapping[str, Sequence[Task]]:
    """Return the tasks that are active, that wait in the order of the queue, and the others."""
    unfinished = engine.tasks.unfinished.values()
    ended = (*engine.tasks.finished.values(), *(it for it in unfinished if status(it) == "error"))
    return {
        "Active": [it for it in unfinished if status(it) == "active"],
        "Waiting": in_send_order(unfinished),
        "Stopped": sorted(ended, key=lambda task: task.id),
    }


def _page(links: Links, name: str, it: Page) -> list[dict[str, Any]]:
    tasks, first = _lists(links.engine)[name], it.offset
    if first < 0:  # counted from the end, and backwards
        tasks, first = tasks[::-1], -first - 1
    page = tasks[first : first + min(it.num, MAX_SHOWN)]
    return [describe(links.engine, task, it.keys) for task in page]


def _options(links: Links, _it: Params) -> dict[str, str]:
    default = links.engine.settings.defaults.folder_id
    return {"dir": folder_path(links.engine.folders.tree, default)}


def _statistics(links: Links, _it: Params) -> dict[str, str]:
    counts = {f"num{name}": str(len(tasks)) for name, tasks in _lists(links.engine).items()}
    stopped = counts["numStopped"]
    return {"downloadSpeed": "0", "uploadSpeed": "0", "numStoppedTotal": stopped, **counts}


async def _do(links: Links, command: Command[Any]) -> Any:
    return await HANDLERS[type(command)](links.engine, command) or "OK"


async def _add(links: Links, it: AddUri) -> str:
    return gid((await links.add(it.uris, it.options)).id)


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
    done = tuple(it.id for it in finished if shown_state(it) is Shown.DONE and not it.needs_user)
    await _do(links, RemoveTasks(done))
    return "OK"


async def _move(links: Links, it: Move) -> int:
    task = _task(links, it)
    if task.state is not TaskState.QUEUED or (it.position, it.how) != (0, "POS_SET"):
        raise RpcError(_(FRONT_ONLY))
    await _do(links, SendNext((task.id,)))
    return 0


_METHODS: Mapping[str, Method] = {
    "addUri": (AddUri, _add),
    "tellStatus": (Gid, lambda links, it: describe(links.engine, _task(links, it), it.keys)),
    "tellActive": (Keys, lambda links, it: _page(links, "Active", Page(0, MAX_SHOWN, it.keys))),
    "tellWaiting": (Page, lambda links, it: _page(links, "Waiting", it)),
    "tellStopped": (Page, lambda links, it: _page(links, "Stopped", it)),
    "getFiles": (Gid, lambda links, it: describe(links.engine, _task(links, it))["files"]),
    "getGlobalOption": (Params, _options),
    "getGlobalStat": (Params, _statistics),
    "getVersion": (
        Params,
        lambda _links, _it: {"version": f"pan123-tui {__version__}", "enabledFeatures": []},
    ),
    "remove": (Gid, _remove),
    "forceRemove": (Gid, _remove),
    "removeDownloadResult": (Gid, _forget),
    "purgeDownloadResult": (Params, _purge),
    "changePosition": (Move, _move),
    "pauseAll": (Params, lambda links, _it: _do(links, PauseSending(is_paused=True))),
    "unpauseAll": (Params, lambda links, _it: _do(links, PauseSending(is_paused=False))),
}
METHODS: Mapping[str, Method] = {f"aria2.{name}": method for name, method in _METHODS.items()}
"""Those that the clients of the tests call; a client is told of any other that it is unknown."""
