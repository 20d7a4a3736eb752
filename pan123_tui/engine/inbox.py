"""The inbox: carries out what other processes asked for, each request exactly once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent
from pan123_tui.domain.task import FAILED_STATES, RETRYABLE_STATES
from pan123_tui.domain.tray import known_links
from pan123_tui.domain.url import duplicate_key
from pan123_tui.engine.inbox_folder import InboxFolder, TakenRequest
from pan123_tui.engine.requests import AddRequest, RemoveRequest, RetryRequest
from pan123_tui.engine.task_service import TaskService

LOOK_INTERVAL_S = 0.4


class Inbox:
    """Looks into the folder a few times a second; an idle look costs one `stat`."""

    def __init__(self, folder: InboxFolder, *, interval_s: float = LOOK_INTERVAL_S) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._unsaved: list[TakenRequest] = []
        self._looked = asyncio.Event()

    def hear(self, event: EngineEvent, /) -> None:
        """Nothing to hear: requests come from the folder."""

    async def settled(self) -> None:
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
                service.warn(Problem(ProblemKind.INBOX_UNUSABLE, message))
            while True:
                if self._folder.has_news():
                    for taken in await loop.run_in_executor(thread, list, self._folder.take()):
                        await self._carry_out(service, taken)
                self._finish_saved(service)
                self._looked.set()
                await asyncio.sleep(self._interval_s)

    async def _carry_out(self, service: TaskService, taken: TakenRequest) -> None:
        match taken.request:
            case AddRequest():
                await self._add(service, taken, taken.request)
            case RetryRequest(ids, unconfirmed_too):
                await self._retry(service, taken.id, ids, unconfirmed_too=unconfirmed_too)
            case RemoveRequest(ids):
                await service.remove(ids)
        self._unsaved.append(taken)

    async def _add(self, service: TaskService, taken: TakenRequest, request: AddRequest) -> None:
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
                self._folder.finish(taken)
            self._unsaved.clear()
