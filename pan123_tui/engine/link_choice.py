"""Chooses the queued link that is sent next."""

from collections.abc import Sequence

from pan123_tui.domain.send_queue import send_key
from pan123_tui.domain.task import Task
from pan123_tui.engine.link_delays import LinkDelays
from pan123_tui.engine.ports import Runtime
from pan123_tui.engine.queue_hold import EqualRefusals, QueueHold
from pan123_tui.engine.repository import TaskRepository


class LinkChoice:
    """Chooses by the user's pause and order, and by what has to wait nevertheless."""

    def __init__(
        self,
        repository: TaskRepository,
        runtime: Runtime,
        delays: LinkDelays,
        hold: QueueHold,
        refusals: EqualRefusals,
    ) -> None:
        self._repository = repository
        self._runtime = runtime
        self._delays = delays
        self._hold = hold
        self._refusals = refusals

    def sendable(self, queued: Sequence[Task]) -> Sequence[Task]:
        """Return those of the `queued` links that the user lets be sent now."""
        return () if self._repository.is_paused else queued

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
