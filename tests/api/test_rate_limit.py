"""The rate limiter: even pacing, growing pauses, and cancellable waits."""

import asyncio
from itertools import pairwise

import pytest

from pan123_tui.api.rate_limit import AimdThrottle, Endpoint, RateLimiter, Rates
from tests.api_stage import in_no_time


def now() -> float:
    """Return the loop's time in whole milliseconds."""
    return round(asyncio.get_running_loop().time(), 3)


async def acquire_times(limiter: RateLimiter, endpoint: Endpoint, count: int) -> list[float]:
    """Return when each of `count` simultaneous calls of `acquire` returns."""

    async def one() -> float:
        await limiter.acquire(endpoint)
        return now()

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


def test_requests_are_spaced_without_a_burst() -> None:
    times = in_no_time(_times_of_a_new_limiter(Endpoint.PROCESS, 20))
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert all(gap == pytest.approx(0.204) for gap in gaps)


async def _times_of_a_new_limiter(endpoint: Endpoint, count: int) -> list[float]:
    return await acquire_times(RateLimiter(Rates()), endpoint, count)


def test_a_slow_rate_spaces_requests_by_seconds() -> None:
    async def main() -> list[float]:
        return await acquire_times(RateLimiter(Rates(create_per_s=0.25)), Endpoint.CREATE, 3)

    assert in_no_time(main()) == pytest.approx([0, 4.08, 8.16])


def test_a_changed_rate_counts_at_once_also_for_who_waits_already() -> None:
    async def main() -> list[float]:
        limiter = RateLimiter(Rates(create_per_s=0.001))
        waiting = asyncio.create_task(acquire_times(limiter, Endpoint.CREATE, 3))
        await asyncio.sleep(10)
        limiter.use_rate(Endpoint.CREATE, 0.5)
        return await waiting

    assert in_no_time(main()) == pytest.approx([0, 12.04, 14.08])


def test_a_changed_rate_forgets_neither_a_pause_nor_what_refusals_have_taught() -> None:
    async def main() -> list[float]:
        limiter = RateLimiter(Rates(create_per_s=1))
        await limiter.acquire(Endpoint.CREATE)
        limiter.back_off(Endpoint.CREATE, retry_after_s=100)
        limiter.use_rate(Endpoint.CREATE, 2)
        assert limiter.paused_until(Endpoint.CREATE)
        times = await acquire_times(limiter, Endpoint.CREATE, 1)
        limiter.back_off(Endpoint.CREATE, retry_after_s=0)
        limiter.use_rate(Endpoint.CREATE, 1)
        return times + await acquire_times(limiter, Endpoint.CREATE, 2)

    first, second, third = in_no_time(main())
    assert first == pytest.approx(100)
    assert third - second > 1.2, "slower than the rate, as after any refusal"


def test_requests_that_waited_for_a_slow_answer_do_not_go_out_together() -> None:
    async def main() -> list[float]:
        limiter = RateLimiter(Rates())
        sent: list[float] = []

        async def ask(answer_s: float) -> None:
            await limiter.acquire(Endpoint.LIST)
            async with limiter.in_flight_slot(Endpoint.LIST):
                await limiter.keep_distance(Endpoint.LIST)
                sent.append(now())
                await asyncio.sleep(answer_s)

        await asyncio.gather(ask(3.0), ask(0.01), ask(0.01))
        return sent

    assert in_no_time(main()) == pytest.approx([0, 3, 3.204])


def test_endpoints_do_not_wait_for_each_other() -> None:
    async def main() -> float:
        limiter = RateLimiter(Rates())
        for endpoint in Endpoint:
            await limiter.acquire(endpoint)
        return now()

    assert in_no_time(main()) == 0


@pytest.mark.parametrize(
    ("refusals", "pause_s"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (50, 60)]
)
def test_pauses_double_up_to_a_minute(refusals: int, pause_s: float) -> None:
    async def main() -> float:
        limiter = RateLimiter(Rates(), random=lambda: 1.0)
        for _ in range(refusals):
            await limiter.acquire(Endpoint.CREATE)
            before = now()
            limiter.back_off(Endpoint.CREATE)
        await limiter.acquire(Endpoint.CREATE)
        return now() - before

    waited = in_no_time(main())
    assert waited == pytest.approx(max(pause_s, 1.02))


def test_a_pause_has_jitter_and_a_known_end() -> None:
    async def main() -> tuple[float | None, float | None]:
        limiter = RateLimiter(Rates(), clock=lambda: 5000.0 + now(), random=lambda: 0.25)
        limiter.back_off(Endpoint.PROCESS)
        during = limiter.paused_until(Endpoint.PROCESS)
        await limiter.acquire(Endpoint.PROCESS)
        return during, limiter.paused_until(Endpoint.PROCESS)

    during, after = in_no_time(main())
    assert during == pytest.approx(5000.625)
    assert after is None


def test_a_success_resets_the_pause() -> None:
    async def main() -> float | None:
        limiter = RateLimiter(Rates(), clock=now, random=lambda: 1.0)
        for _ in range(5):
            await limiter.acquire(Endpoint.CREATE)
            limiter.back_off(Endpoint.CREATE)
        await limiter.acquire(Endpoint.CREATE)
        limiter.record_success(Endpoint.CREATE)
        start = now()
        limiter.back_off(Endpoint.CREATE)
        until = limiter.paused_until(Endpoint.CREATE)
        return until and until - start

    assert in_no_time(main()) == pytest.approx(1)


def test_refusals_of_concurrent_requests_pause_once() -> None:
    async def main() -> float | None:
        limiter = RateLimiter(Rates(), clock=now, random=lambda: 1.0)
        for _ in range(5):
            limiter.back_off(Endpoint.PROCESS)
        return limiter.paused_until(Endpoint.PROCESS)

    assert in_no_time(main()) == pytest.approx(1)


@pytest.mark.parametrize(("asked_s", "pause_s"), [(0, 1), (7, 7), (90, 90), (86_400, 600)])
def test_retry_after_makes_a_pause_longer_but_not_endless(asked_s: float, pause_s: float) -> None:
    async def main() -> float | None:
        limiter = RateLimiter(Rates(), clock=now, random=lambda: 1.0)
        limiter.back_off(Endpoint.LIST, retry_after_s=asked_s)
        return limiter.paused_until(Endpoint.LIST)

    assert in_no_time(main()) == pytest.approx(pause_s)


def test_a_pause_also_delays_calls_that_already_wait() -> None:
    async def main() -> list[float]:
        limiter = RateLimiter(Rates(), random=lambda: 1.0)
        waiting = asyncio.create_task(acquire_times(limiter, Endpoint.PROCESS, 3))
        await asyncio.sleep(0.1)
        limiter.back_off(Endpoint.PROCESS, retry_after_s=30)
        return await waiting

    first, second, third = in_no_time(main())
    assert first == 0
    assert second >= 30.1
    assert third - second >= 0.2


def test_a_cancelled_wait_does_not_delay_others() -> None:
    async def main() -> float:
        limiter = RateLimiter(Rates())
        await limiter.acquire(Endpoint.CREATE)
        cancelled = [asyncio.create_task(limiter.acquire(Endpoint.CREATE)) for _ in range(10)]
        await asyncio.sleep(0.5)
        for task in cancelled:
            task.cancel()
        await asyncio.gather(*cancelled, return_exceptions=True)
        await limiter.acquire(Endpoint.CREATE)
        return now()

    assert in_no_time(main()) == pytest.approx(1.02)


def test_without_a_refusal_the_whole_rate_is_used() -> None:
    throttle = AimdThrottle()
    assert throttle.rate_factor(0.0) == throttle.rate_factor(1e6) == 1


def test_a_refusal_decreases_the_rate_for_half_a_minute() -> None:
    throttle = AimdThrottle()
    throttle.on_rate_limited(0.5)
    assert throttle.rate_factor(0.5) == pytest.approx(0.7)
    assert throttle.rate_factor(15.5) == pytest.approx(0.85)
    assert throttle.rate_factor(31.0) == 1


def test_refusals_within_a_burst_decrease_the_rate_once() -> None:
    throttle = AimdThrottle()
    for _ in range(3):
        throttle.on_rate_limited(100.0)
    assert throttle.rate_factor(100.0) == pytest.approx(0.7)


def test_many_refusals_decrease_the_rate_to_a_tenth_at_most() -> None:
    throttle = AimdThrottle()
    for attempt in range(50):
        throttle.on_rate_limited(100.0 + 3 * attempt)
    assert throttle.rate_factor(247.0) == pytest.approx(AimdThrottle.MIN_FACTOR, abs=0.01)
