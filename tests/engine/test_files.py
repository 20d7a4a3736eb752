"""Links to files that arrived: real client and simulator, over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pan123_tui.domain.commands import GetDownloadLinks, LookForFiles
from pan123_tui.domain.credentials import AccessToken
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.task import DownloadRequest, TaskState
from pan123_tui.engine.engine import Engine
from tests.engine_stage import (
    add_links,
    client_factory,
    execute,
    generous_world,
    problem_of,
    running_engine,
)
from tests.service.accounts import OTHER_ACCESS_TOKEN
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import World


@asynccontextmanager
async def arrived(
    folder: Path, *names: str, looks: bool = True
) -> AsyncIterator[tuple[Engine, World, tuple[int, ...]]]:
    """Run an engine whose tasks have brought files of these names."""
    with SimulatorServer(generous_world(speed=1000)) as server:
        async with running_engine(folder, server.base_url) as (engine, witness):
            await witness.wait_until(lambda w: w.status.account)
            requests = [DownloadRequest(f"https://example.com/fast/{it}") for it in names]
            tasks = await add_links(engine, requests)
            for task in tasks:
                await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
            ids = tuple(task.id for task in tasks)
            if looks:
                await execute(engine, LookForFiles(ids))
            yield engine, server.world, ids


async def test_each_file_gets_a_link_under_its_real_name(tmp_path: Path) -> None:
    async with arrived(tmp_path, "a.mkv", "b.mkv") as (engine, world, ids):
        world.faults.add(FaultKind.NUMBERS_AS_TEXT, "download_info")
        world.faults.add(FaultKind.HTTP_429, "download_info", skip=1)
        links = await execute(engine, GetDownloadLinks((*ids, 99)))
    assert [link.name for link in links] == ["a.mkv", "b.mkv"]
    assert all(link.url.startswith("https://cdn.example.com/") for link in links)
    assert "cdn" not in repr(links)


async def test_a_deleted_file_spoils_no_other_link_and_used_up_traffic_is_asked_once(
    tmp_path: Path,
) -> None:
    async with arrived(tmp_path, "a.mkv", "b.mkv", "c.mkv") as (engine, world, ids):
        world.drive().move_to_trash(engine.tasks[ids[0]].file_id or 0)
        first, second, _third = await execute(engine, GetDownloadLinks(ids))
        assert first.problem is not None
        assert (first.problem.code, first.url, bool(second.url)) == (5066, "", True)
        world.configure(has_traffic=False)
        before = world.stats.requests["download_info"]
        refused = await execute(engine, GetDownloadLinks(ids[1:]))
        assert {link.problem.code for link in refused if link.problem} == {5113}
        assert world.stats.requests["download_info"] == before + 1


async def test_without_a_files_id_or_under_another_account_nothing_is_asked(
    tmp_path: Path,
) -> None:
    with SimulatorServer(generous_world(speed=1000)) as server:
        async with running_engine(tmp_path, server.base_url) as (engine, witness):
            await witness.wait_until(lambda w: w.status.account)
            (task,) = await add_links(engine, [DownloadRequest("https://example.com/fast/a")])
            await witness.wait_for_state(task.id, TaskState.SUCCEEDED)
            (link,) = await execute(engine, GetDownloadLinks((task.id,)))
            assert problem_of(link) is ProblemKind.FILE_UNKNOWN
            await execute(engine, LookForFiles((task.id,)))
            other = client_factory(server.base_url, AccessToken(OTHER_ACCESS_TOKEN))
            await engine.reconnect(other)
            await witness.wait_until(
                lambda w: w.status.account and w.status.account.nickname == "阿木"
            )
            (link,) = await execute(engine, GetDownloadLinks((task.id,)))
            assert problem_of(link) is ProblemKind.OTHER_ACCOUNT
            assert not server.world.stats.requests["download_info"]
