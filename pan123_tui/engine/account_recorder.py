"""Records the account in use whenever it is another one."""

import asyncio
from collections.abc import Callable

from pan123_tui.domain.events import Account, EngineEvent, StatusChanged


class AccountRecorder:
    """A background worker that calls `record` in a thread."""

    def __init__(self, record: Callable[[Account], object]) -> None:
        self._record = record
        self._account: Account | None = None
        self._changed = asyncio.Event()

    def on_event(self, event: EngineEvent, /) -> None:
        """Notice another account."""
        if not isinstance(event, StatusChanged) or (account := event.status.account) is None:
            return
        former, self._account = self._account, account
        if former is None or (former.uid, former.nickname) != (account.uid, account.nickname):
            self._changed.set()

    async def run(self, _tasks: object, /) -> None:
        """Record each account until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            assert self._account is not None  # noqa: S101 - it has changed
            await asyncio.to_thread(self._record, self._account)

    async def wait_idle(self) -> None:
        """Return at once: the name may be recorded later."""
