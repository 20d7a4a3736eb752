"""The inbox: applies the requests of other processes, each exactly once."""

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from pan123_tui.config.private_files import make_private_folder, write_private
from pan123_tui.domain.commands import AddTasks, RedirectFolder, RemoveTasks, RetryTasks
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.domain.links.extractor import decode_text, extract, split_into_chunks
from pan123_tui.domain.links.file_names import clean_name, split_name
from pan123_tui.domain.links.review import known_links
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.engine.requests import (
    ID_CHARS,
    REQUEST_SUFFIX,
    TAKEN,
    Request,
    new_request_id,
    read_request,
)
from pan123_tui.engine.task_service import TaskService

MAX_BYTES = 16 * 2**20
QUIET_S = 1.5
"""Time without a write after which a text file is read: it may still be being copied."""
FRESH_S = 3.0
"""Time for which a changed folder is listed again: its modification time is coarse."""
SCAN_INTERVAL_S = 0.4
_UNFINISHED = re.compile(r"^\.|~$|\.(?:part|partial|te?mp|crdownload|swp)$", re.IGNORECASE)
_REQUEST_ID = re.compile(r"\d{20}-[0-9a-f]{12}")

log = logging.getLogger(__name__)


class ClaimedRequest(Struct, frozen=True):
    """A request whose file was moved to `taken/`."""

    id: str
    request: Request
    path: Path
    is_text: bool = False
    """Whether it is a text file with links, which may be known already."""


class InboxFolder:
    """The folder `inbox/`, with `taken/` for claimed and `rejected/` for invalid files.

    A file moves to `taken/` under its request's id before the request is applied, and is removed
    when the outcome is on disk. So a crash leaves the file, the outcome or both; the id, stored
    with the tasks, tells whether the request was applied.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._taken = folder / TAKEN
        self._rejected = folder / "rejected"
        self._clock = clock
        self._seen_ns = 0
        self._is_waiting = True
        self._yielded: set[Path] = set()

    def create_directories(self) -> None:
        """Create the folders, so that users find where to put files; raises `OSError`."""
        for folder in (self.folder, self._taken, self._rejected):
            make_private_folder(folder)

    def may_have_changed(self) -> bool:
        """Return, at the cost of one `stat`, whether `claim()` may find something."""
        try:
            changed_ns = self.folder.stat().st_mtime_ns
        except OSError:
            return False
        is_fresh = self._clock() - changed_ns / 1e9 < FRESH_S
        is_changed = changed_ns != self._seen_ns
        self._seen_ns = changed_ns
        return is_changed or is_fresh or self._is_waiting

    def claim(self) -> Iterator[ClaimedRequest]:
        """Yield what a crash left, then claim and yield the new files, oldest first."""
        self._is_waiting = False
        for path in _files(self._taken):
            if path not in self._yielded:
                yield from self._read(path)
        for path in _files(self.folder):
            if self._is_ready(path) and (claimed := self._claim(path)):
                yield from self._read(claimed)

    def acknowledge(self, claimed: ClaimedRequest) -> None:
        """Remove the file of a request whose outcome is on disk."""
        with suppress(OSError):
            claimed.path.unlink(missing_ok=True)
            self._yielded.discard(claimed.path)

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
        """Move `path` to `taken/` and return the new path; None: it could not be moved."""
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
            content = _read_bytes(path)
            is_text = not _is_request(path)
            request = self._parse_text(path, content) if is_text else read_request(content)
        except (OSError, ValueError, RecursionError) as error:
            self._reject(path, str(error))
            return
        self._yielded.add(path)
        yield ClaimedRequest(path.name[:ID_CHARS], request, path, is_text=is_text)

    def _parse_text(self, path: Path, content: bytes) -> AddTasks:
        """Return the request of a text file; keep the lines that are doubtful in `rejected/`."""
        request, doubtful = _parse_links(content)
        if doubtful:
            log.warning("inbox: %s: where a link ends is doubtful, see rejected/", path.name)
            write_private(self._rejected / path.name, "\n".join([*doubtful, ""]).encode())
        return request

    def _reject(self, path: Path, reason: str) -> None:
        log.warning("inbox: %s is set aside in rejected/: %s", path.name, reason)
        plain = self._rejected / (path.name if _is_request(path) else path.name[ID_CHARS + 1 :])
        with suppress(OSError):
            path.replace(self._rejected / path.name if plain.exists() else plain)


def _is_request(path: Path) -> bool:
    return path.suffix == REQUEST_SUFFIX and _REQUEST_ID.fullmatch(path.stem) is not None


def _files(folder: Path) -> list[Path]:
    """Return the regular files of `folder`, sorted: no pipes, which block, and no links."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]


def _read_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    return content


def _parse_links(content: bytes) -> tuple[AddTasks, Sequence[str]]:
    """Return a request for the links in a text file, and the lines where a link's end is doubtful.

    Raises `ValueError` if there is no other link.
    """
    downloads: dict[str, DownloadRequest] = {}
    doubtful: dict[str, None] = {}
    for text in split_into_chunks(decode_text(content)):
        for link in extract(text).links:
            if link.longer_url:
                doubtful[link.source] = None
                continue
            name = clean_name(link.name)
            downloads.setdefault(
                link.url, DownloadRequest(link.url, name if split_name(name)[1] else "")
            )
    if not downloads:
        raise ValueError("where its links end is doubtful" if doubtful else "no link is in it")
    return AddTasks(tuple(downloads.values())), list(doubtful)


class Inbox:
    """Scans the folder a few times a second; an idle scan costs one `stat`."""

    def __init__(self, folder: InboxFolder, *, interval_s: float = SCAN_INTERVAL_S) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._unsaved: list[ClaimedRequest] = []
        self._scanned = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Ignore `event`: requests come from the folder."""

    async def wait_idle(self) -> None:
        """Wait for a whole scan that began after this call."""
        for _ in range(2):
            self._scanned.clear()
            await self._scanned.wait()

    async def run(self, tasks: TaskService, /) -> None:
        """Apply requests until cancelled."""
        # A thread of its own, so that a slow disk blocks neither the loop nor other threads' work.
        with ThreadPoolExecutor(1, thread_name_prefix="inbox") as thread:
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(thread, self._folder.create_directories)
            except OSError as error:
                message = f"{self._folder.folder}: {error.strerror or error}"
                tasks.set_notice(Problem(ProblemKind.INBOX_UNUSABLE, message))
            while True:
                if self._folder.may_have_changed():
                    for claimed in await loop.run_in_executor(thread, list, self._folder.claim()):
                        await self._apply(tasks, claimed)
                self._acknowledge_saved(tasks)
                self._scanned.set()
                await asyncio.sleep(self._interval_s)

    async def _apply(self, tasks: TaskService, claimed: ClaimedRequest) -> None:
        match claimed.request:
            case AddTasks(downloads):
                await self._add(tasks, claimed, downloads)
            case RetryTasks(unconfirmed_too=unconfirmed_too) as request:
                chosen = [
                    task.id
                    for task in request.select(tasks.tasks.values())
                    if task.request_id != claimed.id
                ]
                await tasks.retry(chosen, unconfirmed_too=unconfirmed_too, request_id=claimed.id)
            case RemoveTasks(ids):
                await tasks.remove(ids)
            case RedirectFolder(folder_id, to):
                await tasks.redirect(folder_id, to)
        self._unsaved.append(claimed)

    async def _add(
        self, tasks: TaskService, claimed: ClaimedRequest, downloads: tuple[DownloadRequest, ...]
    ) -> None:
        """Queue `downloads`, unless a former run has done so before a crash."""
        if any(header.request_id == claimed.id for header in tasks.tasks.headers()):
            return
        if claimed.is_text:
            known = known_links(tasks.tasks.values())
            downloads = tuple(d for d in downloads if duplicate_key(d.url) not in known)
        await tasks.add(downloads, request_id=claimed.id)

    def _acknowledge_saved(self, tasks: TaskService) -> None:
        """Remove the files of requests whose outcome is on disk; keep the others for a restart."""
        if tasks.is_saved:
            for claimed in self._unsaved:
                self._folder.acknowledge(claimed)
            self._unsaved.clear()
