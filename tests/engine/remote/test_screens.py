"""Several screens on one engine: what they see, and what they have done."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from msgspec.structs import replace

from pan123_tui.client.engine_client import AttachmentState
from pan123_tui.client.protocol import Update
from pan123_tui.domain.commands import (
    AddTasks,
    EditTask,
    PollNow,
    ProbeLink,
    RemoveTasks,
    RestoreTasks,
    SetVisible,
    StopEngine,
)
from pan123_tui.domain.errors import EngineLost
from pan123_tui.domain.events import Status, TasksChanged, TasksChecked
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.links.probes import ProbeResult, ProbeStatus
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.domain.task_collection import TaskCollection
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote import connection
from pan123_tui.engine.remote.connection import FIRST_TASKS, MAX_TASKS, ScreenFeed
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from tests.engine.remote.stage import TIMEOUT_S, Peer, Screen, serving_engine
from tests.engine_stage import execute, until
from tests.store.store_samples import plain_task

S = TaskState
LONG_S = 1e6


def links(count: int, start: int = 0) -> tuple[DownloadRequest, ...]:
    return tuple(DownloadRequest(f"https://a.example/{n}.zip") for n in range(start, start + count))


def store(folder: Path, *tasks: Task) -> None:
    """Store tasks of a former run, the ended ones as after a longer one."""
    stored = TaskStore(folder)
    stored.put(tasks)
    stored.save_now()
    stored._files.move_ended()
    stored.close()


def ended(number: int, state: TaskState = S.SUCCEEDED) -> Task:
    return replace(plain_task(number, state), finished_at=1.0, task_id=number)


async def test_two_screens_see_and_change_the_same_tasks(tmp_path: Path) -> None:
    async with (
        serving_engine(tmp_path) as (engine, server),
        Screen(tmp_path) as one,
        Screen(tmp_path) as other,
    ):
        (first, second) = await one.client.call(AddTasks(links(2)))
        await other.sees(lambda model: len(model.tasks) == 2)
        edited = await other.client.call(EditTask(first.id, links(1, start=9)[0]))
        assert edited is not None
        await one.sees(lambda model: model.tasks[first.id].url == edited.url)
        removed = await one.client.call(RemoveTasks((first.id, second.id)))
        assert await other.client.call(RemoveTasks((first.id, second.id))) == ()
        assert await other.client.call(EditTask(first.id, links(1)[0])) is None
        await asyncio.gather(
            one.client.call(RestoreTasks(removed)), other.client.call(RestoreTasks(removed))
        )
        assert set(engine.tasks) == {first.id, second.id}
        assert await one.client.call(EditTask(first.id, links(1, start=8)[0])) is not None
        await other.client.call(RestoreTasks(removed))
        assert engine.tasks[first.id].request == links(1, start=8)[0], "a late undo changes nothing"
        await one.equals(engine)
        await other.equals(engine)
        assert server.hello.program == "watch"
        assert one.client.engine is not None
        assert one.client.engine.id == server.hello.id


async def test_a_link_that_two_screens_add_at_once_becomes_one_task(tmp_path: Path) -> None:
    other_spelling = DownloadRequest("HTTPS://A.example:443/0.zip#top")
    async with (
        serving_engine(tmp_path) as (engine, _server),
        Screen(tmp_path) as one,
        Screen(tmp_path) as other,
    ):
        first, second = await asyncio.gather(
            one.client.call(AddTasks(links(2), newest_known=0)),
            other.client.call(AddTasks((other_spelling, *links(2, start=1)), newest_known=0)),
        )
        assert len(first) + len(second) == len(engine.tasks) == 3
        again = AddTasks(links(3), newest_known=2, again=frozenset({links(1)[0].url}))
        kept = await one.client.call(again)
        assert [task.request for task in kept] == list(links(2))  # the third link is task 3
        await other.equals(engine)


async def test_the_effects_come_before_the_answer_down_a_slow_line_too(tmp_path: Path) -> None:
    async with serving_engine(tmp_path):
        peer = await Peer.greeted(tmp_path)
        peer.send({"type": "subscribe"})
        assert (await peer.read())["type"] == "update"  # which is not acknowledged yet
        peer.call("r", {"do": "add", "drafts": [{"url": "https://a.example/1.zip"}]})
        update = await peer.read()
        assert [task["url"] for task in update["news"]] == ["https://a.example/1.zip"]
        assert (await peer.read())["id"] == "r"
        peer.close()


async def test_a_screen_that_comes_during_a_save_sees_what_is_saved(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        (task,) = await execute(engine, AddTasks(links(1)))
        saving, is_allowed = asyncio.Event(), asyncio.Event()

        async def save_late() -> None:
            saving.set()
            await is_allowed.wait()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine.repository._store, "save", save_late)
            edit = EditTask(task.id, replace(task.request, name="another"))
            editing = asyncio.create_task(execute(engine, edit))
            adding = asyncio.create_task(execute(engine, AddTasks(links(1, start=1))))
            await saving.wait()
            async with Screen(tmp_path) as screen:
                await screen.sees(lambda model: model.tasks)
                assert list(screen.model.tasks.values()) == [task]
                is_allowed.set()
                await asyncio.gather(editing, adding)
                await screen.equals(engine)


@pytest.mark.parametrize("count", [2000, pytest.param(100_000, marks=pytest.mark.slow)])
async def test_a_thin_line_costs_no_more_than_the_state(tmp_path: Path, count: int) -> None:
    queued = (plain_task(n, S.QUEUED) for n in range(count + 1, count + 51))
    store(tmp_path, *map(ended, range(1, count + 1)), *queued)
    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as other:
        peer = await Peer.greeted(tmp_path)
        peer.send({"type": "subscribe"})
        known: dict[int, Any] = {}
        for turn in range(count // 5):
            update = await peer.read()
            for task in (*update.get("snapshot", ()), *update.get("news", ())):
                known[task["id"]] = task
            for task_id in update.get("removed", ()):
                known.pop(task_id, None)
            if turn < 10:  # several changes for each update that this screen takes
                for number in range(3):
                    (task,) = await execute(engine, AddTasks(links(1)))
                    await execute(engine, RemoveTasks((task.id - number, 7 * turn + number)))
            peer.send({"type": "ack"})
            if turn >= 10 and known.keys() == engine.tasks.keys():
                break
        print(f"{len(known)} tasks in {turn + 1} updates")
        assert known.keys() == engine.tasks.keys()
        await other.equals(engine)


def test_what_has_no_room_in_one_update_comes_with_the_next_ones() -> None:
    count = FIRST_TASKS + MAX_TASKS + 10
    tasks = TaskCollection(plain_task(n, S.QUEUED) for n in range(1, count + 1))
    sent: list[Update] = []
    folders = SimpleNamespace(tree=FolderTree())
    engine = SimpleNamespace(tasks=tasks, status=Status(), folders=folders)
    engine.repository = SimpleNamespace(published=tasks.get)
    feed = ScreenFeed(cast("Engine", engine), sent.append)

    def take_all() -> list[Update]:
        while len(sent) != len(taken):
            taken[:] = sent
            feed.acknowledge()
        return list(sent)

    taken: list[Update] = []
    feed.send()
    feed.send(TasksChanged((tasks[1],)))
    assert len(sent) == 1, "none follows before it is acknowledged"
    updates = take_all()
    assert [it.is_first for it in updates] == [True, False, False]
    assert [it.folders for it in updates] == [None, folders.tree, None], "they may be large"
    assert [len(it.snapshot) for it in updates] == [FIRST_TASKS, MAX_TASKS - 1, 10]
    assert [it.remaining for it in updates] == [MAX_TASKS + 10, 10, 0]
    assert [task.id for it in updates for task in it.snapshot] == list(range(count, 1, -1))
    assert [task.id for it in updates for task in it.news] == [1], "a changed one comes once"
    sent.clear()
    taken.clear()
    feed.send(TasksChecked({9: 1.0}))
    feed.send(TasksChanged(tuple(tasks.values())[1:], {1: tasks[1]}))
    feed.send(TasksChecked({2: 2.0}))
    feed.send(TasksChanged((), {n: tasks[n] for n in (2, 3)}))
    feed.send(TasksChanged((tasks[3],)))
    feed.send(TasksChecked({4: 3.0}))
    assert [it.checked for it in sent] == [{9: 1.0}], "what changes meanwhile is merged"
    _first, second, *others = take_all()
    assert (set(second.removed), second.checked) == ({1, 2}, {4: 3.0})
    assert {task.id for it in (second, *others) for task in it.news} == set(tasks) - {1}, (
        "the last of a removed one too"
    )
    assert max(len(it.news) for it in (second, *others)) == MAX_TASKS
    assert [bool(it.remaining) for it in (second, *others)] == [True] * len(others) + [False]
    feed.send(TasksChecked({5: 3.0}))
    feed.send(is_wanted=True)
    assert len(sent) == len(taken) + 1, "nothing is new"
    feed.send(TasksChecked({6: 3.0}), is_wanted=True)
    feed.send(TasksChecked({7: 3.0}))
    feed.acknowledge()
    assert sent[-1].checked == {6: 3.0}, "two were on their way, and one still is"
    feed.acknowledge()
    assert sent[-1].checked == {7: 3.0}


def test_tasks_that_nobody_was_told_of_do_not_hold_up_the_rest() -> None:
    tasks = TaskCollection(plain_task(n, S.QUEUED) for n in range(1, FIRST_TASKS + 301))
    sent: list[Update] = []
    folders = SimpleNamespace(tree=FolderTree())
    engine = SimpleNamespace(tasks=tasks, status=Status(), folders=folders)
    known = {task_id: tasks[task_id] for task_id in tasks if 5 < task_id <= 10 or task_id > 300}
    engine.repository = SimpleNamespace(published=known.get)
    feed = ScreenFeed(cast("Engine", engine), sent.append)
    feed.send()
    for taken in range(1, 4):
        assert len(sent) == taken
        feed.acknowledge()
    assert [len(it.snapshot) for it in sent] == [64, 0, 0, 5]
    assert sent[-1].remaining == 0


async def test_a_command_is_carried_out_though_its_screen_is_gone(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        peer = await Peer.greeted(tmp_path)
        peer.call("one", {"do": "add", "drafts": [{"url": "https://a.example/1.zip"}]})
        await peer.writer.drain()
        peer.close()
        await until(lambda: len(engine.tasks) == 1)


async def test_a_slow_test_of_a_link_holds_up_no_other_command(tmp_path: Path) -> None:
    may_answer, result = asyncio.Event(), ProbeResult(ProbeStatus.REACHABLE, 206, 5, "a/b")

    async def probe(url: str) -> ProbeResult:
        await may_answer.wait()
        return result

    async with serving_engine(tmp_path) as (engine, _server), Screen(tmp_path) as screen:
        engine.probe = probe
        testing = asyncio.create_task(screen.client.call(ProbeLink("https://a.example/1.zip")))
        added = await screen.client.call(AddTasks(links(2)))
        assert len(added) == 2
        assert not testing.done()
        may_answer.set()
        assert await testing == result


async def test_what_is_visible_is_the_union_and_goes_with_its_screen(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, _server):
        seen: list[frozenset[int]] = []
        engine._poller.set_visible = seen.append  # type: ignore[assignment, method-assign]
        await execute(engine, SetVisible((1,)))
        async with Screen(tmp_path) as screen:
            screen.client.send(SetVisible((2, 3)))  # perhaps before it is connected
            await until(lambda: seen[-1] == {1, 2, 3})
        await until(lambda: seen[-1] == {1})


async def test_an_engine_ends_although_a_screen_has_asked_for_more_than_it_can_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []

    async def never(*args: object, **_options: object) -> None:
        begun.append(args)
        await asyncio.Event().wait()

    async with serving_engine(tmp_path) as (engine, _server):
        monkeypatch.setattr(engine.folders, "find", never)
        peer = await Peer.greeted(tmp_path)
        for number in range(20):
            peer.call(f"{number}", {"do": "find_folder", "target": ["x"]})
        await peer.writer.drain()
        other = await Peer.greeted(tmp_path, "other")
        other.call("poll", {"do": "poll"})
        assert (await other.answer())["id"] == "poll"  # though the first one waits
        assert len(begun) == 20
    assert await peer.is_closed()


@pytest.mark.parametrize("is_asked", [True, False], ids=["asked", "by a fault"])
async def test_an_end_is_told_to_all_screens_unless_it_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_asked: bool
) -> None:
    async with Screen(tmp_path) as one, Screen(tmp_path) as other:
        async with serving_engine(tmp_path) as (engine, _server):
            await one.equals(engine)
            await other.equals(engine)
            if is_asked:
                await one.client.call(StopEngine())
                await until(lambda: engine.is_stopping)
            else:
                monkeypatch.setattr(Engine, "is_stopping", False)
        state = AttachmentState.ENDED if is_asked else AttachmentState.LOST
        for screen in (one, other):
            await screen.sees(lambda model: model.attachment.state is state)


async def test_what_an_ending_engine_is_asked_is_not_done_and_said_to_be_lost(
    tmp_path: Path,
) -> None:
    async with (
        Screen(tmp_path) as one,
        Screen(tmp_path) as other,
        serving_engine(tmp_path) as (engine, _server),
    ):
        await one.equals(engine)
        await other.equals(engine)
        adding = [it.client.call(AddTasks(links(1))) for it in (one, other)]
        ends = await asyncio.gather(one.client.call(StopEngine()), *adding, return_exceptions=True)
        assert list(map(type, ends)) == [type(None), EngineLost, EngineLost]
        assert not engine.tasks


async def test_a_goodbye_waits_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "GOODBYE_S", 0.01)
    async with serving_engine(tmp_path) as (engine, server):
        peer = await Peer.greeted(tmp_path)
        ((served, work),) = server._connections.items()
        async with Screen(tmp_path) as other:
            drafts = [{"url": f"https://a.example/{n}/{'x' * 900}"} for n in range(1000)]
            peer.call("r", {"do": "add", "drafts": drafts})
            await other.sees(lambda model: len(model.tasks) == len(drafts))
            await other.client.call(PollNow())  # by now the peer's answer has been sent
            served.close(says_goodbye=True)
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await work
            finally:
                peer.close()
            await other.equals(engine)


async def test_an_engine_knows_whether_a_screen_is_there(tmp_path: Path) -> None:
    async with serving_engine(tmp_path) as (engine, server):
        server._unused_since -= LONG_S
        (await Peer.connect(tmp_path)).close()
        async with Screen(tmp_path, may_start=False) as asking:
            await asking.equals(engine)
            assert server.unused_s >= LONG_S, "who only asks does not keep it"
        async with Screen(tmp_path) as screen, Screen(tmp_path, wants_updates=False) as shell:
            await shell.client.call(PollNow())
            await screen.equals(engine)
            assert server.unused_s == 0.0
        await until(lambda: server.unused_s > 0.0)  # the sockets have to close
        assert server.unused_s < LONG_S


def test_the_greeting_tells_of_the_login_as_it_is_by_now(tmp_path: Path) -> None:
    logins = iter(["former", "later"])
    server = ScreenServer(FolderLock(tmp_path, program="watch"), login=lambda _id: next(logins))
    assert [server.hello.login, server.hello.login] == ["former", "later"]
