"""The account in use, and the account that a task belongs to: the one that sent it."""

import asyncio
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from pan123_tui.domain.errors import Pan123Error, RateLimited
from pan123_tui.domain.events import Account, Connection
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.ports import CloudApi, Session, wait_at_most
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker

ACCOUNT_INTERVAL_S = 900.0
ACCOUNT_RETRY_S = 5.0


def is_of_another_account(task: Task, account: Account | None) -> bool:
    """Return whether `task` was certainly sent with a different account from `account`."""
    return account is not None and task.account_uid not in (None, account.uid)


class Accounts:
    """Keeps the account in the status up to date, and knows which account sent a task.

    It knows that of each client, since an answer may come after the account has changed.
    """

    def __init__(
        self, repository: TaskRepository, session: Session, breaker: CircuitBreaker
    ) -> None:
        self.repository = repository
        self.session = session
        self.breaker = breaker
        self._uids: WeakKeyDictionary[CloudApi, int] = WeakKeyDictionary()
        self._sent_by_unknown: dict[int, CloudApi] = {}
        self.wake = asyncio.Event()
        """Has the account fetched without waiting for the next interval."""

    def uid_of(self, service: CloudApi) -> int | None:
        return self._uids.get(service)

    def note_sent(self, task_id: int, service: CloudApi) -> None:
        """Note that `service` has sent a task, whose account becomes known later."""
        if service not in self._uids:
            self._sent_by_unknown[task_id] = service

    def count_running(self) -> int:
        """Count the tasks that are sent or running with the account in use."""
        account = self.breaker.status.status.account
        unfinished = self.repository.tasks.unfinished.values()
        taken = (t for t in unfinished if t.is_active or t.state is TaskState.SUBMITTING)
        return sum(not is_of_another_account(t, account) for t in taken)

    async def _learn(self, account: Account, service: CloudApi) -> None:
        self._uids[service] = account.uid
        for task_id in [it for it, sender in self._sent_by_unknown.items() if sender is service]:
            task = self.repository.tasks.get(task_id)
            if task and task.sent_at is None:
                continue  # that it was sent is being saved
            self._sent_by_unknown.pop(task_id, None)  # another call may have learned it meanwhile
            if task and task.account_uid is None:
                await self.repository.commit(replace(task, account_uid=account.uid))

    async def fetch(self) -> Account:
        """Fetch the account in use and publish it; raises a `Pan123Error`."""
        service = self.session.service
        try:
            account = await service.user_info()
        except Pan123Error as error:
            is_in_use = service is self.session.service  # no other account has taken its place
            if is_in_use and not isinstance(error, RateLimited):
                self.breaker.record_failure(error)
            raise
        if service is self.session.service:
            self.breaker.record_success()
            self.breaker.status.update(account=account, connection=Connection.ONLINE)
        await self._learn(account, service)
        return account

    async def run(self) -> None:
        while True:
            self.wake.clear()
            try:
                await self.fetch()
                pause_s = ACCOUNT_INTERVAL_S
            except Pan123Error:
                pause_s = max(self.breaker.retry_after_s, ACCOUNT_RETRY_S)
            await wait_at_most(pause_s, self.wake)
