"""The inbox: what other processes ask for, and what they may do to it."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from pan123_tui.domain.commands import AddTasks, RemoveTasks, RetryTasks
from pan123_tui.domain.links.extractor import decode_text
from pan123_tui.domain.task import DownloadRequest, Task, TaskState, new_task, transition
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.inbox import Inbox, InboxFolder
from pan123_tui.engine.ports import Session
from pan123_tui.engine.requests import write_request
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import EventRecorder
from tests.unreachable_service import UnreachableService

URL = "https://example.com/a.iso"
S = TaskState


class Clock:
    def __init__(self) -> None:
        self.now = 4e9  # long after any file was written

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def engine_with_inbox(folder: Path) -> AsyncIterator[Engine]:
    """An engine whose service nobody reaches, so that queued tasks stay queued."""
    store = TaskStore.open(folder)
    inbox = Inbox(InboxFolder(folder / "inbox", clock=Clock()), interval_s=0.01)
    engine = Engine(store, Session(UnreachableService), EventRecorder(), workers=[inbox])
    work = asyncio.create_task(engine.run())
    try:
        async with asyncio.timeout(20):
            await engine.wait_idle()
            yield engine
    finally:
        engine.stop()
        await work
        store.close()


def stored(folder: Path) -> list[Task]:
    store = TaskStore.open(folder)
    try:
        return list(store.tasks.values())
    finally:
        store.close()


def left_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def put_failed(folder: Path, *, count: int = 1) -> list[int]:
    store = TaskStore.open(folder)
    ids = list(store.new_ids(count))
    for task_id in ids:
        task = new_task(DownloadRequest(f"{URL}?{task_id}"), task_id=task_id, at=1.0)
        for state in (S.SUBMITTING, S.RUNNING, S.FAILED):
            task = transition(task, state, at=2.0, task_id=70 + task_id)
        store.put([task])
    store.close()
    return ids


async def test_links_that_another_process_drops_are_queued_and_the_file_is_gone(
    tmp_path: Path,
) -> None:
    async with engine_with_inbox(tmp_path) as engine:
        request_id = write_request(
            tmp_path, AddTasks((DownloadRequest(URL, "a.iso", 7), DownloadRequest(URL + "2")))
        )
        await engine.wait_idle()
        first, second = engine.tasks.values()
        assert (first.request, first.request_id) == (DownloadRequest(URL, "a.iso", 7), request_id)
        assert second.url == URL + "2"
    assert left_in(tmp_path / "inbox") == []
    assert len(stored(tmp_path)) == 2


async def test_requests_are_carried_out_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    for number in range(20):
        write_request(tmp_path, AddTasks((DownloadRequest(f"{URL}?{number}"),)))
    async with engine_with_inbox(tmp_path) as engine:
        urls = [engine.tasks[i].url for i in sorted(engine.tasks)]
    assert urls == [f"{URL}?{number}" for number in range(20)]


async def test_a_request_that_a_crash_left_after_its_outcome_is_not_carried_out_again(
    tmp_path: Path,
) -> None:
    request_id = write_request(tmp_path, AddTasks((DownloadRequest(URL),)))
    content = (tmp_path / "inbox" / f"{request_id}.json").read_bytes()
    async with engine_with_inbox(tmp_path):
        pass
    taken = tmp_path / "inbox" / "taken" / f"{request_id}.json"
    taken.write_bytes(content)
    async with engine_with_inbox(tmp_path) as engine:
        assert len(engine.tasks) == 1
    assert not taken.exists()


async def test_a_request_that_a_crash_left_before_its_outcome_is_carried_out(
    tmp_path: Path,
) -> None:
    request_id = write_request(tmp_path, AddTasks((DownloadRequest(URL),)))
    inbox = tmp_path / "inbox"
    (inbox / "taken").mkdir()
    (inbox / f"{request_id}.json").rename(inbox / "taken" / f"{request_id}.json")
    async with engine_with_inbox(tmp_path) as engine:
        assert [task.url for task in engine.tasks.values()] == [URL]


async def test_a_retry_that_a_crash_left_does_not_queue_the_task_a_second_time(
    tmp_path: Path,
) -> None:
    put_failed(tmp_path)
    request_id = write_request(tmp_path, RetryTasks())
    content = (tmp_path / "inbox" / f"{request_id}.json").read_bytes()
    async with engine_with_inbox(tmp_path) as engine:
        (task,) = engine.tasks.values()
        assert task.request_id == request_id
    (task,) = stored(tmp_path)
    store = TaskStore.open(tmp_path)
    for state in (S.SUBMITTING, S.RUNNING, S.FAILED):
        task = transition(task, state, at=3.0)
    store.put([task])
    store.close()
    (tmp_path / "inbox" / "taken" / f"{request_id}.json").write_bytes(content)
    async with engine_with_inbox(tmp_path) as engine:
        assert engine.tasks[task.id].state is S.FAILED


async def test_retry_takes_only_the_named_ones(tmp_path: Path) -> None:
    first, second = put_failed(tmp_path, count=2)
    write_request(tmp_path, RetryTasks((second, 999)))
    async with engine_with_inbox(tmp_path) as engine:
        assert engine.tasks[first].state is S.FAILED
        assert engine.tasks[second].state is not S.FAILED


async def test_remove_forgets_the_named_ones(tmp_path: Path) -> None:
    first, second = put_failed(tmp_path, count=2)
    write_request(tmp_path, RemoveTasks((first, 999)))
    async with engine_with_inbox(tmp_path) as engine:
        assert list(engine.tasks) == [second]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"do": "format the disk"}',
        b'{"do": "add", "drafts": [{"url": "file:///etc/passwd"}]}',
        b'{"do": "add", "drafts": [{"url": "https://a.b/c", "folder_id": 0}]}',
        b'{"do": "add", "drafts": [{"url": "https://a.b/c", "callback_url": "x"}]}',
        b'{"do": "add", "drafts": 5}',
        b'{"do": "remove", "ids": ["all"]}',
        b'{"do": "remove", "ids": ' + b"[" * 100_000,
        b"\xff\xfe\x00",
    ],
)
async def test_what_cannot_be_understood_is_set_aside_and_stops_nothing(
    tmp_path: Path, content: bytes
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    name = f"{1:020d}-{'0' * 12}.json"
    (inbox / name).write_bytes(content)
    write_request(tmp_path, AddTasks((DownloadRequest(URL),)))
    async with engine_with_inbox(tmp_path) as engine:
        assert [task.url for task in engine.tasks.values()] == [URL]
    assert left_in(inbox) == [f"rejected/{name}"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("links.txt", f"看看这个 {URL}，密码 123\n".encode()),
        ("gbk.txt", f"下载地址{URL}，密码".encode("gbk")),
        ("utf16.txt", f"{URL}\r\n".encode("utf-16")),
        ("page.html", f"<a href='{URL}'>here</a>".encode()),
        ("shortcut.url", f"[InternetShortcut]\r\nURL={URL}\r\n".encode()),
        ("without-suffix", f"{URL}\n{URL}\n".encode()),
        ("other.json", b'{"link": "https:\\/\\/example.com\\/a.iso"}'),
    ],
)
async def test_a_whole_text_file_is_read_for_its_links(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / name).write_bytes(content)
    async with engine_with_inbox(tmp_path) as engine:
        assert [task.url for task in engine.tasks.values()] == [URL]
    assert left_in(tmp_path / "inbox") == []


async def test_a_text_file_does_not_queue_again_what_is_known(tmp_path: Path) -> None:
    async with engine_with_inbox(tmp_path) as engine:
        await engine.task_service.add([DownloadRequest(URL)])
        (tmp_path / "inbox" / "links.txt").write_text(f"{URL}\n{URL}2\n")
        await engine.wait_idle()
        assert [task.url for task in engine.tasks.values()] == [URL, URL + "2"]


def test_lines_with_a_doubtful_end_are_not_queued_but_kept_in_rejected(tmp_path: Path) -> None:
    clock = Clock()
    folder = InboxFolder(tmp_path / "inbox", clock=clock)
    folder.create_directories()
    doubtful = "看 https://a.b/my file.zip 好"
    (folder.folder / "links.txt").write_text(f"{doubtful}\nhttps://a.b/c.zip\n", encoding="utf-8")
    clock.now = (folder.folder / "links.txt").stat().st_mtime + 60
    (claimed,) = folder.claim()
    assert claimed.request == AddTasks((DownloadRequest("https://a.b/c.zip"),))
    (kept,) = (folder.folder / "rejected").iterdir()
    assert kept.read_text(encoding="utf-8") == f"{doubtful}\n"


async def test_a_text_file_without_a_link_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "poem.txt").write_text("roses are red")
    async with engine_with_inbox(tmp_path) as engine:
        assert not engine.tasks
    assert left_in(tmp_path / "inbox") == ["rejected/poem.txt"]


def test_a_text_file_that_is_still_being_written_waits(tmp_path: Path) -> None:
    clock = Clock()
    folder = InboxFolder(tmp_path, clock=clock)
    folder.create_directories()
    path = tmp_path / "links.txt"
    path.write_text(URL)
    clock.now = path.stat().st_mtime + 0.5
    assert folder.may_have_changed()
    assert list(folder.claim()) == []
    clock.now += 10
    assert folder.may_have_changed()
    assert len(list(folder.claim())) == 1


def test_pipes_links_to_elsewhere_folders_and_unfinished_files_stay_untouched(
    tmp_path: Path,
) -> None:
    folder = InboxFolder(tmp_path / "inbox", clock=Clock())
    folder.create_directories()
    (tmp_path / "secret.txt").write_text(URL)
    (folder.folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder.folder / "folder.txt").mkdir()
    os.mkfifo(folder.folder / "pipe.txt")
    for name in (".hidden", "a.part", "b.txt~", "c.tmp"):
        (folder.folder / name).write_text(URL)
    assert list(folder.claim()) == []
    assert (folder.folder / "a.part").exists()


def test_an_idle_inbox_costs_one_look_at_its_time(tmp_path: Path) -> None:
    clock = Clock()
    folder = InboxFolder(tmp_path / "inbox", clock=clock)
    folder.create_directories()
    assert folder.may_have_changed()
    assert list(folder.claim()) == []
    assert not folder.may_have_changed()
    write_request(tmp_path, RemoveTasks((1,)))
    assert folder.may_have_changed()


def test_text_of_any_origin_is_decoded() -> None:
    for codec in ("utf-8", "utf-8-sig", "utf-16", "gb18030"):
        assert decode_text("链接：https://a.b/c".encode(codec)) == "链接：https://a.b/c"
    assert decode_text(b"\xff\xff\xfe")


def test_one_bad_byte_does_not_turn_a_text_into_another_encoding() -> None:
    text = "链接：https://a.b/c\n电影：https://a.b/d"
    for content in (text.encode()[:-1] + b"\xe9", text.encode().replace(b"\n", b"\xff\n")):
        decoded = decode_text(content)
        assert decoded.startswith("链接：https://a.b/c")
        assert "电影：https://a.b/" in decoded
    assert decode_text(b"caf\xe9s https://a.b/c").endswith("s https://a.b/c")


def test_a_dropped_request_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    request_id = write_request(tmp_path, RemoveTasks((1,)))
    path = tmp_path / "inbox" / f"{request_id}.json"
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
