"""How long nothing is asked after requests that did not get through."""

import pytest

from pan123_tui.api.rate_limit import FIRST_PAUSE_S
from pan123_tui.domain.errors import RequestNotSent
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.status import (
    LONGEST_PAUSE_S,
    CircuitBreaker,
    EventPublisher,
    StatusPublisher,
)


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pauses_begin_with_the_first_one_double_and_end_with_an_answer() -> None:
    clock = Clock()
    status = StatusPublisher(EventPublisher(), clock=clock)
    breaker = CircuitBreaker(status, Runtime(clock=clock, monotonic=clock, random=lambda: 1.0))
    pauses = []
    for _ in range(8):
        breaker.record_failure(RequestNotSent("the line is cut"))
        pauses.append(breaker.retry_after_s)
        clock.now += breaker.retry_after_s
    assert pauses[:3] == pytest.approx([FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S])
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE_S)
    breaker.record_success()
    breaker.record_failure(RequestNotSent("the line is cut"))
    assert breaker.retry_after_s == pytest.approx(FIRST_PAUSE_S)


def test_an_error_ends_with_the_first_success_also_after_a_retry_by_hand() -> None:
    clock = Clock()
    status = StatusPublisher(EventPublisher(), clock=clock)
    breaker = CircuitBreaker(status, Runtime(clock=clock, monotonic=clock, random=lambda: 1.0))
    breaker.record_failure(RequestNotSent("the line is cut"))
    breaker.reset()
    assert status.status.last_error is not None
    breaker.record_success()
    assert status.status.last_error is None
