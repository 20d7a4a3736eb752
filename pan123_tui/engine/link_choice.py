"""Chooses the queued link that is sent next."""

from collections.abc import Sequence

from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.missing_tasks import is_of_another_account
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.queue_hold import EqualRefusals, QueueHold
from pan123_tui.engine.repository import TaskRepository
from pan123_tui.engine.status import StatusPublisher


class LinkChoice:
    """Chooses by the user's pause, limit and order, and by what has to wait nevertheless."""

    max_running = 0
    """How many tasks may be sent or run at once; 0: as many as the service allows."""

    def __init__(
        self,
        repository: TaskRepository,
        status: StatusPublisher,
        runtime: Runtime,
        delays: LinkDelays,
        hold: QueueHold,
        refusals: EqualRefusals,
    ) -> None:
        self._repository = repository
        self._status = status
        self._runtime = runtime
        self._delays = delays
        self._hold = hold
        self._refusals = refusals

    def sendable(self, queued: Sequence[Task]) -> Sequence[Task]:
        """Return those of the `queued` links that the user lets be sent now."""
        return () if self._repository.is_paused or self.is_full else queued

    @property
    def is_full(self) -> bool:
        """Whether as many tasks are sent or run as the user allows, with the account in use."""
        if not self.max_running:
            return False
        account = self._status.status.account
        unfinished = self._repository.tasks.unfinished.values()
        taken = (t for t in unfinished if t.is_active or t.state is TaskState.SUBMITTING)
        return sum(not is_of_another_account(t, account) for t in taken) >= self.max_running

    def first(self, sendable: Sequence[Task]) -> tuple[Task | None, float | None]:
        """Return the first link to send, or the seconds until one may be tried again."""
        if not sendable:
            return None, None
        if not self._delays.has_any and not self._hold.is_active:  # quick for 10,000 links
            return min(sendable, key=send_key), None
        now = self._runtime.monotonic()
        soonest = min(sendable, key=lambda t: (max(now, self._delays.until(t)), *self._rank(t)))
        wait_s = self._delays.until(soonest) - now
        return (None, wait_s) if wait_s > 0 else (soonest, None)

    def _rank(self, task: Task) -> tuple[bool, tuple[int, int]]:
        """Return the place among those that may be sent: a link not yet refused tells more.

        One without a problem was edited or retried since its refusal, and has its own place.
        """
        was_refused = task.id in self._hold.tried or task.id in self._refusals.ids
        is_later = self._hold.is_active and was_refused and task.problem is not None
        return is_later, send_key(task)
