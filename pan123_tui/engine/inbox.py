"""The inbox: carries out what other processes asked for, each request exactly once."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from pan123_tui.config.private_files import make_private_folder
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.domain.links.extractor import decode_text, extract, split_into_chunks
from pan123_tui.domain.links.file_names import clean_name, split_name
from pan123_tui.domain.links.review import known_links
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import FAILED_STATES, RETRYABLE_STATES, DownloadRequest
from pan123_tui.engine.requests import (
    ID_CHARS,
    REQUEST_SUFFIX,
    TAKEN,
    AddRequest,
    RemoveRequest,
    Request,
    RetryRequest,
    new_request_id,
    read_request,
)
from pan123_tui.engine.task_service import TaskService

MAX_BYTES = 16 * 2**20
QUIET_S = 1.5
"""A text file is read once nobody has written to it for so long: copying takes its time."""
FRESH_S = 3.0
"""A folder's time is coarse: a change may hide in the moment after the last look."""
_UNFINISHED = re.compile(r"^\.|~$|\.(?:part|partial|te?mp|crdownload|swp)$", re.IGNORECASE)
_REQUEST_ID = re.compile(r"\d{20}-[0-9a-f]{12}")

log = logging.getLogger(__name__)


class ClaimedRequest(Struct, frozen=True):
    """A request whose file is claimed: from now on nobody else takes it."""

    id: str
    request: Request
    path: Path
    is_text: bool = False
    """Whether it is a text file that nobody has reviewed."""


class InboxFolder:
    """`inbox/`, with `taken/` for what is being carried out and `rejected/` for what cannot be.

    A file goes to `taken/` under the id of its request before it is carried out, and is removed
    when the outcome is on disk: so a crash at any moment leaves either the file or the outcome,
    and the id, kept with the tasks, tells which.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._taken = folder / TAKEN
        self._rejected = folder / "rejected"
        self._clock = clock
        self._seen_ns = 0
        self._is_waiting = True
        self._handed_out: set[Path] = set()

    def prepare(self) -> None:
        """Make the folders, so that people find where to drop; raises `OSError`."""
        for folder in (self.folder, self._taken, self._rejected):
            make_private_folder(folder)

    def may_have_changed(self) -> bool:
        """Tell, with one look at the folder's time, whether `take` may find something."""
        try:
            changed_ns = self.folder.stat().st_mtime_ns
        except OSError:
            return False
        is_fresh = self._clock() - changed_ns / 1e9 < FRESH_S
        is_news = changed_ns != self._seen_ns
        self._seen_ns = changed_ns
        return is_news or is_fresh or self._is_waiting

    def claim(self) -> Iterator[ClaimedRequest]:
        """Claim and give what lies there: first what a crash left, then the new, oldest first."""
        self._is_waiting = False
        for path in _files(self._taken):
            if path not in self._handed_out:
                yield from self._read(path)
        for path in _files(self.folder):
            if self._is_ready(path) and (claimed := self._claim(path)):
                yield from self._read(claimed)

    def acknowledge(self, taken: ClaimedRequest) -> None:
        """Forget a request whose outcome is on disk."""
        with suppress(OSError):
            taken.path.unlink(missing_ok=True)
            self._handed_out.discard(taken.path)

    def _is_ready(self, path: Path) -> bool:
        if _UNFINISHED.search(path.name):
            return False
        if _is_request(path):
            return True
        with suppress(OSError):
            if self._clock() - path.stat().st_mtime >= QUIET_S:
                return True
        self._is_waiting = True
        return False

    def _claim(self, path: Path) -> Path | None:
        """Move `path` to where only this process looks; None: it could not be moved."""
        name = path.name if _is_request(path) else f"{new_request_id()}.{path.name[-200:]}"
        claimed = self._taken / name
        try:
            path.replace(claimed)
        except OSError as error:
            log.warning("inbox: %s stays where it is: %s", path.name, error.strerror)
            return None
        return claimed

    def _read(self, path: Path) -> Iterator[ClaimedRequest]:
        try:
            content = _content(path)
            is_text = not _is_request(path)
            request = _links_in(content) if is_text else read_request(content)
        except (OSError, ValueError, RecursionError) as error:
            self._reject(path, str(error))
            return
        self._handed_out.add(path)
        yield ClaimedRequest(path.name[:ID_CHARS], request, path, is_text=is_text)

    def _reject(self, path: Path, reason: str) -> None:
        log.warning("inbox: %s is set aside in rejected/: %s", path.name, reason)
        plain = self._rejected / (path.name if _is_request(path) else path.name[ID_CHARS + 1 :])
        with suppress(OSError):
            path.replace(self._rejected / path.name if plain.exists() else plain)


def _is_request(path: Path) -> bool:
    return path.suffix == REQUEST_SUFFIX and _REQUEST_ID.fullmatch(path.stem) is not None


def _files(folder: Path) -> list[Path]:
    """Give the plain files of `folder`: no pipe, which would wait, and no link to elsewhere."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    return content


def _links_in(content: bytes) -> AddRequest:
    """Read a whole text file: every link in it, each once. Raises `ValueError` without any."""
    drafts: dict[str, DownloadRequest] = {}
    for text in split_into_chunks(decode_text(content)):
        for link in extract(text).links:
            name = clean_name(link.name)
            drafts.setdefault(
                link.url, DownloadRequest(link.url, name if split_name(name)[1] else "")
            )
    if not drafts:
        raise ValueError("no link is in it")
    return AddRequest(tuple(drafts.values()))


SCAN_INTERVAL_S = 0.4


class Inbox:
    """Looks into the folder a few times a second; an idle look costs one `stat`."""

    def __init__(self, folder: InboxFolder, *, interval_s: float = SCAN_INTERVAL_S) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._unsaved: list[ClaimedRequest] = []
        self._looked = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Nothing to hear: requests come from the folder."""

    async def wait_idle(self) -> None:
        """Return after a whole look that began later than this call."""
        for _ in range(2):
            self._looked.clear()
            await self._looked.wait()

    async def run(self, service: TaskService, /) -> None:
        """Carry out what is there and what comes, for ever."""
        # A thread of its own: a slow disk stops neither the loop nor the name look-ups.
        with ThreadPoolExecutor(1, thread_name_prefix="inbox") as thread:
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(thread, self._folder.prepare)
            except OSError as error:
                message = f"{self._folder.folder}: {error.strerror or error}"
                service.set_notice(Problem(ProblemKind.INBOX_UNUSABLE, message))
            while True:
                if self._folder.may_have_changed():
                    for taken in await loop.run_in_executor(thread, list, self._folder.claim()):
                        await self._carry_out(service, taken)
                self._finish_saved(service)
                self._looked.set()
                await asyncio.sleep(self._interval_s)

    async def _carry_out(self, service: TaskService, taken: ClaimedRequest) -> None:
        match taken.request:
            case AddRequest():
                await self._add(service, taken, taken.request)
            case RetryRequest(ids, unconfirmed_too):
                await self._retry(service, taken.id, ids, unconfirmed_too=unconfirmed_too)
            case RemoveRequest(ids):
                await service.remove(ids)
        self._unsaved.append(taken)

    async def _add(self, service: TaskService, taken: ClaimedRequest, request: AddRequest) -> None:
        if any(header.request_id == taken.id for header in service.tasks.headers()):
            return
        drafts = request.drafts
        if taken.is_text:
            known = known_links(service.tasks.values())
            drafts = tuple(d for d in drafts if duplicate_key(d.url) not in known)
        await service.add(drafts, request_id=taken.id)

    async def _retry(
        self,
        service: TaskService,
        request_id: str,
        ids: tuple[int, ...] | None,
        *,
        unconfirmed_too: bool,
    ) -> None:
        wanted = None if ids is None else frozenset(ids)
        states = RETRYABLE_STATES if unconfirmed_too else FAILED_STATES
        chosen = [
            task.id
            for task in service.tasks.values()
            if task.request_id != request_id
            and task.state in states
            and (wanted is None or task.id in wanted)
        ]
        await service.retry(chosen, unconfirmed_too=unconfirmed_too, request_id=request_id)

    def _finish_saved(self, service: TaskService) -> None:
        """Remove the files of requests whose outcome is on disk; keep the others for a restart."""
        if service.is_saved:
            for taken in self._unsaved:
                self._folder.acknowledge(taken)
            self._unsaved.clear()
