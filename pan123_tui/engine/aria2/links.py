"""Links that come in: reviewed, queued in their order, each once."""

import asyncio
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.batches import batch_labels
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.errors import error_of
from pan123_tui.domain.events import EngineEvent, TasksChanged
from pan123_tui.domain.folders import FolderFault, parse_folder
from pan123_tui.domain.links.extractor import extract_argument
from pan123_tui.domain.links.file_names import check_name, last_name
from pan123_tui.domain.links.review import ReviewRow, judge, to_requests
from pan123_tui.domain.links.url import (
    MAX_URL_CHARS,
    Doubt,
    RejectionReason,
    drop_invisible,
    duplicate_key,
    encode_link,
)
from pan123_tui.domain.task import DownloadRequest, Source, Task
from pan123_tui.engine.aria2.answers import folder_path
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.engine.engine import Engine
from pan123_tui.i18n import _
from pan123_tui.wording.entrance import BATCH, NO_LINK, NOT_SINGLY
from pan123_tui.wording.inputs import fault_text, reason_text

BATCH_S = 60.0
"""How long after its last link another one still belongs to a batch."""
_OF_A_BROWSER = ("header", "referer", "user-agent")
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:")


class RpcError(Exception):
    """Why a call is refused: a sentence for whoever made it."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class Wanted(Struct, frozen=True):
    """A link that came in, and where it goes."""

    request: DownloadRequest
    subfolder: str
    source: tuple[Source, ...]
    task: asyncio.Future[Task | None]
    """None: it is known."""

    @property
    def key(self) -> str:
        return duplicate_key(self.request.url)


class Links:
    """Queues what comes in at the same time together, so that a thousand links are soon saved."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._waiting: list[Wanted] = []
        self._adding = asyncio.Lock()
        self._ids: dict[str, int] = {}
        """The tasks up to `_newest` by the duplicate keys of their links, former ones included."""
        self._newest = 0
        self._batch, self._batch_at = "", 0.0

    def on_event(self, event: EngineEvent, /) -> None:
        if isinstance(event, TasksChanged):
            self._index(task for task in event.tasks if task.id <= self._newest)

    def _index(self, tasks: Iterable[Task]) -> None:
        self._ids.update((duplicate_key(task.url), task.id) for task in tasks if task.has_link)

    def _known(self, key: str) -> int:
        """Return the task with a link; 0: there is none."""
        if not (number := self._ids.get(key, 0)):
            return 0
        task = self.engine.tasks.get(number)
        if task is None or duplicate_key(task.url) != key:  # removed or edited: an older one may be
            self._index(self.engine.tasks.values())
            task = self.engine.tasks.get(self._ids[key])
        return task.id if task is not None and duplicate_key(task.url) == key else 0

    async def add(self, uris: Sequence[str], options: Mapping[str, Any]) -> Task:
        """Queue a link, and return its task once it is on disk; raises `RpcError`."""
        row = _chosen(uris)
        if str(options.get("pause")).lower() == "true":
            raise RpcError(_(NOT_SINGLY))
        folder_id, subfolder, other = self._place(str(options.get("dir") or ""))
        if name := last_name(str(options.get("out") or "")):
            row = replace(row, name=name, has_own_name=True)
        callback_url = self.engine.settings.defaults.callback_url
        common = DownloadRequest("", folder_id=folder_id, callback_url=callback_url)
        (request,) = to_requests([row], common)
        source = [Source.ARIA2, *other]
        source += [Source.HEADERS] if any(map(options.get, _OF_A_BROWSER)) else []
        source += [Source.MIRRORS] if len(uris) > 1 else []
        added: asyncio.Future[Task | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Wanted(request, subfolder, tuple(source), added))
        async with self._adding:
            if not added.done():
                await self._add_all()
        task = await added
        if task is None:
            known = {row.key: number} if (number := self._known(row.key)) else {}
            sent = await self.engine.repository.with_sent(lambda links: links.find([row.key]))
            raise RpcError(reason_text(judge([row], known, sent)[0]))
        if (problem := self.engine.status.store_problem) is not None:
            raise error_of(problem)
        return task

    async def _add_all(self) -> None:
        """Queue all that wait, in their order, and tell them their tasks."""
        waiting, self._waiting = self._waiting, []
        try:
            for _place, group in groupby(waiting, lambda it: (it.subfolder, it.source)):
                await self._add_group([*group])
        except Exception as error:  # noqa: BLE001 - whoever waits for it raises it
            for task in (it.task for it in waiting if not it.task.done()):
                task.set_exception(error)

    async def _add_group(self, group: Sequence[Wanted]) -> None:
        tasks, queued = self.engine.tasks, dict[str, Task]()
        self._index(tasks[number] for number in tasks if number > self._newest)
        self._newest = max(tasks, default=0)
        first = {it.key: it for it in reversed(group) if not self._known(it.key)}
        if first:
            command = AddTasks(
                tuple(it.request for it in group if first.get(it.key) is it),
                self._label(),
                self._newest,
                subfolder=group[0].subfolder,
                source=group[0].source,
            )
            added = await HANDLERS[AddTasks](self.engine, command)
            queued = {duplicate_key(task.url): task for task in added}
        for wanted in group:
            if not wanted.task.done():
                wanted.task.set_result(queued.pop(wanted.key, None))

    def _label(self) -> str:
        """Return the batch of what comes now: the last one for a minute, then a new one."""
        now = self.engine.clock()
        if not 0 <= now - self._batch_at <= BATCH_S:
            labels, at = batch_labels(self.engine.tasks), time.localtime(now)
            names = (_(BATCH).format(time=time.strftime(it, at)) for it in ("%H:%M", "%c"))
            self._batch = next((name for name in names if name not in labels), "")
        self._batch_at = now
        return self._batch

    def _place(self, text: str) -> tuple[int | None, str, tuple[Source, ...]]:
        """Return the folder for `dir`, and a path in it that is made before the link is sent.

        A path of this machine, such as extensions send, means the default folder, which is noted.
        """
        tree, default = self.engine.folders.tree, self.engine.settings.defaults.folder_id
        target = parse_folder(text)
        if target is None or text == folder_path(tree, default):
            return default, "", ()
        if isinstance(target, int):
            return target, "", ()
        if _ABSOLUTE.match(text):
            known = None if isinstance(target, FolderFault) else tree.at(target)
            return known or default, "", () if known else (Source.FOLDER,)
        if isinstance(target, FolderFault):
            raise RpcError(fault_text(target))
        if fault := next(filter(None, map(check_name, target)), None):
            raise RpcError(fault_text(fault))
        return None, "/".join(target), ()


def _chosen(uris: Sequence[str]) -> ReviewRow:
    """Return the first link that needs no look; raises `RpcError` with what is wrong."""
    rows = [_reviewed(uri) for uri in uris]
    good = next((row for row in rows if row.is_kept_as_new), None)
    if good is None:
        raise RpcError((rows and reason_text(rows[0])) or _(NO_LINK))
    return good


def _reviewed(uri: str) -> ReviewRow:
    if len(uri) > MAX_URL_CHARS:
        return ReviewRow(uri, reason=RejectionReason.TOO_LONG)
    rows, whole = extract_argument(uri), encode_link(drop_invisible(uri).strip())
    if not rows:
        return ReviewRow(uri, reason=RejectionReason.NO_LINK)
    row = rows[0]
    is_whole = len(rows) == 1 and row.text == whole
    if row.is_kept_as_new and whole.lower().startswith("http") and not is_whole:
        return replace(row, doubt=Doubt.END)
    return row
