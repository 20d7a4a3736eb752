"""How long nothing is asked after requests that did not get through."""

import pytest

from pan123_tui.domain.errors import NetworkError, RequestNotSent, ResponseLost
from pan123_tui.domain.events import Connection, Status
from pan123_tui.domain.rates import FIRST_PAUSE_S
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


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def status(clock: Clock) -> StatusPublisher:
    return StatusPublisher(EventPublisher(), clock=clock, status=Status())


@pytest.fixture
def breaker(clock: Clock, status: StatusPublisher) -> CircuitBreaker:
    return CircuitBreaker(status, Runtime(clock=clock, monotonic=clock, random=lambda: 1.0))


def test_pauses_begin_with_the_first_one_double_and_end_with_an_answer(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    pauses = []
    for _ in range(8):
        breaker.record_failure(RequestNotSent("the line is cut"))
        pauses.append(breaker.retry_after_s)
        clock.now += breaker.retry_after_s
    assert pauses[:3] == pytest.approx([FIRST_PAUSE_S, 2 * FIRST_PAUSE_S, 4 * FIRST_PAUSE_S])
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE_S)
    breaker.record_success()
    for _ in range(3):  # requests that fail together
        breaker.record_failure(RequestNotSent("the line is cut"))
    assert breaker.retry_after_s == pytest.approx(FIRST_PAUSE_S)


def test_an_error_ends_with_the_first_success_also_after_a_retry_by_hand(
    breaker: CircuitBreaker, status: StatusPublisher
) -> None:
    breaker.record_failure(RequestNotSent("the line is cut"))
    breaker.reset()
    assert status.status.last_error is not None
    breaker.record_success()
    assert status.status.last_error is None


def test_one_lost_answer_is_not_offline_where_the_service_has_just_answered(
    breaker: CircuitBreaker, status: StatusPublisher
) -> None:

    def connection_after(error: NetworkError) -> Connection:
        breaker.record_failure(error)
        return status.status.connection

    assert connection_after(ResponseLost()) is Connection.OFFLINE, "it never answered"
    breaker.record_success()
    assert connection_after(ResponseLost()) is Connection.ONLINE
    assert status.status.last_error is not None
    breaker.reset()
    assert connection_after(ResponseLost()) is Connection.OFFLINE, "the second in a row"
    breaker.record_success()
    assert connection_after(RequestNotSent()) is Connection.OFFLINE
