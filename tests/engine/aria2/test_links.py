"""Links that come in by aria2's calls."""

import asyncio
import errno
from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.config import schema
from pan123_tui.domain.commands import AddTasks, RemoveTasks
from pan123_tui.domain.folders import ROOT_ID, Folder, FolderTree
from pan123_tui.domain.task import DownloadRequest, Source, TaskState, new_task, transition
from pan123_tui.engine.commands import HANDLERS
from pan123_tui.store.task_files import TaskFiles
from pan123_tui.wording.dashboard import step_texts
from tests.engine.aria2.conftest import LINK, OPEN, Caller, Calling


async def test_a_link_is_on_disk_when_its_number_comes(caller: Caller, tmp_path: Any) -> None:
    gid = await caller.call("addUri", [LINK], {"out": "a.iso"})
    assert gid == "0000000000000001"
    stored = TaskFiles(tmp_path).load(read_only=True)[1]
    assert (stored.url, stored.name, stored.folder_id, stored.subfolder) == (
        LINK,
        "a.iso",
        None,
        "",
    )
    assert stored.timeline[0].source == (Source.ARIA2,)
    assert stored.batch.startswith("From the browser ")


async def test_a_link_comes_once_however_often_and_by_whom_it_is_sent(caller: Caller) -> None:
    same = [LINK, LINK.replace("ubuntu", "%75buntu"), LINK.replace("example", "EXAMPLE")]
    answers = await asyncio.gather(
        *(caller.post(caller.body("addUri", [uri])) for uri in same * 5),
        caller.post([caller.body("addUri", [uri]) for uri in same * 5]),
    )
    *singles, batch = answers
    refused = [it for it in (*singles, *batch) if "error" in it]
    assert len(refused) == 29
    assert {it["error"]["message"] for it in refused} == {"This link is already in the list."}
    assert len(caller.urls) == 1


async def test_many_links_are_queued_in_their_order_and_in_one_batch(caller: Caller) -> None:
    links = [f"https://example.com/{number}.bin" for number in range(300)]
    calls = [caller.body("addUri", [uri]) for uri in links[:150]]
    members = [
        {"methodName": it["method"], "params": it["params"]}
        for it in (caller.body("addUri", [uri]) for uri in links[150:])
    ]
    await caller.post(calls)
    assert len(await caller.call("system.multicall", members)) == 150
    assert caller.urls == links
    assert len({task.batch for task in caller.engine.tasks.values()}) == 1


@pytest.mark.parametrize(
    ("uris", "reason"),
    [
        ([], "This is no http or https link."),
        (["javascript:void(0)"], "This is no http or https link."),
        (["example.com/a.zip"], "https:// was missing, or stood apart."),
        (["magnet:?xt=urn:btih:" + "a" * 40], "Refused: 123pan's website takes these"),
        (["https://pan.baidu.com/s/1abcdefg"], "A page on Baidu"),
        (["http://192.168.1.5/a.zip"], "The host is on a private network"),
        (["https://user:word@example.com/a.zip"], "The link has a user name and a password"),
        (["https://example.com/"], "This is the address of a website"),
        (["https://example.com/a.zip https://example.com/b.zip"], "It is unclear"),
        (["https://example.com/" + "a" * 17_000], "Refused: too long"),
    ],
)
async def test_what_the_review_would_not_take_is_refused_with_its_sentence(
    caller: Caller, uris: list[str], reason: str
) -> None:
    assert (await caller.refusal("addUri", uris)).startswith(reason)
    assert not caller.urls


@pytest.mark.parametrize("value", ["true", True])
async def test_a_link_that_is_to_wait_is_not_sent_but_refused(caller: Caller, value: Any) -> None:
    assert "pauses sending" in await caller.refusal("addUri", [LINK], {"pause": value})
    await caller.call("addUri", [LINK], {"pause": "false"})


async def test_the_first_good_address_is_taken_and_the_others_noted(caller: Caller) -> None:
    options = {"header": ["Cookie: a=b"], "referer": "https://example.com/"}
    gid = await caller.call("addUri", ["ftp://example.com/a", LINK, f"{LINK}2"], options)
    assert caller.urls == [LINK]
    timeline = caller.task(gid).timeline
    assert timeline[0].source == (Source.ARIA2, Source.HEADERS, Source.MIRRORS)
    (text,) = step_texts(timeline)
    assert text.startswith("link added from the browser, 123pan fetches it without the headers")
    assert text.endswith("its other addresses are not used")


@pytest.mark.parametrize(
    ("given", "folder_id", "subfolder"),
    [
        ("影视/动画", None, "影视/动画"),
        ("4711", 4711, ""),
        ("", 5, ""),
        ("/", 5, ""),
        ("/home/me/Downloads", 5, ""),
        ("D:\\Downloads", 5, ""),
        ("~/Downloads", 5, ""),
        ("/5", 5, ""),
        ("/影视", 6, ""),
    ],
)
async def test_dir_is_a_path_on_the_drive_or_means_the_default_folder(
    open_entrance: Calling, given: str, folder_id: int | None, subfolder: str
) -> None:
    settings = replace(OPEN, defaults=schema.Defaults(folder_id=5))
    async with open_entrance(settings=settings) as caller:
        caller.engine.folders.tree = FolderTree({6: Folder(6, "影视", ROOT_ID)})
        assert (await caller.call("getGlobalOption"))["dir"] == "/5"
        task = caller.task(await caller.call("addUri", [LINK], {"dir": given}))
        assert (task.folder_id, task.subfolder) == (folder_id, subfolder)
        is_noted = Source.FOLDER in task.timeline[0].source
        assert is_noted is (folder_id == 5 and given not in ("", "/5"))
        assert "cannot contain" in await caller.refusal("addUri", [f"{LINK}2"], {"dir": "a/b:c"})


async def test_a_link_is_moved_to_the_front_and_to_no_other_place(caller: Caller) -> None:
    first = await caller.call("addUri", [LINK])
    second = await caller.call("addUri", [f"{LINK}2"])
    assert await caller.call("changePosition", second, 0, "POS_SET") == 0
    assert [it["gid"] for it in await caller.call("tellWaiting", 0, 10)] == [second, first]
    for place in ([1, "POS_SET"], [0, "POS_END"], [-1, "POS_CUR"]):
        assert "only to the front" in await caller.refusal("changePosition", first, *place)


async def test_a_link_that_was_sent_and_has_left_the_list_is_refused(
    open_entrance: Calling,
) -> None:
    task = new_task(DownloadRequest(LINK), task_id=1, at=1.0)
    task = transition(task, TaskState.SUBMITTING, at=1.0)
    async with open_entrance(transition(task, TaskState.RUNNING, at=1.0, task_id=5)) as caller:
        assert "already in the list" in await caller.refusal("addUri", [LINK])
        await caller.call("remove", "1")
        assert "was sent before" in await caller.refusal("addUri", [LINK])


async def test_what_cannot_be_saved_gets_no_number(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pan123_tui.store.atomic_storage.write_synced", refuse)
    assert "No space left" in await caller.refusal("addUri", [LINK])
    monkeypatch.undo()


def refuse(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


async def test_of_two_tasks_with_one_link_the_one_that_stays_keeps_it_known(caller: Caller) -> None:
    older = caller.task(await caller.call("addUri", [LINK]))
    again = AddTasks((older.request,), newest_known=None)
    (newer,) = await HANDLERS[AddTasks](caller.engine, again)
    assert "already in the list" in await caller.refusal("addUri", [LINK])
    await HANDLERS[RemoveTasks](caller.engine, RemoveTasks((newer.id,)))
    assert "already in the list" in await caller.refusal("addUri", [LINK])
    assert caller.urls == [LINK]
