"""A paper service: what the engine asks is answered in the same process, without any HTTP."""

import asyncio
import re
from collections.abc import Mapping
from itertools import chain, pairwise
from typing import Any, TypeVar

from pan123_tui.domain.errors import FolderMissing, Pan123Error, Problem, RequestNotSent
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import ProcessStatus, Progress
from pan123_tui.domain.service_facts import Endpoint
from pan123_tui.domain.task import DownloadRequest
from tests.hold_stage import Stage

T = TypeVar("T")
Pages = dict[int, list[list[Folder]]]


class PaperService:
    """Answers creates, slots and polls with what a test has written, then as it should.

    None is an answer as it should be. It has folders if it is given their `pages`.
    """

    def __init__(
        self,
        *creates: Exception | None,
        slots: tuple[Exception, ...] = (),
        polls: tuple[Exception | None, ...] = (),
        pages: Pages | None = None,
    ) -> None:
        self.creates: list[Exception | None] = list(creates)
        self.slots: list[Exception | None] = list(slots)
        self.polls = list(polls)
        self.asked_at: list[float] = []
        self.created_at: list[float] = []
        self.requests: list[DownloadRequest] = []
        self.polled_at: list[float] = []
        self.no_poll_before = self._next_create_at = 0.0
        self._create_interval_s = 1.0
        self.account_asked_at: list[float] = []
        self.on_slot = self.on_create = nothing
        self.slot_s = self.create_s = self.poll_s = 0.0
        self.sent: list[int] = []
        """The numbers of the links that were taken, in their order."""
        self.is_down = False
        """Whether no request arrives."""
        self.progress: dict[int, Progress | Pan123Error] = {}
        """What is answered of some taskIDs, whatever else is."""
        self.percent = 1.0
        self.status = ProcessStatus.RUNNING
        self.account_error: Pan123Error | None = None
        self.account_after_s = 0.0
        self.uid = 1
        self.pages = pages or {}
        self.made: list[Folder] = []
        self.listed: list[tuple[int, int]] = []
        """The pages that were read: of which folder, and after which entry."""
        self.links_asked: list[int] = []
        """The files whose download links were asked for."""
        self.trouble: Exception | None = (
            RequestNotSent("the line is cut") if pages is None else None
        )
        """Why nothing of the folders can be read or made."""
        self.refusals: Mapping[int, Exception] = {}
        """Why a folder cannot be read."""
        self.answers = asyncio.Event()
        """Whether questions about folders are answered yet."""
        self.answers.set()

    def forget_tokens(self) -> None:
        """Do nothing: there is no token."""

    def pause_s(self, endpoint: Endpoint, /) -> float:
        return 0.0

    async def wait_for_create_slot(self) -> None:
        """Keep a distance between creates, as the client does."""
        self.asked_at.append(_now())
        await self.on_slot()
        await asyncio.sleep(self.slot_s)
        _raise_first(self.slots)
        now = _now()
        await asyncio.sleep(max(0.0, self._next_create_at - now))
        self._next_create_at = max(now, self._next_create_at) + self._create_interval_s

    async def create_task(self, request: DownloadRequest, /) -> int:
        self.created_at.append(_now())
        self._fail_if_down()
        self.requests.append(request)
        await self.on_create()
        await asyncio.sleep(self.create_s)
        _raise_first(self.creates)
        self.sent.append(int(re.sub(r"\D", "", request.url) or 0))
        return 1000 + len(self.created_at)

    def poll_wait_s(self) -> float:
        return max(0.0, self.no_poll_before - _now())

    async def get_progress(self, task_id: int, /) -> Progress:
        if (told := self.progress.get(task_id)) is not None:
            return or_raise(told)
        self.polled_at.append(_now())
        self._fail_if_down()
        await asyncio.sleep(self.poll_s)
        _raise_first(self.polls)
        return Progress(self.percent, self.status)

    async def user_info(self) -> Account:
        self.account_asked_at.append(_now())
        self._fail_if_down()
        await asyncio.sleep(self.account_after_s)
        if self.account_error:
            raise self.account_error
        return Account(self.uid, "小鱼", 0, 0)

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        await self._may_answer()
        self.listed.append((parent_id, last_id))
        pages = self.pages.get(parent_id, [[]])
        more = last_id + 1 if last_id + 1 < len(pages) else None
        return FolderPage(tuple(pages[last_id]), next_id=more)

    async def file_detail(self, file_id: int, /) -> Folder | FileEntry:
        await self._may_answer()
        if file_id in self.refusals:
            raise self.refusals[file_id]
        for folder in chain.from_iterable(chain.from_iterable(self.pages.values())):
            if folder.id == file_id:
                return folder
        raise FolderMissing("no such folder", code=1)

    async def create_folder(self, name: str, parent_id: int, /) -> int:
        await self._may_answer()
        self.made.append(Folder(20 + len(self.made), name, parent_id))
        return self.made[-1].id

    async def download_url(self, file_id: int, /) -> str:
        self.links_asked.append(file_id)
        return f"https://cdn.example.com/{file_id}"

    async def aclose(self) -> None:
        """Return at once: nothing is open."""

    async def _may_answer(self) -> None:
        await self.answers.wait()
        if self.trouble is not None:
            raise self.trouble

    def _fail_if_down(self) -> None:
        if self.is_down:
            raise RequestNotSent("the line is down")


def unreachable() -> PaperService:
    """Return one that nothing arrives at."""
    service = PaperService()
    service.is_down = True
    return service


async def nothing() -> None:
    """Do nothing."""


def _raise_first(answers: list[Any]) -> None:
    if answers and (error := answers.pop(0)):
        raise error


def or_raise(answer: T | Exception) -> T:
    """Return `answer`, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def _now() -> float:
    return asyncio.get_running_loop().time()


def gaps(times: list[float]) -> list[float]:
    return [round(b - a, 2) for a, b in pairwise(times)]


def last_error(stage: Stage) -> Problem | None:
    return stage.engine.status.last_error
