"""A service that answers in virtual time with what a test has written."""

import asyncio
import re
from itertools import pairwise
from typing import Any

from pan123_tui.domain.errors import Pan123Error, Problem, RequestNotSent
from pan123_tui.domain.events import Account
from pan123_tui.domain.task import DownloadRequest, ProcessStatus, Progress
from tests.hold_stage import Stage
from tests.unreachable_service import UnreachableService


class Scripted(UnreachableService):
    """Answers the creates, slots and polls with what a test has written, then as it should.

    None is an answer as it should be.
    """

    def __init__(
        self,
        *creates: Exception | None,
        slots: tuple[Exception, ...] = (),
        polls: tuple[Pan123Error | None, ...] = (),
    ) -> None:
        self.creates: list[Exception | None] = list(creates)
        self.slots: list[Exception | None] = list(slots)
        self.polls = list(polls)
        self.asked_at: list[float] = []
        self.created_at: list[float] = []
        self.requests: list[DownloadRequest] = []
        self.polled_at: list[float] = []
        self.no_poll_before = 0.0
        self.account_asked_at: list[float] = []
        self.on_slot = self.on_create = nothing
        self.slot_s = self.create_s = self.poll_s = 0.0
        self.sent: list[int] = []
        """The numbers of the links that were taken, in their order."""
        self.is_down = False
        """Whether no request arrives."""
        self.percent = 1.0
        self.status = ProcessStatus.RUNNING
        self.account_error: Pan123Error | None = None
        self.account_after_s = 0.0
        self.uid = 1

    async def wait_for_create_slot(self) -> None:
        self.asked_at.append(_now())
        await self.on_slot()
        await asyncio.sleep(self.slot_s)
        _raise_first(self.slots)
        await super().wait_for_create_slot()

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

    def _fail_if_down(self) -> None:
        if self.is_down:
            raise RequestNotSent("the line is down")


async def nothing() -> None:
    """Do nothing."""


def _raise_first(answers: list[Any]) -> None:
    if answers and (error := answers.pop(0)):
        raise error


def _now() -> float:
    return asyncio.get_running_loop().time()


def gaps(times: list[float]) -> list[float]:
    return [round(b - a, 2) for a, b in pairwise(times)]


def last_error(stage: Stage) -> Problem | None:
    return stage.engine.status.last_error
