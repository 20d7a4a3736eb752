"""Which answers an engine keeps, and that what is asked for again is done once."""

import asyncio
from typing import cast

import pytest

from pan123_tui.client.protocol import Answer, Call, to_raw
from pan123_tui.domain.commands import CreateFolder, PauseSending, PollNow
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import Folder
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote import answers
from pan123_tui.engine.remote.answers import CommandAnswers
from tests.engine.remote.stage import TIMEOUT_S

SLOW = Call("slow", to_raw(CreateFolder("new", 0)))
FULL = Problem(ProblemKind.STORE_UNWRITABLE, "No space left on device")


class Service:
    """An engine that makes a folder only when a test allows it, and does all else at once."""

    def __init__(self) -> None:
        self.folders_made = 0
        self.has_begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.status, self.is_stopping = Status(), False
        self.folders = self.repository = self
        self.answers = CommandAnswers(cast("Engine", self))

    async def make(self, name: str, parent_id: int) -> Folder:
        self.folders_made += 1
        self.has_begun.set()
        await self.may_end.wait()
        return Folder(7, name, parent_id)

    async def set_paused(self, is_paused: bool) -> None:
        self.status = Status(store_problem=FULL, is_paused=is_paused)

    async def poll_now(self) -> None:
        """Do nothing."""

    def ask(self, call: Call) -> "asyncio.Future[Answer]":
        done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.answers.carry_out(call, "screen", done.set_result)
        return done

    async def begins_slowly(self) -> "asyncio.Future[Answer]":
        """Ask for what does not end by itself, and wait until it is being done."""
        asked = self.ask(SLOW)
        async with asyncio.timeout(TIMEOUT_S):
            await self.has_begun.wait()
        return asked

    async def ends_once(self, asked: "asyncio.Future[Answer]") -> None:
        """Ask for the same again, and see that one answer to one deed is what both get."""
        again = self.ask(SLOW)
        self.may_end.set()
        async with asyncio.timeout(TIMEOUT_S):
            assert await asked == await again
            assert await self.ask(SLOW) == await asked  # as long as it is kept
        assert self.folders_made == 1


async def test_so_many_answers_are_kept_and_all_to_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_KEPT", 3)
    service = Service()
    asked = await service.begins_slowly()
    for number in range(6):
        await service.ask(Call(f"{number}", to_raw(PollNow())))
    assert list(service.answers._work) == ["slow", "4", "5"]
    await service.ends_once(asked)


async def test_what_is_still_being_done_is_not_forgotten_at_a_screens_word() -> None:
    service = Service()
    asked = await service.begins_slowly()
    service.answers.forget("slow")
    await service.ends_once(asked)
    service.answers.forget("slow")
    assert not service.answers._work


async def test_an_answer_says_how_things_are_after_the_command() -> None:
    answer = await Service().ask(Call("pause", to_raw(PauseSending(True))))
    assert (answer.store_problem, answer.is_paused) == (FULL, True)
