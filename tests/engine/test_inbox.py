"""The inbox: text files that are dropped there, and what may be wrong with them."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.links.extractor import decode_text
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.inbox import Inbox, InboxFolder
from pan123_tui.engine.ports import Session
from pan123_tui.engine.requests import new_request_id
from pan123_tui.engine.task_service import TaskService
from pan123_tui.store.task_store import TaskStore
from tests.engine_stage import EventRecorder
from tests.unreachable_service import UnreachableService

URL = "https://example.com/a.iso"


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


def left_in(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


async def test_a_file_that_a_crash_left_after_its_links_were_queued_queues_no_more(
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "links.txt").write_text(URL)
    async with engine_with_inbox(tmp_path) as engine:
        (task,) = engine.tasks.values()
        await engine.task_service.remove([task.id])
        await engine.task_service.restore([replace(task, url=URL + "?edited")])
    taken = inbox / "taken" / f"{task.request_id}.links.txt"
    taken.write_text(URL)
    async with engine_with_inbox(tmp_path) as engine:
        assert len(engine.tasks) == 1
    assert not taken.exists()


async def test_a_file_in_a_folder_that_may_be_another_programs_is_left_there(
    tmp_path: Path,
) -> None:
    async with engine_with_inbox(tmp_path) as engine:
        engine._status.update(store_problem=Problem(ProblemKind.STORE_LOST))
        (tmp_path / "inbox" / "links.txt").write_text(URL)
        await engine.wait_idle()
        assert left_in(tmp_path / "inbox") == ["links.txt"]
        engine._status.update(store_problem=None)
        await engine.wait_idle()
        assert [task.url for task in engine.tasks.values()] == [URL]


async def test_a_file_whose_links_are_being_queued_is_finished_with_before_a_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "links.txt").write_text(URL)
    is_adding, may_add = asyncio.Event(), asyncio.Event()
    add = TaskService.add

    async def slow_add(
        self: TaskService, requests: Iterable[DownloadRequest], *, request_id: str = ""
    ) -> tuple[Task, ...]:
        is_adding.set()
        await may_add.wait()
        return await add(self, requests, request_id=request_id)

    monkeypatch.setattr(TaskService, TaskService.add.__name__, slow_add)
    store = TaskStore.open(tmp_path)
    engine = Engine(store, Session(UnreachableService), EventRecorder())
    inbox = Inbox(InboxFolder(folder, clock=Clock()))
    work = asyncio.create_task(inbox.run(engine.task_service))
    await is_adding.wait()
    work.cancel()
    await asyncio.sleep(0)
    may_add.set()
    await asyncio.wait((work,))
    assert [task.url for task in engine.tasks.values()] == [URL]
    assert left_in(folder) == []
    store.close()


async def test_a_file_that_a_crash_left_before_its_links_were_queued_is_read(
    tmp_path: Path,
) -> None:
    taken = tmp_path / "inbox" / "taken"
    taken.mkdir(parents=True)
    (taken / f"{new_request_id()}.links.txt").write_text(URL)
    async with engine_with_inbox(tmp_path) as engine:
        assert [task.url for task in engine.tasks.values()] == [URL]
    assert left_in(tmp_path / "inbox") == []


async def test_a_request_that_the_former_version_left_is_read_for_its_links(
    tmp_path: Path,
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / f"{new_request_id()}.json").write_text(
        f'{{"do":"add","drafts":[{{"url":"{URL}","name":"a.iso","folder_id":7}}]}}'
    )
    async with engine_with_inbox(tmp_path) as engine:
        assert [task.url for task in engine.tasks.values()] == [URL]
    assert left_in(inbox) == []


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
    assert claimed.downloads == (DownloadRequest("https://a.b/c.zip"),)
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


def test_a_file_that_cannot_be_moved_is_tried_again_and_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder = InboxFolder(tmp_path / "inbox", clock=Clock())
    folder.create_directories()
    (folder.folder / "links.txt").write_text(URL)
    with monkeypatch.context() as read_only:
        read_only.setattr(Path, "replace", _refuse)
        for _ in range(3):
            assert folder.may_have_changed()
            assert list(folder.claim()) == []
    assert folder.may_have_changed()
    assert len(list(folder.claim())) == 1
    assert len(caplog.records) == 1


def _refuse(path: Path, target: Path) -> Path:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_an_idle_inbox_costs_one_look_at_its_time(tmp_path: Path) -> None:
    clock = Clock()
    folder = InboxFolder(tmp_path / "inbox", clock=clock)
    folder.create_directories()
    assert folder.may_have_changed()
    assert list(folder.claim()) == []
    assert not folder.may_have_changed()
    (tmp_path / "inbox" / "links.txt").write_text(URL)
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
