"""The rates: even pacing, growing pauses, and cancellable waits."""

import asyncio
from itertools import pairwise

import pytest

from pan123_tui.api.rate_limit import AimdThrottle, Pacer, pacers_of
from pan123_tui.domain.service_facts import USUAL_RATES, Endpoint
from tests.api_stage import in_no_time


def now() -> float:
    """Return the loop's time in whole milliseconds."""
    return round(asyncio.get_running_loop().time(), 3)


def pacer(rate_per_s: float = 1.0, *, jitter: float = 1.0) -> Pacer:
    return Pacer(rate_per_s, asyncio.Semaphore(1), random=lambda: jitter)


async def acquire_times(pacer: Pacer, count: int) -> list[float]:
    """Return when each of `count` simultaneous calls of `acquire` returns."""

    async def one() -> float:
        await pacer.acquire()
        return now()

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


@pytest.mark.parametrize(("rate_per_s", "interval_s"), [(5.0, 0.204), (0.25, 4.08)])
def test_requests_are_spaced_without_a_burst(rate_per_s: float, interval_s: float) -> None:
    async def main() -> list[float]:
        return await acquire_times(pacer(rate_per_s), 20)

    times = in_no_time(main())
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == 0
    assert all(gap == pytest.approx(interval_s) for gap in gaps)


def test_endpoints_do_not_wait_for_each_other_and_have_their_own_rates() -> None:
    async def main() -> dict[str, float]:
        pacers = pacers_of({Endpoint.CREATE: 0.5})
        for each in pacers.values():
            await each.acquire()
        assert now() == 0
        return {endpoint: round(1.02 / pacer.wait_s, 3) for endpoint, pacer in pacers.items()}

    usual = dict.fromkeys(Endpoint, 5.0)
    assert in_no_time(main()) == usual | {Endpoint.TOKEN: 1.0, Endpoint.CREATE: 0.5}
    assert USUAL_RATES[Endpoint.CREATE] == 1.0


@pytest.mark.parametrize(
    ("refusals", "jitter", "pause_s"),
    [(1, 1, 1), (2, 1, 2), (3, 1, 4), (6, 1, 32), (7, 1, 60), (50, 1, 60), (3, 0.5, 3), (7, 0, 30)],
)
def test_pauses_double_up_to_a_minute(refusals: int, jitter: float, pause_s: float) -> None:
    async def main() -> float:
        refused = pacer(jitter=jitter)
        for _ in range(refusals):
            await refused.acquire()
            before = now()
            refused.back_off()
        await refused.acquire()
        return now() - before

    assert in_no_time(main()) == pytest.approx(max(pause_s, 1.02))


@pytest.mark.parametrize(
    ("asked_s", "pause_s"),
    [
        ((None, None), 1),
        ((0, 0), 1),
        ((7, 7), 7),
        ((90, 90), 90),
        ((86_400, 86_400), 600),
        ((None, 7), 7),  # the answers need not ask for the same
        ((7, 90, 7, None), 90),
    ],
)
def test_refusals_of_concurrent_requests_pause_once_as_long_as_asked_but_not_endless(
    asked_s: tuple[float | None, ...], pause_s: float
) -> None:
    async def main() -> list[float]:
        refused = pacer()
        for seconds in asked_s:
            refused.back_off(seconds)
        pauses = [refused.pause_s]
        await refused.acquire()
        refused.back_off()
        return [*pauses, refused.pause_s]

    assert in_no_time(main()) == pytest.approx([pause_s, 2])


def test_a_pause_also_delays_calls_that_already_wait() -> None:
    async def main() -> list[float]:
        refused = pacer(5)
        waiting = asyncio.create_task(acquire_times(refused, 3))
        await asyncio.sleep(0.1)
        refused.back_off(30)
        return await waiting

    first, second, third = in_no_time(main())
    assert first == 0
    assert second >= 30.1
    assert third - second >= 0.2


def test_a_cancelled_wait_does_not_delay_others() -> None:
    async def main() -> float:
        busy = pacer()
        await busy.acquire()
        cancelled = [asyncio.create_task(busy.acquire()) for _ in range(10)]
        await asyncio.sleep(0.5)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)
        await busy.acquire()
        return now()

    assert in_no_time(main()) == pytest.approx(1.02)


@pytest.mark.parametrize(
    ("refused_at", "asked_at", "factor"),
    [
        ([], 1e6, 1.0),
        ([0.5], 0.5, 0.7),
        ([0.5], 15.5, 0.85),
        ([0.5], 31.0, 1.0),
        ([100.0] * 3, 100.0, 0.7),
        ([100.0 + 3 * attempt for attempt in range(50)], 247.0, AimdThrottle.MIN_FACTOR),
    ],
    ids=["none", "one", "later", "long ago", "a burst", "many"],
)
def test_refusals_decrease_the_rate_for_a_while(
    refused_at: list[float], asked_at: float, factor: float
) -> None:
    throttle = AimdThrottle()
    for at in refused_at:
        throttle.on_rate_limited(at)
    assert throttle.rate_factor(asked_at) == pytest.approx(factor, abs=0.01)
