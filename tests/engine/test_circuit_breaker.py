"""How long nothing is asked after requests that did not get through."""

from unittest.mock import Mock

import pytest

from pan123_tui.domain.errors import NetworkError, RequestNotSent, ResponseLost
from pan123_tui.domain.events import Connection
from pan123_tui.engine.gate import UNCLEAR_AGAIN, Gate
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.status import CircuitBreaker, EventPublisher

CUT = RequestNotSent("the line is cut")


class Line(CircuitBreaker):
    """A breaker whose clock stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0
        runtime = Runtime(clock=lambda: self.now, monotonic=lambda: self.now, random=lambda: 1.0)
        status = EventPublisher(clock=runtime.clock)
        super().__init__(status, runtime)

    def has_error(self) -> bool:
        return self.status.status.last_error is not None

    def connection_after(self, error: NetworkError) -> Connection:
        self.record_failure(error)
        return self.status.status.connection


def test_pauses_begin_with_a_second_double_up_to_half_a_minute_and_end_with_an_answer() -> None:
    line, pauses = Line(), []
    for _ in range(8):
        line.record_failure(CUT)
        pauses.append(line.retry_after_s)
        line.now += line.retry_after_s
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 30, 30, 30])
    line.record_success()
    for _ in range(3):  # requests that fail together
        line.record_failure(CUT)
    assert line.retry_after_s == pytest.approx(1)


def test_one_lost_answer_is_not_offline_where_the_service_has_just_answered() -> None:
    line = Line()
    assert line.connection_after(ResponseLost()) is Connection.OFFLINE, "it never answered"
    line.record_success()
    assert not line.has_error()
    assert line.connection_after(ResponseLost()) is Connection.ONLINE
    assert line.has_error()
    line.reset()
    assert line.connection_after(ResponseLost()) is Connection.OFFLINE, "the second in a row"
    line.reset()
    line.record_success()
    assert not line.has_error(), "also after a retry by hand"
    assert line.connection_after(CUT) is Connection.OFFLINE


def test_the_pause_after_creates_without_an_answer_has_an_end_after_thousands_of_them() -> None:
    line = Line()
    session = Mock()
    session.service.pause_s.return_value = 0.0
    gate = Gate(Mock(breaker=line, session=session, repository=Mock(is_paused=False)))
    for _ in range(2000):
        gate.hold(UNCLEAR_AGAIN, ResponseLost().problem)
    assert gate.next([Mock()]) == (None, UNCLEAR_AGAIN.longest_s)
