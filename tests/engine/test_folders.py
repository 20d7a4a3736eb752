"""The account's folders through the engine: real client, real simulator, over HTTP."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from pan123_tui.domain.errors import FolderMissing, RateLimited, RequestRejected, ResponseLost
from pan123_tui.domain.events import (
    Account,
    Connection,
    Status,
    StatusChanged,
    TasksChanged,
    TasksLoaded,
)
from pan123_tui.domain.folders import ROOT_ID, FileEntry, Folder, FolderPage
from pan123_tui.domain.task import Task
from pan123_tui.engine.folders import Folders
from pan123_tui.engine.status import EventPublisher
from tests.api_stage import in_virtual_time
from tests.engine_stage import open_session, until
from tests.paper_service import PaperService, or_raise

Entry = Folder | FileEntry
Page = FolderPage | Exception


class Answers(PaperService):
    """Gives what was prepared: entries, and pages of folders."""

    def __init__(self, *entries: Entry | Exception, pages: Sequence[Page] = ()) -> None:
        super().__init__()
        self.entries, self.folder_pages = list(entries), list(pages)
        self.looked_up: list[int] = []

    async def list_folder(
        self, parent_id: int, /, last_id: int = 0, limit: int = 100
    ) -> FolderPage:
        return or_raise(self.folder_pages.pop(0))

    async def file_detail(self, file_id: int, /) -> Entry:
        self.looked_up.append(file_id)
        return cast("Entry", or_raise(self.entries.pop(0)))

    async def create_folder(self, name: str, parent_id: int, /) -> int:
        raise RequestRejected(f"no {name} in {parent_id}", code=1)


def folders_of(service: Answers, file: Path | None = None) -> Folders:
    folders = Folders(open_session(service), EventPublisher())
    if file is not None:
        folders.keep_in(file)
    return folders


@pytest.mark.parametrize(
    ("answer", "is_absent"),
    [
        (Folder(7, "影视", ROOT_ID, is_trashed=True), True),
        (FileEntry(7, "a.mkv", ROOT_ID, 1), True),
        (RequestRejected("文件不存在", code=5066), True),
        (FolderMissing("父级文件id不存在", code=1), True),
        (RequestRejected("参数错误", code=1), False),
        (RequestRejected("internal error", code=6), False),
        (RequestRejected("没有权限", code=1), False),
    ],
    ids=str,
)
async def test_only_what_is_no_folder_is_absent(answer: Entry | Exception, is_absent: bool) -> None:
    folders = folders_of(Answers(answer))
    folders.use(7)
    if is_absent:
        assert (await folders.find(7)).folder is None
        assert folders.tree.recent == (), "it is offered no longer"
    else:
        assert isinstance(answer, Exception)
        with pytest.raises(type(answer), match=str(answer)):
            await folders.find(7)
        assert folders.tree.recent == (7,)


async def test_a_page_that_came_too_often_is_asked_for_again() -> None:
    page = FolderPage((Folder(7, "a", ROOT_ID),))
    often = RateLimited("请求太频繁")
    service = Answers(pages=[often, often, page])
    assert await folders_of(service).page(ROOT_ID) == page


async def test_a_folder_that_somebody_has_just_made_is_used_and_other_refusals_are_said() -> None:
    pages = FolderPage((Folder(8, "a", 3),), next_id=8), FolderPage((Folder(9, "new", 3),))
    assert await folders_of(Answers(pages=pages)).make("new", 3) == Folder(9, "new", 3)
    with pytest.raises(RequestRejected, match="no other in 3"):
        await folders_of(Answers(pages=pages)).make("other", 3)


async def test_what_was_seen_and_used_is_known_in_the_next_run(tmp_path: Path) -> None:
    file = tmp_path / "state" / "folders.json"
    page = FolderPage((Folder(7, "影视", ROOT_ID), Folder(8, "音乐", ROOT_ID)))
    first = folders_of(Answers(pages=[page]), file)
    await first.page(ROOT_ID)
    first.use(7)
    first.use(8)
    await _run_and_end(first)
    assert file.stat().st_mode & 0o777 == 0o600

    second = folders_of(Answers(), file)
    assert second.tree.names == {7: "影视", 8: "音乐"}
    assert second.tree.recent == (8, 7)


FILMS, MUSIC, YEAR = Folder(7, "影视", ROOT_ID), Folder(8, "音乐", ROOT_ID), Folder(9, "2024", 7)


async def test_what_is_gone_is_so_in_the_next_run_until_it_is_seen_again(tmp_path: Path) -> None:
    file = tmp_path / "folders.json"
    folders = folders_of(Answers(pages=[FolderPage((FILMS, MUSIC))]), file)
    await folders.page(ROOT_ID)
    folders.use(7)
    folders.note(7, is_gone=True)
    assert folders.tree.gone == {7}
    assert folders.tree.recent == ()
    await _run_and_end(folders)
    for look in ("page", "fetch", "content"):
        page = FolderPage((FILMS,) if look == "page" else (YEAR,))
        again = folders_of(Answers(FILMS, pages=[page]), file)
        assert again.tree.gone == {7}
        await (again.fetch(7) if look == "fetch" else again.page(0 if look == "page" else 7))
        assert again.tree.gone == set()


async def _run_and_end(folders: Folders) -> None:
    """Run the worker for an instant: it saves when it ends."""
    work = asyncio.create_task(folders.run())
    await asyncio.sleep(0)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def asked_for_names(*answers: Entry | Exception, after: int = 0) -> list[int]:
    """Return the ids that are fetched for a task in folder 7, `after` times of coming online."""
    service = Answers(*answers)
    names = folders_of(service)
    names.on_event(TasksChanged((Task(id=1, url="https://e.com/a", created_at=0, folder_id=7),)))
    work = asyncio.create_task(names.run())
    for _ in range(after + 1):
        names.on_event(StatusChanged(Status(connection=Connection.ONLINE)))
        await asyncio.sleep(10)
    work.cancel()
    return service.looked_up


@in_virtual_time
async def test_a_folder_and_those_above_it_are_fetched_once() -> None:
    entries = Folder(7, "2024", 5), Folder(5, "影视", ROOT_ID)
    assert await asked_for_names(*entries, after=2) == [7, 5]


@in_virtual_time
async def test_the_paths_of_the_newest_tasks_come_first_and_without_a_pause() -> None:
    service = Answers(FILMS, YEAR, Folder(5, "动画", 7), MUSIC)
    names = folders_of(service)
    places = enumerate((7, 8, 5, 9, 7), start=1)
    tasks = (Task(id=i, url="", created_at=0, folder_id=it) for i, it in places)
    names.on_event(TasksLoaded(tuple(tasks)))
    work = asyncio.create_task(names.run())
    names.on_event(StatusChanged(Status(connection=Connection.ONLINE)))
    await asyncio.sleep(0.1)
    work.cancel()
    assert service.looked_up == [7, 9, 5, 8]


@in_virtual_time
async def test_the_folders_above_one_that_was_only_listed_are_fetched() -> None:
    service = Answers(FILMS, pages=[FolderPage((YEAR,))])
    names = folders_of(service)
    await names.page(7)
    names.on_event(TasksChanged((Task(id=1, url="", created_at=0, folder_id=9),)))
    work = asyncio.create_task(names.run())
    names.on_event(StatusChanged(Status(connection=Connection.ONLINE)))
    await asyncio.sleep(0.1)
    work.cancel()
    assert names.tree.names == {7: "影视", 9: "影视/2024"}


@pytest.mark.parametrize(
    "entry",
    [
        RequestRejected("文件不存在", code=5066),
        FolderMissing("父级文件id不存在", code=1),
        FileEntry(7, "a.mkv", ROOT_ID, 1),
    ],
)
@in_virtual_time
async def test_what_is_no_folder_is_fetched_once(entry: FileEntry | Exception) -> None:
    assert await asked_for_names(entry, after=2) == [7]


async def test_another_account_is_asked_for_names_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pan123_tui.engine.folders.QUIET_S", 0.0)
    service = Answers(RequestRejected("文件不存在", code=5066), Folder(7, "影视", ROOT_ID))
    names = folders_of(service)
    names.on_event(TasksChanged((Task(id=1, url="https://e.com/a", created_at=0, folder_id=7),)))
    work = asyncio.create_task(names.run())
    for uid in (1, 2):
        account = Account(uid, "", 0, 0)
        names.on_event(StatusChanged(Status(connection=Connection.ONLINE, account=account)))
        await until(lambda: len(service.looked_up) == uid)  # noqa: B023 - awaited here
    await until(lambda: names.tree.names == {7: "影视"})
    work.cancel()


@in_virtual_time
async def test_a_look_up_that_fails_on_the_way_is_tried_again() -> None:
    entries = ResponseLost("the line is cut"), Folder(7, "影视", ROOT_ID)
    assert await asked_for_names(*entries, after=2) == [7, 7]
