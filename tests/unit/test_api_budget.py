"""The budget: even pacing, pauses that grow, and waits that can be given up."""

import asyncio
from itertools import pairwise

import pytest

from pan123_tui.api.budget import Budget, Endpoint, Rates
from tests.api_stage import in_no_time


def now() -> float:
    """The loop's time in whole milliseconds."""
    return round(asyncio.get_running_loop().time(), 3)


async def turns(budget: Budget, endpoint: Endpoint, count: int) -> list[float]:
    """When each of `count` turns that are asked for at once is given."""

    async def one() -> float:
        await budget.turn(endpoint)
        return now()

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


def test_turns_come_one_by_one_without_a_burst() -> None:
    times = in_no_time(_turns_of_a_new_budget(Endpoint.PROCESS, 20))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap == pytest.approx(0.204) for gap in gaps)


async def _turns_of_a_new_budget(endpoint: Endpoint, count: int) -> list[float]:
    return await turns(Budget(Rates()), endpoint, count)


def test_a_slow_rate_spreads_turns_over_seconds() -> None:
    async def main() -> list[float]:
        return await turns(Budget(Rates(create_per_s=0.25)), Endpoint.CREATE, 3)

    assert in_no_time(main()) == pytest.approx([0, 4.08, 8.16])


def test_endpoints_do_not_wait_for_each_other() -> None:
    async def main() -> float:
        budget = Budget(Rates())
        for endpoint in Endpoint:
            await budget.turn(endpoint)
        return now()

    assert in_no_time(main()) == 0


@pytest.mark.parametrize(
    ("refusals", "pause_s"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)]
)
def test_pauses_double_up_to_a_minute(refusals: int, pause_s: float) -> None:
    async def main() -> float:
        budget = Budget(Rates(), random=lambda: 1.0)
        for _ in range(refusals):
            await budget.turn(Endpoint.CREATE)
            before = now()
            budget.limited(Endpoint.CREATE)
        await budget.turn(Endpoint.CREATE)
        return now() - before

    waited = in_no_time(main())
    assert waited == pytest.approx(max(pause_s, 1.02))


def test_a_pause_has_full_jitter_and_tells_when_it_ends() -> None:
    async def main() -> tuple[float | None, float | None]:
        budget = Budget(Rates(), clock=lambda: 5000.0 + now(), random=lambda: 0.25)
        budget.limited(Endpoint.PROCESS)
        during = budget.paused_until(Endpoint.PROCESS)
        await budget.turn(Endpoint.PROCESS)
        return during, budget.paused_until(Endpoint.PROCESS)

    during, after = in_no_time(main())
    assert during == pytest.approx(5000.25)
    assert after is None


def test_a_success_makes_the_next_pause_a_first_one_again() -> None:
    async def main() -> float | None:
        budget = Budget(Rates(), clock=now, random=lambda: 1.0)
        for _ in range(5):
            await budget.turn(Endpoint.CREATE)
            budget.limited(Endpoint.CREATE)
        await budget.turn(Endpoint.CREATE)
        budget.succeeded(Endpoint.CREATE)
        start = now()
        budget.limited(Endpoint.CREATE)
        until = budget.paused_until(Endpoint.CREATE)
        return until and until - start

    assert in_no_time(main()) == pytest.approx(1)


def test_refusals_of_requests_that_were_on_the_wire_together_count_once() -> None:
    async def main() -> float | None:
        budget = Budget(Rates(), clock=now, random=lambda: 1.0)
        for _ in range(5):
            budget.limited(Endpoint.PROCESS)
        return budget.paused_until(Endpoint.PROCESS)

    assert in_no_time(main()) == pytest.approx(1)


@pytest.mark.parametrize(("asked_s", "pause_s"), [(0, 1), (7, 7), (90, 90), (86_400, 600)])
def test_retry_after_makes_a_pause_longer_but_not_endless(asked_s: float, pause_s: float) -> None:
    async def main() -> float | None:
        budget = Budget(Rates(), clock=now, random=lambda: 1.0)
        budget.limited(Endpoint.LIST, retry_after_s=asked_s)
        return budget.paused_until(Endpoint.LIST)

    assert in_no_time(main()) == pytest.approx(pause_s)


def test_a_pause_also_holds_those_who_already_wait_in_line() -> None:
    async def main() -> list[float]:
        budget = Budget(Rates(), random=lambda: 1.0)
        waiting = asyncio.create_task(turns(budget, Endpoint.PROCESS, 3))
        await asyncio.sleep(0.1)
        budget.limited(Endpoint.PROCESS, retry_after_s=30)
        return await waiting

    first, second, third = in_no_time(main())
    assert first == 0
    assert second >= 30.1
    assert third - second >= 0.2


def test_a_wait_that_is_given_up_takes_no_turn_from_others() -> None:
    async def main() -> float:
        budget = Budget(Rates())
        await budget.turn(Endpoint.CREATE)
        given_up = [asyncio.create_task(budget.turn(Endpoint.CREATE)) for _ in range(10)]
        await asyncio.sleep(0.5)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        await budget.turn(Endpoint.CREATE)
        return now()

    assert in_no_time(main()) == pytest.approx(1.02)
