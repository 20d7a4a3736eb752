"""The register: which task a secret belongs to, looked up in a time that tells nothing of it."""

from hashlib import sha256

from pan123_tui.domain.ended_tasks import TaskHeader
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.task import Task


class Register:
    """Keeps digests only: how far a guess agrees with a secret shows in no comparison."""

    def __init__(self) -> None:
        self._tasks: dict[bytes, int] = {}
        self._digests: dict[int, bytes] = {}

    def hear(self, event: EngineEvent, /) -> None:
        """Follow the tasks; the secret of a removed or newly submitted one is void."""
        match event:
            case TasksLoaded(tasks):
                for header in tasks.headers():
                    self._keep(header)
            case TasksChanged(tasks, removed):
                for task_id in removed:
                    self._forget(task_id)
                for task in tasks:
                    self._keep(task)

    def find(self, secret: str) -> int | None:
        """Give the id of the task that `secret` belongs to."""
        return self._tasks.get(_digest(secret))

    def _keep(self, task: Task | TaskHeader) -> None:
        digest = _digest(task.callback_secret) if task.callback_secret else None
        if digest != self._digests.get(task.id):
            self._forget(task.id)
            if digest is not None:
                self._tasks[digest] = task.id
                self._digests[task.id] = digest

    def _forget(self, task_id: int) -> None:
        digest = self._digests.pop(task_id, None)
        if digest is not None:
            self._tasks.pop(digest, None)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
