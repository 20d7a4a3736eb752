"""Whose a task is: the account that sent it, and the one task that a taskID belongs to."""

from weakref import WeakKeyDictionary

from msgspec.structs import replace

from pan123_tui.domain.errors import TaskIdTaken
from pan123_tui.domain.events import Account
from pan123_tui.domain.task import Task
from pan123_tui.engine.ports import CloudApi
from pan123_tui.engine.repository import TaskRepository


def is_of_another_account(task: Task, account: Account | None) -> bool:
    """Return whether `task` was surely sent with another account than `account`."""
    return account is not None and task.account_uid not in (None, account.uid)


class TaskOwners:
    """Knows the account of each client: an answer may come after the account has changed."""

    def __init__(self, repository: TaskRepository) -> None:
        self._repository = repository
        self._uids: WeakKeyDictionary[CloudApi, int] = WeakKeyDictionary()
        self._sent_by_unknown: dict[int, CloudApi] = {}

    def uid_of(self, service: CloudApi) -> int | None:
        """Return the account that `service` uses, if it is known."""
        return self._uids.get(service)

    async def learn(self, account: Account, service: CloudApi) -> None:
        """Note who owns the tasks that `service` sends, or sent before its account was known."""
        self._uids[service] = account.uid
        for task_id, sender in tuple(self._sent_by_unknown.items()):
            del self._sent_by_unknown[task_id]
            task = self._repository.get(task_id)
            if sender is service and task and task.account_uid is None and task.sent_at is not None:
                await self._repository.commit(replace(task, account_uid=account.uid))

    def claim(self, intent: Task, task_id: int, service: CloudApi) -> None:
        """Take the service's new `task_id` for `intent`; raises `TaskIdTaken` if another has it."""
        uid = self.uid_of(service)
        for task in self._repository.tasks.find_task_id(task_id):
            if task.id != intent.id and (uid is None or task.account_uid in (None, uid)):
                raise TaskIdTaken(f"taskID {task_id}")
        if uid is None:
            self._sent_by_unknown[intent.id] = service
