"""What the client says to an engine, and what becomes of that: the engine is made by hand."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from pan123_tui.client import engine_client as client
from pan123_tui.client.engine_client import MAX_PINGS, AttachmentState, EngineClient, Streams
from pan123_tui.client.protocol import (
    HANDSHAKE_TIMEOUT_S,
    PROTOCOL,
    Hello,
)
from pan123_tui.client.task_model import ModelChange
from pan123_tui.domain.commands import (
    AddTasks,
    Command,
    LookForFiles,
    PollNow,
    SetVisible,
    StopEngine,
)
from pan123_tui.domain.errors import (
    EngineAbsent,
    EngineIncompatible,
    EngineLost,
    EngineNotStarted,
    OtherAccount,
    Problem,
    ProblemKind,
    RequestNotSent,
    RequestRejected,
    StoreLocked,
)
from pan123_tui.domain.folders import Folder, FolderTree
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from tests.engine.remote import stage
from tests.engine.remote.stage import TIMEOUT_S, Peer
from tests.store.store_samples import plain_task

ADD = AddTasks((DownloadRequest("https://a.example/1"),))
State = AttachmentState


class Engine(Peer):
    """The engine's end of one connection."""

    async def reads(self, kind: str) -> dict[str, Any]:
        """Return the next message of the client, which has to be of `kind`, or a ping before."""
        async with asyncio.timeout(TIMEOUT_S):  # pings come for ever
            while (message := await self.read())["type"] == "ping" != kind:
                pass
        assert message["type"] == kind, message
        return message

    async def call_for(self, do: str) -> dict[str, Any]:
        """Return the next call of the client, which has to ask for `do`."""
        call = await self.reads("call")
        assert call["command"]["do"] == do
        return call

    def update(self, *ids: int, ended: tuple[Task, ...] = (), **values: Any) -> None:
        """Send a part of the state, with queued tasks of `ids` as its snapshot."""
        queued = (plain_task(task_id, TaskState.QUEUED) for task_id in ids)
        tasks = msgspec.to_builtins([*queued, *ended])
        self.send({"type": "update", "snapshot": tasks} | values)

    def result(self, call: dict[str, Any], value: object = None, **values: Any) -> None:
        self.send({"type": "answer", "id": call["id"], "value": value} | values)

    def end(self, *, by_wish: bool = False) -> None:
        """Close the connection, as an engine that dies or is told to end."""
        if by_wish:
            self.send({"type": "ending"})
        self.writer.close()


class Screen(stage.Screen):
    """A client whose engines a test makes by hand, one connection after the other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(Path(), client=EngineClient(self._connect, **options))
        self.may_start: list[bool] = []
        """For each try to connect, whether the engine might be started."""
        self.refusal: Exception | None = None
        """Why nobody can be reached, if nobody can."""
        self._lines: asyncio.Queue[Engine] = asyncio.Queue()
        self._opened: list[asyncio.StreamWriter] = []
        self._tried = asyncio.Event()

    async def _connect(self, *, may_start: bool) -> Streams:
        self.may_start.append(may_start)
        self._tried.set()
        if self.refusal is not None:
            raise self.refusal
        ours, theirs = socket.socketpair()
        engine = Engine(*await asyncio.open_connection(sock=theirs))
        self._opened.append(engine.writer)
        self._lines.put_nowait(engine)
        return await asyncio.open_connection(sock=ours)

    def run(self) -> asyncio.Task[None]:
        self.client.on_update = self._announced.set
        return asyncio.create_task(self.client.run())

    async def line(self) -> Engine:
        """Return the engine's end of the next connection, before any hello."""
        async with asyncio.timeout(TIMEOUT_S):
            return await self._lines.get()

    async def greets(self, name: str = "first", **hello: Any) -> Engine:
        """Be the engine `name` of the next connection, and exchange hellos."""
        engine = await self.line()
        await engine.reads("hello")
        engine.send({"type": "hello", "id": name, "protocol": PROTOCOL, "version": "1"} | hello)
        return engine

    async def subscribes(self, name: str = "first", **hello: Any) -> Engine:
        """Do the same, and have the client ask for the state."""
        engine = await self.greets(name, **hello)
        await engine.reads("subscribe")
        return engine

    async def attaches(self, name: str = "first", *ids: int, **hello: Any) -> Engine:
        """Do the same, and have the client take a first update with the tasks of `ids`."""
        engine = await self.subscribes(name, **hello)
        engine.update(*ids, is_first=True)
        await engine.reads("ack")
        await self.is_in(State.ATTACHED)
        return engine

    async def is_in(self, state: AttachmentState) -> None:
        await self.sees(lambda model: model.attachment.state is state)

    async def tries_again(self) -> bool:
        """Wait until the client has tried to connect again; return whether it might start."""
        self._tried.clear()
        async with asyncio.timeout(TIMEOUT_S):
            await self._tried.wait()
        return self.may_start[-1]

    async def __aexit__(self, *exc_info: object) -> None:
        await super().__aexit__(*exc_info)
        self.close()

    def close(self) -> None:
        for writer in self._opened:
            writer.close()


@pytest.fixture(autouse=True)
def _in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 0.001)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 0.005)


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    async with Screen() as opened:
        yield opened


@pytest.fixture
async def engine(screen: Screen) -> Engine:
    """The first engine, to which the client is attached."""
    return await screen.attaches()


def asks(screen: Screen, command: Command[Any] = ADD) -> asyncio.Task[Any]:
    asked = asyncio.create_task(screen.client.call(command))
    asked.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    return asked


async def answered(call: Awaitable[Any]) -> Any:
    async with asyncio.timeout(TIMEOUT_S):
        return await call


async def carries_out(engine: Engine, asked: Awaitable[Any]) -> None:
    """Have `engine` answer the links that are `asked` for."""
    engine.result(await engine.call_for("add"), [])
    assert await answered(asked) == ()


# The end of an engine


async def test_an_ended_engine_is_started_by_a_command_only(screen: Screen, engine: Engine) -> None:
    screen.refusal = EngineLost("nobody")
    engine.end(by_wish=True)
    await screen.is_in(State.ENDED)
    assert [await screen.tries_again() for _ in range(3)] == [False] * 3
    await screen.is_in(State.ENDED)  # it is not called lost meanwhile
    asked = asks(screen)
    async with asyncio.timeout(TIMEOUT_S):
        while not await screen.tries_again():
            pass
    screen.refusal = None
    engine = await screen.subscribes("second")
    await carries_out(engine, asked)
    engine.update(is_first=True)
    await screen.is_in(State.ATTACHED)


async def test_a_command_cut_off_is_lost_and_never_sent_again(
    screen: Screen, engine: Engine
) -> None:
    screen.client.send(SetVisible((1,)))
    await engine.call_for("visible")
    asked = [asks(screen), asks(screen, StopEngine())]
    await engine.call_for("add")
    await engine.call_for("stop")
    engine.end()
    for call in asked:
        with pytest.raises(EngineLost):
            await answered(call)
    engine = await screen.subscribes("first")
    assert (await engine.call_for("visible"))["command"]["ids"] == [1]
    await carries_out(engine, asks(screen))


async def test_the_command_that_ends_it_never_starts_it(screen: Screen, engine: Engine) -> None:
    asked = asks(screen, StopEngine())
    await engine.call_for("stop")
    screen.refusal = EngineLost("nobody")
    engine.end(by_wish=True)
    await screen.is_in(State.ENDED)
    assert await answered(asked) is None  # the goodbye says it, where the answer was cut off
    screen.refusal = EngineAbsent()
    with pytest.raises(EngineAbsent):
        await answered(asks(screen, StopEngine()))
    screen.refusal = EngineLost("nobody")
    assert [await screen.tries_again() for _ in range(3)] == [False] * 3
    screen.refusal = None  # somebody else has started it
    engine = await screen.attaches("second")
    screen.refusal = EngineLost("nobody")
    engine.end()
    await screen.is_in(State.LOST)
    assert await screen.tries_again()


async def test_one_that_died_is_started_again_or_explained(screen: Screen, engine: Engine) -> None:
    screen.refusal = EngineLost("nobody")
    engine.end()
    await screen.is_in(State.LOST)
    screen.client.on_update = told = Mock(wraps=screen.client.on_update)
    assert [await screen.tries_again() for _ in range(3)] == [True] * 3
    told.assert_not_called()  # nothing is new
    screen.refusal = EngineNotStarted("no space left")
    await screen.sees(lambda model: model.attachment.trouble is not None)
    assert screen.model.attachment.state is State.LOST
    assert screen.model.attachment.trouble == screen.refusal.problem
    screen.refusal = EngineLost("another one ends")
    await screen.sees(lambda model: model.attachment.trouble is None)
    screen.refusal = None
    await screen.attaches("second")
    assert screen.model.attachment.trouble is None


# An engine that says nothing


async def test_an_engine_that_leaves_pings_unanswered_is_silent_until_it_says_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "PING_INTERVAL_S", 0.05)
    async with Screen() as screen:
        engine = await screen.attaches()
        for answers in (2 * MAX_PINGS, 0):
            for number in range(answers + MAX_PINGS):
                await engine.reads("ping")
                if number < answers:
                    engine.send({"type": "pong"})
                screen.model.apply(*screen.client.drain())
                assert screen.model.attachment.state is State.ATTACHED
            await screen.is_in(State.SILENT)
            engine.send({"type": "pong"})
            await screen.is_in(State.ATTACHED)
        await carries_out(engine, asks(screen))  # the connection is the same one


async def test_one_that_was_silent_while_its_tasks_came_again_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "PING_INTERVAL_S", 0.05)
    async with Screen() as screen:
        (await screen.attaches()).end()
        engine = await screen.subscribes("second")
        engine.update(1, is_first=True, remaining=1)
        await screen.is_in(State.SILENT)
        monkeypatch.setattr(client, "PING_INTERVAL_S", 60.0)
        engine.update(2)
        for _ in range(2):
            await engine.reads("ack")
        screen.model.apply(*screen.client.drain())
        assert screen.model.attachment.state is State.ATTACHED


# Commands and their answers


async def test_what_is_asked_before_the_first_connection_is_sent_with_it() -> None:
    waiting = Screen()
    early, end = asks(waiting), asks(waiting, StopEngine())
    waiting.client.send(SetVisible((7,)))
    await asyncio.sleep(0)
    async with waiting as screen:
        engine = await screen.subscribes()
        assert (await engine.call_for("visible"))["command"]["ids"] == [7]
        await carries_out(engine, early)
        engine.result(await engine.call_for("stop"))
        await answered(end)


async def test_no_answer_in_time_is_an_error_with_its_reason(
    screen: Screen, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CALL_TIMEOUT_S", 0.01)
    with pytest.raises(EngineLost, match=r"^$"):
        await answered(asks(screen))
    screen.refusal = EngineNotStarted("no space left")
    engine.end()
    await screen.sees(lambda model: model.attachment.trouble is not None)
    with pytest.raises(EngineNotStarted, match="no space left"):
        await answered(asks(screen))
    monkeypatch.setattr(client, "CALL_TIMEOUT_S", TIMEOUT_S)
    screen.refusal = None
    engine = await screen.subscribes("second")  # what was given up is not sent again
    await carries_out(engine, asks(screen))


async def test_an_answer_tells_of_disk_and_pause(screen: Screen) -> None:
    done: list[int] = []
    screen.client.on_command_done = lambda: done.append(1)
    engine = await screen.attaches()
    full = {"kind": ProblemKind.STORE_UNWRITABLE, "message": "full"}
    problem = Problem(ProblemKind.STORE_UNWRITABLE, "full")
    for said, known, is_paused in ((full, problem, True), (None, None, False)):
        asked = asks(screen)
        call = await engine.call_for("add")
        engine.result(call, [], store_problem=said, is_paused=is_paused)
        await answered(asked)
        assert screen.client.answer.store_problem == known
        assert screen.client.answer.is_paused is is_paused
    asked = asks(screen)
    call = await engine.call_for("add")
    engine.result(call, failure={"kind": ProblemKind.REQUEST_NOT_SENT, "message": "it is cut"})
    with pytest.raises(RequestNotSent, match="it is cut"):
        await answered(asked)
    assert done == [1, 1, 1]


@pytest.mark.parametrize(
    "refusal", [EngineNotStarted("no space left"), StoreLocked("watch", pid=1, is_silent=True)]
)
async def test_without_a_first_engine_commands_end_with_the_reason(refusal: Exception) -> None:
    screen = Screen()
    screen.refusal = refusal
    early = [asks(screen), asks(screen, PollNow())]
    await asyncio.sleep(0)
    with pytest.raises(type(refusal)):
        await answered(screen.run())
    for asked in (*early, asks(screen)):
        with pytest.raises(type(refusal)) as caught:
            await answered(asked)
        assert caught.value is refusal
    assert screen.may_start == [True]


async def test_an_engine_that_says_no_hello_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "HANDSHAKE_TIMEOUT_S", 0.01)
    async with Screen() as screen:
        silent = await screen.line()
        screen.refusal = EngineLost("nobody")
        await silent.reads("hello")
        await screen.tries_again()
        assert await answered(silent.reader.read()) == b""
        monkeypatch.setattr(client, "HANDSHAKE_TIMEOUT_S", HANDSHAKE_TIMEOUT_S)
        screen.refusal = None
        await screen.attaches()


# What is seen


async def test_what_the_former_engine_said_is_void_with_the_next_ones(screen: Screen) -> None:
    engine = await screen.subscribes()
    engine.update(1, is_first=True, remaining=1)
    await screen.sees(lambda model: set(model.tasks) == {1})
    await screen.is_in(State.ATTACHED)
    assert not screen.model.is_complete, "the first tasks are seen before all have come"
    engine.update(2, remaining=1)
    engine.update(6)
    for _ in range(3):
        await engine.reads("ack")
    await screen.sees(lambda model: set(model.tasks) == {1, 2, 6} and model.is_complete)
    changed = msgspec.to_builtins(plain_task(5))
    engine.update(news=[changed], removed=[1, 6], checked={2: 9e9})
    await engine.reads("ack")
    await screen.sees(lambda model: set(model.tasks) == {2, 5})
    engine.end()
    engine = await screen.subscribes("second")
    engine.update(1, is_first=True, remaining=1)
    await engine.reads("ack")
    screen.model.apply(*screen.client.drain())
    assert set(screen.model.tasks) == {2, 5}, "they are replaced all at once"
    assert screen.model.attachment.state is State.LOST
    engine.update(2)
    await screen.is_in(State.ATTACHED)
    assert dict(screen.model.tasks) == {n: plain_task(n, TaskState.QUEUED) for n in (1, 2)}
    engine.update(news=[changed])
    for _ in range(2):
        await engine.reads("ack")
    change = screen.model.apply(*screen.client.drain())
    assert [task.id for task in change.tasks] == [5], "only what is new"
    assert not change.archive_loaded


async def test_of_several_updates_between_two_looks_the_latest_value_wins(screen: Screen) -> None:
    engine = await screen.attaches("first", 1)
    changed = msgspec.to_builtins(plain_task(2))
    folders = msgspec.to_builtins(FolderTree({7: Folder(7, "new", 0)}))
    engine.update(
        news=[changed], status={"is_paused": True}, folders=folders, checked={1: 5.0, 9: 6.0}
    )
    engine.update(removed=[1, 2], checked={9: 7.0})
    for _ in range(2):
        await engine.reads("ack")
    change = screen.model.apply(*screen.client.drain())
    assert [task.id for task in change.removed.tasks] == [1, 2]
    assert change.folders_changed
    assert screen.model.status.is_paused
    assert screen.model.folder_names == {7: "new"}
    engine.update(news=[changed], removed=[1])
    engine.update(removed=[2])
    engine.update(news=[changed], checked={2: 9e9})
    for _ in range(3):
        await engine.reads("ack")
    change = screen.model.apply(*screen.client.drain())
    now = screen.model.tasks[2]
    assert now.checked_at == 9e9
    assert change == ModelChange((now,), moved=((None, now),))


async def test_what_is_no_message_ends_the_client_and_a_new_field_does_not() -> None:
    screen = Screen()
    work = screen.run()
    engine = await screen.attaches()
    engine.update(1, mood="good")
    await screen.sees(lambda model: set(model.tasks) == {1})
    asked = asks(screen)
    engine.send({"type": "update", "remaining": "three"})
    with pytest.raises(EngineIncompatible):
        await answered(work)
    with pytest.raises(EngineIncompatible):
        await answered(asked)
    screen.close()


async def test_an_engine_with_another_account_than_this_shell_names_is_called_so() -> None:
    problem = Problem(ProblemKind.OTHER_LOGIN, variable="PAN123_ACCESS_TOKEN")

    def check(engine: Hello) -> Problem | None:
        return problem if engine.login == "theirs" else None

    async with Screen(check_account=check) as screen:
        engine = await screen.attaches(login="theirs")
        assert screen.model.attachment.trouble == screen.client.account_trouble == problem
        assert OtherAccount.kind is ProblemKind.OTHER_LOGIN
        engine.end()
        await screen.attaches("second", login="ours")
        assert screen.model.attachment.trouble is screen.client.account_trouble is None


# Engines of other versions


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1])
async def test_one_of_another_version_is_asked_to_end_and_the_next_one_is_used(
    protocol: int,
) -> None:
    async with Screen() as screen:
        asked = asks(screen)
        older = await screen.greets("older", protocol=protocol, version="0.0")
        assert (await older.read())["command"] == {"do": "stop"}
        older.send({"type": "words of another protocol"})
        older.end()
        engine = await screen.subscribes("ours")
        await carries_out(engine, asked)
        assert screen.client.engine is not None
        assert screen.client.engine.id == "ours"
        assert screen.may_start == [True, True]


@pytest.mark.parametrize("protocol", [PROTOCOL - 1, PROTOCOL + 1])
async def test_the_command_that_ends_the_engine_ends_one_of_any_version(protocol: int) -> None:
    screen = Screen(may_start=False)
    asked = asks(screen, StopEngine())
    await asyncio.sleep(0)
    work = screen.run()
    other = await screen.greets("other", protocol=protocol, version="7.0")
    assert (await other.read())["command"] == {"do": "stop"}
    other.end()
    for ended in (work, asked):
        with pytest.raises(EngineLost, match=r"7\.0 was asked to end"):
            await answered(ended)
    assert screen.client.engine is not None
    assert screen.client.engine.id == "other"
    screen.close()


@pytest.mark.parametrize("may_replace", [False, True])
async def test_one_of_another_version_is_left_alone_and_named_where_none_may_take_its_place(
    *, may_replace: bool
) -> None:
    screen = Screen(may_replace=may_replace)
    work = screen.run()
    if may_replace:  # else two versions would end each other's engines for ever
        (await screen.attaches()).end(by_wish=True)
    other = await screen.greets("other", protocol=PROTOCOL + 1, version="9.0", program="watch")
    with pytest.raises(EngineIncompatible, match=r"9\.0"):
        await answered(work)
    assert await other.reader.read() == b""
    assert screen.client.engine is not None
    assert screen.client.engine.program == "watch"
    screen.close()


async def test_an_engine_that_ends_each_connection_soon_is_asked_ever_less_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def record(pause_s: float) -> asyncio.Timeout:
        pauses.append(pause_s)
        return timeout(pause_s)

    pauses, timeout = list[float](), asyncio.timeout
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 60.0)
    monkeypatch.setattr(asyncio, "timeout", record)
    async with Screen() as screen:
        for _connection in range(5):
            (await screen.subscribes()).end()
    assert [it for it in pauses if it < 0.01][:4] == [0.001, 0.002, 0.004, 0.008]


async def test_a_command_ends_the_pause_before_a_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 1e6)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 1e6)
    async with Screen() as screen:
        engine = await screen.attaches()
        engine.end()
        await screen.is_in(State.LOST)
        asked = asks(screen)
        engine = await screen.subscribes("second")
        await carries_out(engine, asked)


async def test_a_command_that_comes_while_a_try_fails_is_followed_by_another_try_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 1e6)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 1e6)
    async with Screen() as screen:
        broken = await screen.line()
        asked = asks(screen)
        await broken.reads("hello")
        broken.end()
        await carries_out(await screen.subscribes("second"), asked)


async def test_a_client_ends_also_in_the_moment_in_which_a_command_ends_its_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(client, "SHORTEST_PAUSE_S", 1e6)
    monkeypatch.setattr(client, "LONGEST_PAUSE_S", 1e6)
    screen = Screen()
    running = screen.run()
    (await screen.attaches()).end()
    await screen.is_in(State.LOST)
    asked = asks(screen)
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running}, timeout=TIMEOUT_S)
    assert running.cancelled()
    with pytest.raises(EngineLost):
        await asked


async def test_what_cannot_be_sent_is_refused_here(screen: Screen) -> None:
    await screen.attaches()
    for command in (LookForFiles((2**64,)), AddTasks((), batch="half a sign: \ud800")):
        with pytest.raises(RequestRejected):
            await answered(asks(screen, command))


async def test_leaving_ends_all_commands() -> None:
    async with Screen() as screen:
        engine = await screen.attaches()
        asked = asks(screen)
        await engine.call_for("add")
    with pytest.raises(EngineLost):
        await answered(asked)
    with pytest.raises(EngineLost):
        await answered(asks(screen))
