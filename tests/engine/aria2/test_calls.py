"""What aria2's other calls tell and do."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import (
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    Task,
    TaskState,
    new_task,
    transition,
)
from tests.engine.aria2.conftest import LINK, Caller, Calling

S = TaskState


def tasks_of_all_kinds() -> list[Task]:
    """Return one that waits, runs, is done, failed, and is unsure."""
    queued = [
        new_task(DownloadRequest(f"{LINK}{n}", "a/b.iso"), task_id=n, at=1.0) for n in range(1, 6)
    ]
    sent = [transition(it, S.SUBMITTING, at=1.0) for it in queued[1:]]
    running = [transition(it, S.RUNNING, at=1.0, task_id=it.id, percent=47.9) for it in sent[:3]]
    found = ArrivalCheck(ArrivalStatus.FOUND, 2.0, "real.iso", 1234)
    return [
        queued[0],
        running[0],
        transition(running[1], S.SUCCEEDED, at=2.0, finished_at=2.0, arrival=found),
        transition(running[2], S.FAILED, at=2.0, finished_at=2.0, fail_reason="源站返回404"),
        transition(sent[3], S.UNCONFIRMED, at=2.0, problem=Problem(ProblemKind.RESPONSE_LOST)),
    ]


async def test_each_task_is_told_without_invented_bytes(open_entrance: Calling) -> None:
    async with open_entrance(*tasks_of_all_kinds()) as caller:
        told = {n: await caller.call("tellStatus", f"{n:x}") for n in range(1, 6)}
        assert [it["status"] for it in told.values()] == [
            *("waiting", "active", "complete", "error", "error")
        ]
        assert [it["totalLength"] for it in told.values()] == ["0", "0", "1234", "0", "0"]
        assert {it["downloadSpeed"] for it in told.values()} == {"0"}
        path = told[2]["files"][0]["path"]
        assert path == "/来自:离线下载/47 % · a_b.iso"
        assert told[3]["files"][0]["path"].endswith("/real.iso")
        assert told[4]["errorMessage"] == "source: HTTP 404"
        assert told[5]["errorMessage"] == "unsure: no answer came"
        assert await caller.call("tellStatus", "1", ["gid", "status"]) == {
            "gid": "0000000000000001",
            "status": "waiting",
        }


async def test_the_lists_and_their_pages_are_as_in_aria2(open_entrance: Calling) -> None:
    async with open_entrance(*tasks_of_all_kinds()) as caller:

        async def gids(name: str, *params: Any) -> list[int]:
            return [int(it["gid"], 16) for it in await caller.call(name, *params, ["gid"])]

        assert await gids("tellActive") == [2]
        assert await gids("tellWaiting", 0, 9) == [1]
        assert await gids("tellStopped", 0, 9) == [3, 4, 5]
        assert await gids("tellStopped", 1, 1) == [4]
        assert await gids("tellStopped", -1, 2) == [5, 4]
        assert await gids("tellStopped", 9, 9) == []
        numbers = await caller.call("getGlobalStat")
        assert (numbers["numActive"], numbers["numWaiting"], numbers["numStopped"]) == (
            "1",
            "1",
            "3",
        )


async def test_a_doubt_about_a_file_is_complete_and_is_purged_unless_it_needs_the_user(
    open_entrance: Calling,
) -> None:
    done = tasks_of_all_kinds()[2]
    page, small = ArrivalStatus.ERROR_PAGE, ArrivalStatus.TOO_SMALL
    tasks = [
        replace(done, id=number, arrival=ArrivalCheck(status, 3.0, "a.html", 5))
        for number, status in enumerate((page, small), 1)
    ]
    async with open_entrance(*tasks) as caller:
        for number in "12":
            told = await caller.call("tellStatus", number)
            assert (told["status"], told["errorCode"], told["totalLength"]) == (
                "complete",
                "0",
                "5",
            )
        assert await caller.call("purgeDownloadResult") == "OK"
        assert [*caller.engine.tasks] == [1]
        assert await caller.call("removeDownloadResult", "1") == "OK"


async def test_removal_is_for_all_and_its_results_for_what_is_done(open_entrance: Calling) -> None:
    async with open_entrance(*tasks_of_all_kinds()) as caller:
        for number in "1245":
            assert "Only what is done" in await caller.refusal("removeDownloadResult", number)
        assert await caller.call("purgeDownloadResult") == "OK"
        assert [*caller.engine.tasks] == [1, 2, 4, 5]
        assert await caller.call("remove", "1") == "0000000000000001"
        assert await caller.call("forceRemove", "2") == "0000000000000002"
        assert [*caller.engine.tasks] == [4, 5]
        assert await caller.refusal("tellStatus", "1") == "GID 1 is not found"
        for unknown in ("nonsense", ""):
            assert await caller.refusal("tellStatus", unknown) == f"Invalid GID {unknown}"


async def test_sending_is_paused_and_resumed_as_a_whole(caller: Caller) -> None:
    for name, is_paused in (("pauseAll", True), ("unpauseAll", False)):
        assert await caller.call(name) == "OK"
        assert caller.engine.status.is_paused is is_paused


@pytest.mark.parametrize("name", ["pause", "addTorrent", "shutdown", "changeGlobalOption"])
async def test_what_is_not_offered_is_an_unknown_method(caller: Caller, name: str) -> None:
    assert await caller.refusal(name, "x", {"dir": "/"}) == f"No such method: aria2.{name}"
    assert not caller.engine.is_stopping


async def test_what_clients_ask_first_is_answered(caller: Caller) -> None:
    assert (await caller.call("getVersion"))["version"].startswith("pan123-tui ")
    gid = await caller.call("addUri", [LINK], {"out": "a.iso"})
    assert (await caller.call("getFiles", gid))[0]["path"].endswith("/a.iso")
