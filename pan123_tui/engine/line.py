"""The line to the service: how long to keep quiet after requests that did not get through."""

from pan123_tui.domain.errors import AccountMissing, NetworkError, Pan123Error, TokenRefused
from pan123_tui.domain.events import Connection
from pan123_tui.engine.board import Board
from pan123_tui.engine.surroundings import Surroundings

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0
LONGEST_ACCOUNT_PAUSE_S = 300.0


class Line:
    """Counts failures in a row and says when the next request may be tried; jittered, capped."""

    def __init__(self, board: Board, surroundings: Surroundings) -> None:
        self._board = board
        self._around = surroundings
        self._failures = 0
        self._quiet_until = 0.0

    @property
    def pause_s(self) -> float:
        """Seconds until the next request may be tried; 0: now."""
        return max(0.0, self._quiet_until - self._around.monotonic())

    def worked(self) -> None:
        """Note an answer of the service: the line is good."""
        if self._failures:
            self._board.mended()
        self.try_now()
        self._board.worked()

    def failed(self, error: Pan123Error) -> None:
        """Note a request that failed for a reason that no task is to blame for."""
        match error:
            case AccountMissing():
                self._keep_quiet(LONGEST_ACCOUNT_PAUSE_S)
                self._board.failed(error.problem, Connection.NO_ACCOUNT)
            case TokenRefused():
                self._keep_quiet(LONGEST_ACCOUNT_PAUSE_S)
                self._board.failed(error.problem, Connection.REFUSED)
            case NetworkError():
                self._keep_quiet(LONGEST_PAUSE_S)
                self._board.failed(error.problem, Connection.OFFLINE)
            case _:
                self._keep_quiet(LONGEST_PAUSE_S)
                self._board.failed(error.problem)

    def try_now(self) -> None:
        """Forget the pause: the line is good, the user asked, or the account changed."""
        self._failures = 0
        self._quiet_until = 0.0

    def _keep_quiet(self, longest_s: float) -> None:
        """Double the pause, once for all the requests that were on the wire together."""
        if self.pause_s > 0:
            return
        ceiling_s = min(longest_s, FIRST_PAUSE_S * 2 ** min(self._failures, 12))
        self._failures += 1
        pause_s = ceiling_s * (0.5 + self._around.random() / 2)
        self._quiet_until = self._around.monotonic() + pause_s
