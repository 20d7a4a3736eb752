"""The account in use, and the account that a task belongs to: the one that sent it."""

import asyncio

from msgspec.structs import replace

from pan123_tui.domain.errors import Pan123Error, RateLimited
from pan123_tui.domain.events import Account, Connection
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.ports import Session, wait_at_most
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import CircuitBreaker

ACCOUNT_INTERVAL_S = 900.0
ACCOUNT_RETRY_S = 5.0


def is_of_another_account(task: Task, account: Account | None) -> bool:
    """Return whether `task` was certainly sent with a different account from `account`."""
    return account is not None and task.account_uid not in (None, account.uid)


class Accounts:
    """Keeps the account in the status up to date, and notes it in the tasks that it sends."""

    def __init__(
        self, repository: TaskRepository, session: Session, breaker: CircuitBreaker
    ) -> None:
        self.repository = repository
        self.session = session
        self.breaker = breaker
        self._sent_by_unknown: set[int] = set()
        self.wake = asyncio.Event()
        """Has the account fetched without waiting for the next interval."""

    @property
    def uid(self) -> int | None:
        """The account in use; None: not known yet."""
        account = self.breaker.status.status.account
        return account.uid if account else None

    def note_sent(self, task_id: int) -> None:
        """Note that a task was sent, whose account may become known later."""
        if self.uid is None:
            self._sent_by_unknown.add(task_id)

    def forget_sent(self) -> None:
        """Leave it unknown which account has sent them: the next one has not."""
        self._sent_by_unknown.clear()

    def count_running(self) -> int:
        """Count the tasks that are sent or running with the account in use."""
        account = self.breaker.status.status.account
        unfinished = self.repository.tasks.unfinished.values()
        taken = (t for t in unfinished if t.is_active or t.state is TaskState.SUBMITTING)
        return sum(not is_of_another_account(t, account) for t in taken)

    async def _learn(self, account: Account) -> None:
        for task_id in tuple(self._sent_by_unknown):
            task = self.repository.tasks.get(task_id)
            if task and task.sent_at is None:
                continue  # that it was sent is being saved
            self._sent_by_unknown.discard(task_id)  # another call may have learned it meanwhile
            if task and task.account_uid is None:
                await self.repository.commit(replace(task, account_uid=account.uid))

    async def fetch(self) -> Account:
        """Fetch the account in use and publish it; raises a `Pan123Error`."""
        try:
            account = await self.session.service.user_info()
        except RateLimited:
            raise
        except Pan123Error as error:
            self.breaker.record_failure(error)
            raise
        self.breaker.record_success()
        self.breaker.status.update(account=account, connection=Connection.ONLINE)
        await self._learn(account)
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
