"""Delays of single links and of folders, while the rest of the queue goes on."""

from msgspec import Struct

from pan123_tui.domain.rates import backoff_s
from pan123_tui.domain.task import Task
from pan123_tui.engine.ports import Runtime

NOT_PARSED_PAUSE_S = (20.0, 60.0)
"""Waits before the second and the third try of a link that the service could not parse."""
MAX_REFUSALS = 2
"""A link that has been refused this often in a row, although others were taken, is delayed."""
FIRST_REFUSED_PAUSE_S = 120.0
LONGEST_REFUSED_PAUSE_S = 3600.0
FIRST_FOLDER_PAUSE_S = 30.0
LONGEST_FOLDER_PAUSE_S = 600.0


class _Delay(Struct):
    """When to try again, and the failures so far."""

    until: float = 0.0
    failures: int = 0
    refusals: int = 0
    """Those in a row that may be due to the link, since others were taken in between."""


class LinkDelays:
    """Knows which queued links have to wait although the queue is not held."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._by_link: dict[tuple[int, str], _Delay] = {}
        """By id and link: an edited link counts as another, with tries of its own."""
        self._by_folder: dict[tuple[int | None, str], _Delay] = {}
        """By a folder's id and the name of the folder to be made inside it, if any."""

    @property
    def has_any(self) -> bool:
        """Whether anything is delayed that has not been sent yet."""
        return bool(self._by_link or self._by_folder)

    def until(self, task: Task) -> float:
        """Return when `task` may be sent, by the monotonic clock; 0 if nothing delays it.

        A task without a problem was edited since its refusal, so its link causes no delay.
        """
        folders = {(task.folder_id, ""), (task.folder_id, task.subfolder)}
        own = self._by_link.get((task.id, task.url)) if task.problem is not None else None
        delays = own, *map(self._by_folder.get, folders)
        return max((delay.until for delay in delays if delay), default=0.0)

    def delay_not_parsed(self, task: Task) -> bool:
        """Delay a link that could not be parsed; return False if it has had all its tries."""
        delay = self._by_link.setdefault((task.id, task.url), _Delay())
        if delay.failures >= len(NOT_PARSED_PAUSE_S):
            del self._by_link[task.id, task.url]
            return False
        delay.until = self._runtime.monotonic() + NOT_PARSED_PAUSE_S[delay.failures]
        delay.failures += 1
        return True

    def delay_refused(self, task: Task, *, is_first: bool) -> float | None:
        """Delay a link that is refused again and again although others are taken.

        `is_first`: another link has been taken since its last refusal, if any. Returns the delay in
        seconds, which is longer each time.
        """
        delay = self._by_link.setdefault((task.id, task.url), _Delay())
        if is_first or delay.refusals >= MAX_REFUSALS:
            delay.refusals += 1
        if delay.refusals < MAX_REFUSALS:
            return None
        pause_s = backoff_s(
            delay.refusals - MAX_REFUSALS,
            self._runtime.random,
            first_s=FIRST_REFUSED_PAUSE_S,
            longest_s=LONGEST_REFUSED_PAUSE_S,
        )
        delay.until = self._runtime.monotonic() + pause_s
        return pause_s

    def refusals(self, task: Task) -> int:
        """Return how often `task` was refused in a row although others were taken."""
        delay = self._by_link.get((task.id, task.url))
        return delay.refusals if delay else 0

    def sends_encoded(self, task: Task) -> bool:
        """Return whether the next try of a link uses its percent-encoded form."""
        delay = self._by_link.get((task.id, task.url))
        return delay is not None and delay.failures == 1

    def delay_folder(self, folder_id: int | None, subfolder: str = "") -> None:
        """Delay all links for a folder that is missing or not made yet, longer each time."""
        delay = self._by_folder.setdefault((folder_id, subfolder), _Delay())
        pause_s = backoff_s(
            delay.failures,
            self._runtime.random,
            first_s=FIRST_FOLDER_PAUSE_S,
            longest_s=LONGEST_FOLDER_PAUSE_S,
        )
        delay.until = self._runtime.monotonic() + pause_s
        delay.failures += 1

    def forget(self, task: Task) -> None:
        """Forget the delays of a task that was sent, and of its folder, which exists."""
        self._by_link.pop((task.id, task.url), None)
        self.forget_folder(task.folder_id)

    def forget_folder(self, folder_id: int | None, subfolder: str = "") -> None:
        """Forget that a folder is missing or not made yet."""
        self._by_folder.pop((folder_id, subfolder), None)

    def end_all(self) -> None:
        """Let every link be tried now; tries of links that could not be parsed still count."""
        for delay in (*self._by_link.values(), *self._by_folder.values()):
            delay.until = 0.0
