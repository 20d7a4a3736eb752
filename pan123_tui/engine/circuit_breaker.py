"""The circuit breaker: when to ask again after requests that did not get through."""

from pan123_tui.api.rate_limit import backoff_s
from pan123_tui.domain.errors import AccountMissing, NetworkError, Pan123Error, TokenRefused
from pan123_tui.domain.events import Connection
from pan123_tui.engine.board import Board
from pan123_tui.engine.surroundings import Surroundings

LONGEST_PAUSE_S = 30.0
LONGEST_ACCOUNT_PAUSE_S = 300.0


class CircuitBreaker:
    """Counts failures in a row and says when the next request may be tried."""

    def __init__(self, board: Board, surroundings: Surroundings) -> None:
        self._board = board
        self._around = surroundings
        self._failures = 0
        self._open_until = 0.0

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next request may be tried; 0: now."""
        return max(0.0, self._open_until - self._around.monotonic())

    def record_success(self) -> None:
        """Note an answer of the service."""
        if self._failures:
            self._board.mended()
        self.reset()
        self._board.worked()

    def record_failure(self, error: Pan123Error) -> None:
        """Note a request that failed for a reason that no task is to blame for."""
        longest_s, connection = LONGEST_PAUSE_S, None
        match error:
            case AccountMissing():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.NO_ACCOUNT
            case TokenRefused():
                longest_s, connection = LONGEST_ACCOUNT_PAUSE_S, Connection.REFUSED
            case NetworkError():
                connection = Connection.OFFLINE
        self._open(longest_s)
        self._board.failed(error.problem, connection)

    def reset(self) -> None:
        """Forget the pause: the user asked, or the account changed."""
        self._failures = 0
        self._open_until = 0.0

    def _open(self, longest_s: float) -> None:
        """Double the pause, once for all the requests that were on the wire together."""
        if self.retry_after_s == 0:
            pause_s = backoff_s(self._failures, self._around.random, longest_s=longest_s)
            self._open_until = self._around.monotonic() + pause_s
            self._failures += 1
