"""A link that is refused again and again, although others are taken, does not hold the queue."""

import asyncio
from itertools import pairwise

from pan123_tui.domain.task import TaskState
from tests.api_stage import in_virtual_time
from tests.engine_stage import add_links, link
from tests.hold_stage import EPOCH, OpenStage, Stage
from tests.service.faults import FaultKind

S = TaskState
SENT = (S.RUNNING, S.RETRYING, S.SUCCEEDED)
MINUTE = 60.0


async def _add(stage: Stage, bad: int, good: int) -> None:
    stage.world.faults.add(FaultKind.BUSY, "create", times=None, match="bad")
    links = [*(link("bad", n) for n in range(bad)), *(link("good", n) for n in range(good))]
    await add_links(stage.engine, links)


@in_virtual_time
async def test_a_link_refused_twice_steps_behind_the_others(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _add(stage, bad=1, good=16)
        await asyncio.sleep(100)
        assert len(stage.in_state(*SENT)) == 16
        assert [it.request.url for it in stage.world.tasks()] == [
            link("good", n).url for n in range(16)
        ]
        (refused,) = stage.in_state(S.QUEUED)
        status = stage.engine.status
        assert (status.hold, status.last_error) == (None, None)
        assert status.refused_links[refused.id] > EPOCH + asyncio.get_running_loop().time()
        assert refused.problem is not None
        assert refused.problem.message == "服务繁忙"


@in_virtual_time
async def test_it_is_tried_less_and_less_often_until_it_is_taken(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _add(stage, bad=1, good=3)
        await asyncio.sleep(6 * 3600)
        last = stage.wire.creates[-6:]
        assert all(15 * MINUTE <= b - a <= 61 * MINUTE for a, b in pairwise(last))
        assert stage.in_state(S.QUEUED)
        await add_links(stage.engine, [link("good", 9)])
        await asyncio.sleep(10)
        assert len(stage.in_state(*SENT)) == 4, "a new link need not wait for it"
        stage.world.faults.clear()
        await asyncio.sleep(3600)
        assert len(stage.in_state(*SENT)) == 5
        assert max(stage.world.stats.creates.values()) == 1


@in_virtual_time
async def test_f5_tries_it_at_once(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _add(stage, bad=1, good=3)
        await asyncio.sleep(100)
        stage.world.faults.clear()
        await stage.engine.poll_now()
        await asyncio.sleep(5)
        assert len(stage.in_state(*SENT)) == 4
        assert not stage.engine.status.refused_links


@in_virtual_time
async def test_all_links_have_their_turn_while_some_are_refused(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _add(stage, bad=3, good=5)
        await asyncio.sleep(30 * MINUTE)
        assert len(stage.in_state(*SENT)) == 5
        assert len(stage.engine.status.refused_links) == 3


@in_virtual_time
async def test_of_two_that_were_refused_both_are_tried(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        stage.world.faults.add(FaultKind.BUSY, "create", times=2)
        await _add(stage, bad=1, good=1)
        await asyncio.sleep(20 * MINUTE)
        assert len(stage.in_state(*SENT)) == 1


@in_virtual_time
async def test_while_nothing_is_taken_no_link_is_blamed(open_stage: OpenStage) -> None:
    async with open_stage() as stage:
        await _add(stage, bad=4, good=0)
        await asyncio.sleep(3600)
        assert not stage.engine.status.refused_links
        assert stage.engine.status.hold is not None
        assert len(stage.wire.creates) < 15


@in_virtual_time
async def test_a_link_alone_is_not_blamed_whatever_it_is_refused_for(open_stage: OpenStage) -> None:
    """A refusal that is about itself is no sign that others would be taken."""
    async with open_stage() as stage:
        faults = stage.world.faults
        faults.add(FaultKind.BUSY, "create", times=1)
        faults.add(FaultKind.REFUSE, "create", times=1, code=2, message="解析失败")
        faults.add(FaultKind.BUSY, "create", times=None)
        await add_links(stage.engine, [link("alone")])
        await asyncio.sleep(10 * MINUTE)
        assert len(stage.wire.creates) > 3
        assert not stage.engine.status.refused_links
