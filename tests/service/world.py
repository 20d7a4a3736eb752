"""The service as a state machine without HTTP: accounts, tokens, tasks, folders, files."""

import heapq
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from urllib.parse import urlencode

from pan123_tui.simulator.drive import BLOCKED, Drive, DriveEntry
from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.simulator.responses import (
    FOLDER_MISSING,
    TASK_UNKNOWN,
    TOO_MANY_TASKS,
    Refusal,
    bad_request,
)
from pan123_tui.simulator.scripts import Keyframe, Script, Snapshot, Status
from tests.service.accounts import (
    ACCESS_TOKEN,
    CLIENT_ID,
    OTHER_ACCESS_TOKEN,
    OTHER_CLIENT_ID,
    Account,
    LoginRegistry,
    RefreshToken,
    RequestLimiter,
    Rules,
    Token,
    TokenRegistry,
    initial_accounts,
)
from tests.service.faults import QUOTA_USED_UP, TOO_FREQUENT, Faults
from tests.service.scenarios import TINY_FILE, Arrival, Scenario, scenario_of
from tests.service.tasks import Callback, SimTask


class WorldClock:
    """A clock that starts at `real()` and runs `speed` times as fast."""

    def __init__(self, real: Callable[[], float], *, speed: float = 1.0) -> None:
        self.real = real
        """The real clock, Unix seconds; used for tokens and rates, as by the client."""
        self._real_anchor = real()
        self._world_anchor = self._real_anchor
        self.speed = speed

    def now(self) -> float:
        """Return the simulated time, Unix seconds; used for tasks."""
        return self._world_anchor + (self.real() - self._real_anchor) * self.speed

    def change(self, *, speed: float | None = None, advance: float = 0.0) -> None:
        """Change the speed, and move the simulated time forward by `advance` seconds."""
        self._world_anchor, self._real_anchor = self.now() + advance, self.real()
        self.speed = self.speed if speed is None else float(speed)


@dataclass(slots=True)
class Stats:
    """Counts of what the service received and sent."""

    requests: Counter[str] = field(default_factory=Counter)
    """By endpoint."""
    refused_429: Counter[str] = field(default_factory=Counter)
    """By endpoint: requests above the rate."""
    creates: Counter[str] = field(default_factory=Counter)
    """By link: tasks that were created."""
    attempts: Counter[str] = field(default_factory=Counter)
    """By link: creates that passed all checks of the request, accepted or not."""
    callbacks: Counter[str] = field(default_factory=Counter)
    """`sent`, `failed`, `withheld` (not a loopback address)."""
    landed: list[dict[str, Any]] = field(default_factory=list)
    """Requests that followed a redirect, with their headers."""


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
        self.clock = WorldClock(clock, speed=speed)
        self.faults = Faults()
        self.stats = Stats()
        self.tokens = TokenRegistry(
            clock,
            initial_accounts(),
            {ACCESS_TOKEN: CLIENT_ID, OTHER_ACCESS_TOKEN: OTHER_CLIENT_ID},
        )
        self.logins = LoginRegistry(clock, self.tokens)
        self.logins.add()
        self._lock = threading.RLock()
        self._limiter = RequestLimiter(clock)
        self._file_ids = count(14_900_001)
        self._task_ids = count(394_756)
        self._tasks: dict[int, SimTask] = {}
        self._running: set[int] = set()
        self._lost_folder: set[str] = set()
        """The links that have lost their folder, which happens once."""
        self._ends: list[tuple[float, int]] = []
        self._callbacks: list[tuple[float, int]] = []
        self._drives: dict[str, Drive] = {}
        self.drive(CLIENT_ID).add_folder("资料", folder_id=FOLDER_ID)

    # The service's calls: each raises `Refusal` where the service refuses.

    def issue_token(self, client_id: str, client_secret: str) -> Token:
        """Perform *access_token*: return a new token."""
        with self._lock:
            return self.tokens.issue(client_id, client_secret)

    def renew_login(self, refresh_token: str) -> RefreshToken:
        """Perform *oauth2/access_token*: return a new refresh token with its access token."""
        with self._lock:
            return self.logins.renew(refresh_token, life_s=self.rules.login_life_s)

    def check_rate(self, client_id: str, endpoint: str) -> None:
        """Count one request of `client_id`; raises 429 above the rate."""
        with self._lock:
            if self.rules.has_rates and not self._limiter.allows(client_id, endpoint):
                self.stats.refused_429[endpoint] += 1
                raise Refusal(429, TOO_FREQUENT)

    def create(self, account: Account, request: CreateRequest) -> int:
        """Perform *create*: start a download and return its taskID."""
        with self._lock:
            self._process_ends()
            scenario = scenario_of(request.url, default_s=self.rules.duration_s)
            if request.dir_id is not None:
                if scenario.loses_folder and request.url not in self._lost_folder:
                    self._lost_folder.add(request.url)
                    self.drive(account.client_id).move_to_trash(request.dir_id)
                self._require_target(account, request.dir_id)
            self.stats.attempts[request.url] += 1
            if scenario.refusal:
                raise Refusal(*scenario.refusal)
            limit = self.rules.max_running
            if limit is not None and self.running(account.client_id) >= limit:
                raise Refusal(2, TOO_MANY_TASKS)
            return self.add_task(request, scenario, client_id=account.client_id).id

    def _require_target(self, account: Account, folder_id: int) -> None:
        """Raise the refusal of a create whose folder is gone, which has words of its own."""
        try:
            self.drive(account.client_id).require_folder(folder_id)
        except Refusal:
            raise bad_request(FOLDER_MISSING) from None

    def progress(self, account: Account, task_id: int) -> Snapshot:
        """Perform *process*: return a task's percentage and status."""
        with self._lock:
            self._process_ends()
            task = self._tasks.get(task_id)
            now = self.clock.now()
            if task is None or task.client_id != account.client_id or task.is_forgotten(now):
                raise bad_request(TASK_UNKNOWN)
            if now - task.created_at < task.scenario.unknown_for_s:
                raise bad_request(TASK_UNKNOWN)
            return task.snapshot(now)

    def list_files(
        self, account: Account, parent_id: int, *, limit: int = 100, after: int = 0
    ) -> tuple[list[DriveEntry], int]:
        """Perform *file/list*: return a page and its `lastFileId`."""
        with self._lock:
            self._process_ends()
            return self.drive(account.client_id).page(parent_id, limit=limit, after=after)

    def file_detail(self, account: Account, file_id: int) -> DriveEntry:
        """Perform *file/detail*: return a file or folder."""
        with self._lock:
            self._process_ends()
            return self.drive(account.client_id).entry(file_id)

    def make_folder(self, account: Account, name: str, parent_id: int) -> int:
        """Perform *mkdir*: return the new folder's id."""
        with self._lock:
            return self.drive(account.client_id).make_folder(name, parent_id)

    def download_url(self, account: Account, file_id: int) -> str:
        """Perform *file/download_info*: return a link to a file that needs no token."""
        with self._lock:
            self._process_ends()
            file = self.drive(account.client_id).require_file(file_id)
            if not self.rules.has_traffic:
                raise Refusal(5113, QUOTA_USED_UP)
            query = urlencode({"auth_key": f"{file.id}-{account.uid}", "filename": file.name})
            return f"https://cdn.example.com/123-{file.id % 1000}/{file.id:032x}?{query}"

    # For tests.

    def configure(self, **changes: Any) -> None:
        """Change some of the `Rules`."""
        self.rules = replace(self.rules, **changes)

    def drive(self, client_id: str = CLIENT_ID) -> Drive:
        """Return the folders and files of `client_id`."""
        if client_id not in self._drives:
            drive = Drive(lambda: next(self._file_ids), self.clock.real)
            self._drives[client_id] = drive
            drive.default_folder()
        return self._drives[client_id]

    def add_task(
        self,
        request: CreateRequest,
        scenario: Scenario | None = None,
        *,
        client_id: str = CLIENT_ID,
        age_s: float = 0.0,
    ) -> SimTask:
        """Add a task that was created `age_s` ago, without any check."""
        with self._lock:
            now = self.clock.now()
            task = SimTask(
                id=next(self._task_ids),
                client_id=client_id,
                request=request,
                scenario=scenario or scenario_of(request.url, default_s=self.rules.duration_s),
                created_at=now - age_s,
            )
            self._tasks[task.id] = task
            self._running.add(task.id)
            self.stats.creates[request.url] += 1
            self._schedule_end(task)
            self._process_ends()
            return task

    def finish(self, task_id: int, *, reason: str = "") -> None:
        """End a task now: as a success, or as a failure with `reason`."""
        with self._lock:
            task = self._tasks[task_id]
            at = self.clock.now() - task.created_at
            end = Keyframe(at, 0, Status.FAILED) if reason else Keyframe(at, 100, Status.SUCCEEDED)
            task.scenario = replace(task.scenario, script=Script((end,)), fail_reason=reason)
            self._schedule_end(task)
            self._process_ends()

    def task(self, task_id: int) -> SimTask:
        """Return a task, also a forgotten one."""
        with self._lock:
            self._process_ends()
            return self._tasks[task_id]

    def tasks(self) -> list[SimTask]:
        """Return all tasks, the oldest first."""
        with self._lock:
            self._process_ends()
            return list(self._tasks.values())

    def running(self, client_id: str = CLIENT_ID) -> int:
        """Return how many tasks of `client_id` are running."""
        with self._lock:
            self._process_ends()
            return sum(self._tasks[task_id].client_id == client_id for task_id in self._running)

    def take_due_callbacks(self) -> list[Callback]:
        """Return the callbacks that are due, each once."""
        with self._lock:
            self._process_ends()
            due, now = [], self.clock.now()
            while self._callbacks and self._callbacks[0][0] <= now:
                _, task_id = heapq.heappop(self._callbacks)
                due.append(self._tasks[task_id].callback())
            return due

    def _schedule_end(self, task: SimTask) -> None:
        if task.stops_running_at is not None:
            heapq.heappush(self._ends, (task.stops_running_at, task.id))

    def _process_ends(self) -> None:
        """Process the tasks that ended since the last call, in the order of their ends."""
        now = self.clock.now()
        while self._ends and self._ends[0][0] <= now:
            _, task_id = heapq.heappop(self._ends)
            self._running.discard(task_id)
            task = self._tasks[task_id]
            if task.ends_at is not None and not task.is_finished and not task.is_forgotten(now):
                self._finish_task(task, task.ends_at)

    def _finish_task(self, task: SimTask, ended_at: float) -> None:
        task.is_finished = True
        if task.scenario.script.succeeds:
            self._add_arrived_file(task, ended_at)
        if task.request.callback_url:
            heapq.heappush(self._callbacks, (ended_at, task.id))

    def _add_arrived_file(self, task: SimTask, ended_at: float) -> None:
        """Add the file of a succeeded task to its folder."""
        arrival, drive = task.scenario.arrival, self.drive(task.client_id)
        if arrival is Arrival.NOTHING:
            return
        name = task.request.saved_as + (".html" if arrival is Arrival.HTML else "")
        is_tiny = arrival in (Arrival.HTML, Arrival.TINY)
        size = TINY_FILE if is_tiny else task.scenario.size
        folder = task.request.dir_id or drive.default_folder()
        at = min(ended_at, self.clock.real())
        file = drive.add_file(name, folder, size=size, at=at)
        file.status = BLOCKED if arrival is Arrival.BLOCKED else 0
        task.file_id = file.id
