"""The inbox: queues the links of the text files that are dropped there, each exactly once."""

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
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.domain.links.extractor import decode_text, extract, split_into_chunks
from pan123_tui.domain.links.review import known_links
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.engine.requests import ID_CHARS, new_request_id
from pan123_tui.engine.task_service import TaskService

INBOX = "inbox"
TAKEN = "taken"
"""Folder in the inbox for claimed files."""
MAX_BYTES = 16 * 2**20
QUIET_S = 1.5
"""Time without a write after which a text file is read: it may still be being copied."""
FRESH_S = 3.0
"""Time for which a changed folder is listed again: its modification time is coarse."""
SCAN_INTERVAL_S = 0.4
_UNFINISHED = re.compile(r"^\.|~$|\.(?:part|partial|te?mp|crdownload|swp)$", re.IGNORECASE)

log = logging.getLogger(__name__)


class ClaimedFile(Struct, frozen=True):
    """A text file that was moved to `taken/`."""

    id: str
    """The id of the request that its links are queued by."""
    downloads: tuple[DownloadRequest, ...]
    path: Path


class InboxFolder:
    """The folder `inbox/`, with `taken/` for claimed and `rejected/` for invalid files.

    A file moves to `taken/` under a request's id before its links are queued, and is removed
    when they are on disk. So a crash leaves the file, the tasks or both; the id, stored with the
    tasks, tells whether the links were queued.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._taken = folder / TAKEN
        self._rejected = folder / "rejected"
        self._clock = clock
        self._seen_ns = 0
        self._is_waiting = True
        self._yielded: set[Path] = set()
        self._stuck: set[Path] = set()

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

    def claim(self) -> Iterator[ClaimedFile]:
        """Yield what a crash left, then claim and yield the new files, oldest first."""
        self._is_waiting = False
        for path in _files(self._taken):
            if path not in self._yielded:
                yield from self._read(path)
        for path in _files(self.folder):
            if self._is_ready(path) and (claimed := self._claim(path)):
                yield from self._read(claimed)

    def acknowledge(self, claimed: ClaimedFile) -> None:
        """Remove a file whose links are on disk."""
        with suppress(OSError):
            claimed.path.unlink(missing_ok=True)
            self._yielded.discard(claimed.path)

    def _is_ready(self, path: Path) -> bool:
        if _UNFINISHED.search(path.name):
            return False
        with suppress(OSError):
            if self._clock() - path.stat().st_mtime >= QUIET_S:
                return True
        self._is_waiting = True
        return False

    def _claim(self, path: Path) -> Path | None:
        """Move `path` to `taken/` and return the new path; None: it could not be moved."""
        claimed = self._taken / f"{new_request_id()}.{path.name[-200:]}"
        try:
            path.replace(claimed)
        except OSError as error:
            if path not in self._stuck:
                log.warning("inbox: %s stays where it is: %s", path.name, error.strerror)
            self._stuck.add(path)
            self._is_waiting = True
            return None
        self._stuck.discard(path)
        return claimed

    def _read(self, path: Path) -> Iterator[ClaimedFile]:
        try:
            downloads = self._parse_text(path, _read_bytes(path))
        except (OSError, ValueError) as error:
            self._reject(path, str(error))
            return
        self._yielded.add(path)
        yield ClaimedFile(path.name[:ID_CHARS], downloads, path)

    def _parse_text(self, path: Path, content: bytes) -> tuple[DownloadRequest, ...]:
        """Return the links of a text file; keep the lines that are doubtful in `rejected/`."""
        downloads, doubtful = _parse_links(content)
        if doubtful:
            log.warning("inbox: %s: where a link ends is doubtful, see rejected/", path.name)
            write_private(self._rejected / path.name, "\n".join([*doubtful, ""]).encode())
        return downloads

    def _reject(self, path: Path, reason: str) -> None:
        log.warning("inbox: %s is set aside in rejected/: %s", path.name, reason)
        plain = self._rejected / path.name[ID_CHARS + 1 :]
        with suppress(OSError):
            path.replace(self._rejected / path.name if plain.exists() else plain)


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


def _parse_links(content: bytes) -> tuple[tuple[DownloadRequest, ...], Sequence[str]]:
    """Return the links in a text file, and the lines where a link's end is doubtful.

    Raises `ValueError` if there is no other link.
    """
    downloads: dict[str, DownloadRequest] = {}
    doubtful: dict[str, None] = {}
    for text in split_into_chunks(decode_text(content)):
        for link in extract(text).links:
            if link.longer_url:
                doubtful[link.source] = None
                continue
            downloads.setdefault(link.url, DownloadRequest(link.url, link.file_name))
    if not downloads:
        raise ValueError("where its links end is doubtful" if doubtful else "no link is in it")
    return tuple(downloads.values()), list(doubtful)


class Inbox:
    """Scans the folder a few times a second; an idle scan costs one `stat`."""

    def __init__(self, folder: InboxFolder, *, interval_s: float = SCAN_INTERVAL_S) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._unsaved: list[ClaimedFile] = []
        self._scanned = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Ignore `event`: links come from the folder."""

    async def wait_idle(self) -> None:
        """Wait for a whole scan that began after this call."""
        for _ in range(2):
            self._scanned.clear()
            await self._scanned.wait()

    async def run(self, tasks: TaskService, /) -> None:
        """Queue the links of files until cancelled."""
        # A thread of its own, so that a slow disk blocks neither the loop nor other threads' work.
        with ThreadPoolExecutor(1, thread_name_prefix="inbox") as thread:
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(thread, self._folder.create_directories)
            except OSError as error:
                message = f"{self._folder.folder}: {error.strerror or error}"
                tasks.set_notice(Problem(ProblemKind.INBOX_UNUSABLE, message))
            while True:
                if not tasks.has_lost_store and self._folder.may_have_changed():
                    for claimed in await loop.run_in_executor(thread, list, self._folder.claim()):
                        queueing = asyncio.create_task(self._queue(tasks, claimed))
                        try:
                            await asyncio.shield(queueing)
                        finally:  # a file left by a stop would bring removed links back
                            await queueing
                self._acknowledge_saved(tasks)
                self._scanned.set()
                await asyncio.sleep(self._interval_s)

    async def _queue(self, tasks: TaskService, claimed: ClaimedFile) -> None:
        """Queue the links that no task has, unless a former run has done so before a crash."""
        if not any(header.request_id == claimed.id for header in tasks.tasks.headers()):
            known = known_links(tasks.tasks.values())
            new = [d for d in claimed.downloads if duplicate_key(d.url) not in known]
            await tasks.add(new, request_id=claimed.id)
        self._unsaved.append(claimed)
        self._acknowledge_saved(tasks)  # before the user hears that one of its links is removed

    def _acknowledge_saved(self, tasks: TaskService) -> None:
        """Remove the files whose links are on disk; keep the others for a restart."""
        if tasks.is_saved:
            for claimed in self._unsaved:
                self._folder.acknowledge(claimed)
            self._unsaved.clear()
