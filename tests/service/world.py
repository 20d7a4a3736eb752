"""The service as a state machine without HTTP: accounts, tokens, tasks, folders, files."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from pan123_tui.simulator.drive import Drive, DriveEntry
from pan123_tui.simulator.messages import (
    FOLDER_MISSING,
    TASK_UNKNOWN,
    TOO_MANY_TASKS,
    CreateRequest,
    Refusal,
    bad_request,
)
from pan123_tui.simulator.world import Keyframe, Script, Snapshot, Status, Task
from tests.service.accounts import (
    ACCESS_TOKEN,
    CLIENT_ID,
    OTHER_ACCESS_TOKEN,
    OTHER_CLIENT_ID,
    Account,
    LoginRegistry,
    Rules,
    TokenRegistry,
    initial_accounts,
)
from tests.service.faults import Faults
from tests.service.scenarios import TINY_FILE, Arrival, Scenario, scenario_of


@dataclass(slots=True)
class Stats:
    """Counts of what the service received."""

    requests: Counter[str] = field(default_factory=Counter)
    """By endpoint."""
    creates: Counter[str] = field(default_factory=Counter)
    """By link: tasks that were created."""
    attempts: Counter[str] = field(default_factory=Counter)
    """By link: creates that passed all checks of the request, accepted or not."""


@dataclass(slots=True, kw_only=True)
class SimTask(Task):
    """A task; times are Unix seconds of the simulated clock."""

    client_id: str
    scenario: Scenario
    is_finished: bool = False
    """Its end was processed: the file is in the folder."""


FOLDER_ID = 10023
"""The folder 资料 that the first account starts with, from the specification's example."""


class World:
    """The state of the service; safe to use from any thread.

    `clock` returns Unix seconds; tasks run `speed` times as fast.
    """

    def __init__(
        self,
        rules: Rules | None = None,
        *,
        clock: Callable[[], float] = time.time,
        speed: float = 1.0,
    ) -> None:
        self.rules = rules or Rules()
        self.clock = clock
        """The real clock; used for tokens, as by the client."""
        self._began_at, self._speed = clock(), speed
        self.faults = Faults()
        self.stats = Stats()
        self.tokens = TokenRegistry(
            clock,
            initial_accounts(),
            {ACCESS_TOKEN: CLIENT_ID, OTHER_ACCESS_TOKEN: OTHER_CLIENT_ID},
        )
        self.logins = LoginRegistry(clock, self.tokens)
        self.logins.add()
        self.lock = threading.RLock()
        """Held by each call of the service, and by whoever else looks at its tasks."""
        self._file_ids = count(14_900_001)
        self._task_ids = count(394_756)
        self._tasks: dict[int, SimTask] = {}
        self._lost_folder: set[str] = set()
        """The links that have lost their folder, which happens once."""
        self._ends: list[tuple[float, int]] = []
        self._drives: dict[str, Drive] = {}
        folder = DriveEntry(id=FOLDER_ID, name="资料", parent_id=0, is_folder=True, at=clock())
        self.drive(CLIENT_ID).entries[FOLDER_ID] = folder

    def now(self) -> float:
        """Return the simulated time, Unix seconds; used for tasks."""
        return self._began_at + (self.clock() - self._began_at) * self._speed

    # The service's calls: each raises `Refusal` where the service refuses.

    def create(self, account: Account, request: CreateRequest) -> int:
        """Perform *create*: start a download and return its taskID."""
        scenario = scenario_of(request.url, default_s=self.rules.duration_s)
        if request.dir_id:
            drive = self.drive(account.client_id)
            if scenario.loses_folder and request.url not in self._lost_folder:
                self._lost_folder.add(request.url)
                drive.entry(request.dir_id).trashed = True
            drive.require_folder(request.dir_id, bad_request(FOLDER_MISSING))
        self.stats.attempts[request.url] += 1
        if scenario.refusal:
            raise Refusal(*scenario.refusal)
        of_account = (it for it in self._tasks.values() if it.client_id == account.client_id)
        running = sum(not task.is_finished for task in of_account)
        if self.rules.max_running is not None and running >= self.rules.max_running:
            raise Refusal(2, TOO_MANY_TASKS)
        return self.add_task(request, client_id=account.client_id).id

    def progress(self, account: Account, task_id: int) -> Snapshot:
        """Perform *process*: return a task's percentage and status."""
        task, now = self._tasks.get(task_id), self.now()
        if task is None or task.client_id != account.client_id:
            raise bad_request(TASK_UNKNOWN)
        age_s = now - task.created_at
        if age_s < task.scenario.unknown_for_s:
            raise bad_request(TASK_UNKNOWN)
        return task.script.snapshot_at(age_s)

    # For tests.

    def configure(self, **changes: Any) -> None:
        """Change some of the `Rules`."""
        self.rules = replace(self.rules, **changes)

    def drive(self, client_id: str = CLIENT_ID) -> Drive:
        """Return the folders and files of `client_id`."""
        if client_id not in self._drives:
            drive = Drive(lambda: next(self._file_ids), self.clock)
            self._drives[client_id] = drive
            drive.default_folder()
        return self._drives[client_id]

    def add_task(self, request: CreateRequest, *, client_id: str = CLIENT_ID) -> SimTask:
        """Add a task without any check."""
        with self.lock:
            scenario = scenario_of(request.url, default_s=self.rules.duration_s)
            task = SimTask(
                id=next(self._task_ids),
                client_id=client_id,
                request=request,
                scenario=scenario,
                script=scenario.script,
                size=scenario.size,
                created_at=self.now(),
            )
            self._tasks[task.id] = task
            self.stats.creates[request.url] += 1
            self._schedule_end(task)
            return task

    def finish(self, task_id: int) -> None:
        """End a task now, as a success."""
        with self.lock:
            task = self._tasks[task_id]
            at = self.now() - task.created_at
            task.script = Script((Keyframe(at, 100, Status.SUCCEEDED),))
            self._schedule_end(task)
            self.catch_up()

    def tasks(self) -> list[SimTask]:
        """Return all tasks, the oldest first."""
        with self.lock:
            self.catch_up()
            return list(self._tasks.values())

    def catch_up(self) -> None:
        """Process the tasks that ended since the last call, in the order of their ends."""
        now = self.now()
        while self._ends and self._ends[0][0] <= now:
            ended_at, task_id = heapq.heappop(self._ends)
            task = self._tasks[task_id]
            if not task.is_finished:
                task.is_finished = True
                if task.script.succeeds:
                    self._add_arrived_file(task, ended_at)

    def _schedule_end(self, task: SimTask) -> None:
        if task.script.ends_at is not None:
            heapq.heappush(self._ends, (task.created_at + task.script.ends_at, task.id))

    def _add_arrived_file(self, task: SimTask, ended_at: float) -> None:
        """Add the file of a succeeded task to its folder."""
        arrival, drive = task.scenario.arrival, self.drive(task.client_id)
        if arrival is Arrival.NOTHING:
            return
        name = task.request.saved_as + (".html" if arrival is Arrival.HTML else "")
        size = TINY_FILE if arrival in (Arrival.HTML, Arrival.TINY) else task.size
        folder = task.request.dir_id or drive.default_folder()
        at = min(ended_at, self.clock())
        file = drive.add_file(name, folder, size=size, at=at)
        file.status = 101 if arrival is Arrival.BLOCKED else 0  # above 100: by moderation
        task.file_id = file.id
