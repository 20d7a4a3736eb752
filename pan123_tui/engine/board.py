"""The status board: the one `Status` value, announced whenever it becomes another one."""

import logging
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Account, Connection, EngineEvent, Status, StatusChanged

_log = logging.getLogger(__name__)
_LOGGED = ("connection", "hold", "store_problem", "notice")


class Board:
    """Keeps the current `Status`; each method is one fact that became known."""

    def __init__(
        self,
        listen: Callable[[EngineEvent], None],
        *,
        clock: Callable[[], float],
        status: Status | None = None,
    ) -> None:
        self._listen = listen
        self._clock = clock
        self.status = status or Status()

    def show(self, **changes: Any) -> None:
        """Put `changes` on the board and announce them, if they are any."""
        status = replace(self.status, **changes)
        if status != self.status:
            for fact in _LOGGED:
                if (value := getattr(status, fact)) != getattr(self.status, fact):
                    _log.info("%s: %s", fact, value)
            self.status = status
            self._listen(StatusChanged(status))

    def worked(self) -> None:
        """Note that the service answered as it should."""
        self.show(connection=Connection.ONLINE)

    def failed(self, problem: Problem, connection: Connection | None = None) -> None:
        """Note what went wrong last, and what it says about the line."""
        self.show(
            last_error=problem,
            last_error_at=self._clock(),
            connection=connection or self.status.connection,
        )

    def mended(self) -> None:
        """Note that what failed last works again."""
        self.show(last_error=None, last_error_at=None)

    def knows(self, account: Account) -> None:
        """Note whose account it is."""
        self.show(account=account, connection=Connection.ONLINE)
