"""One run: the real engine, store and client in a simulated world, life after life."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import msgspec
from tinydb import TinyDB

from pan123_tui.domain.commands import AddTasks, SendNext
from pan123_tui.domain.errors import Pan123Error, StoreLost, StoreUnwritable
from pan123_tui.domain.task import DownloadRequest, Task, TaskState
from pan123_tui.engine.gate import UNCLEAR_AGAIN
from pan123_tui.store import task_files
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import LOCK_NAME, FolderLock
from tests.engine_stage import add_links, edit_task, execute, retry_tasks
from tests.simulation import hold
from tests.simulation.disk import Damage, Disk
from tests.simulation.life import BROWSERS_SECRET, Life, Machine
from tests.simulation.scenario import ASKS, KILLS, Action, Do, Scenario
from tests.simulation.service import (
    EPOCH,
    Callback,
    FakeService,
    Fate,
    Fault,
    Post,
    ServiceTask,
    body_of,
    post,
)
from tests.simulation.truth import AT_REST, Truth, number_of
from tests.simulation.virtual_loop import Killed, VirtualLoop

MOST_REQUESTS, MOST_STEPS = 80, 4_000
"""Limits after which waits are shortened: the days of an outage are all alike."""
HURRIED_S = 5.0
LONGEST_WAIT_FOR_A_KILL_S = 60.0
LIVENESS_S = 4000.0 + UNCLEAR_AGAIN.longest_s
"""Time after the last fault in which everything ends: the longest pauses and the longest task."""
LONGEST_END_S = 10.0
"""Time after the last fault in which the service ends a task."""
LONGEST_STOP_S = 30.0
LONGEST_WRITE_S = 10.0
SLICE_S, LONG_SLICE_S = 20.0, 600.0
"""How long the program runs before it is judged: for a month less often."""
ANSWER_S = 1.0
"""How long an answer takes to a screen, in which a kill loses it."""


class SimulationFailed(AssertionError):
    """A run has broken a promise; the message is all that is needed to replay it."""


@dataclass(slots=True)
class Outcome:
    """What a run was made of."""

    counts: Counter[str] = field(default_factory=Counter)
    checks: Counter[str] = field(default_factory=Counter)
    ends: Counter[TaskState] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
    """What happened, to compare one run with its replay."""
    failures: list[str] = field(default_factory=list)
    """The words of the runs that have broken a promise."""

    def add(self, other: "Outcome") -> None:
        """Take in the counts of another run."""
        self.failures += other.failures
        self.counts.update(other.counts)
        self.checks.update(other.checks)
        self.ends.update(other.ends)


def play(scenario: Scenario, folder: Path) -> Outcome:
    """Play `scenario` in `folder`, which is emptied; raises `SimulationFailed`."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    # Ended tasks move to the archive after a few instead of some hundred.
    archive_at = task_files.ARCHIVE_AT if scenario.is_ordinary else 1 + scenario.seed % 4
    with patch.object(task_files, "ARCHIVE_AT", archive_at):
        return Simulation(scenario, folder).play()


class Simulation:
    """Plays one scenario."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self._scenario = scenario
        self._random = Random(scenario.seed)
        self._data = folder / "data"
        self._lock_folder = folder / "lock"
        """Apart from the data, whose every system call draws from the seed."""
        self._disk = Disk(self._data, self._random)
        self._truth = Truth(
            retry_times=scenario.retry_times,
            max_running=0 if scenario.switches_account else scenario.max_running,
        )
        self._outcome = Outcome(checks=self._truth.checks)
        self._now = 0.0
        self._wall_skew = 0.0
        self._steps_after_post: int | None = None
        """How long after the next create the process dies; None: it lives on."""
        self._links = 0
        self._steps = 0
        self._callbacks: list[tuple[float, ServiceTask, Callback]] = []
        self._asked: list[AddTasks] = []
        """What a user has asked for without an answer, and does again in the next life."""
        self._service = FakeService(
            self._random,
            now=self._time,
            on_post=self._on_post,
            on_asked=lambda endpoint, wire: self._truth.asked(endpoint, wire, self._time()),
            on_made=self._on_made,
            on_token=self._truth.token_made,
            shuns_some=not scenario.is_ordinary,
        )
        token_file = folder / "token" / "token.json"
        self._machine = Machine(
            scenario, self._service, self._truth, token_file, self._wall, self._random
        )
        self._life: Life | None = None

    def play(self) -> Outcome:
        """Play the scenario to its end."""
        with self._disk.watched():
            try:
                self._start()
                for action in self._scenario.actions:
                    self._carry_out(action)
                self._end()
            finally:
                self._bury()
        self._outcome.counts["requests"] = self._service.requests
        self._outcome.counts["seconds"] = round(self._now)
        return self._outcome

    @property
    def _alive(self) -> Life:
        assert self._life is not None
        return self._life

    def _time(self) -> float:
        return self._life.loop.time() if self._life else self._now

    def _wall(self) -> float:
        return round(EPOCH + self._time() + self._wall_skew, 3)

    # The lives

    def _start(self) -> None:
        """Start the program with what the disk holds."""
        self._disk.restart()
        loop = VirtualLoop(self._now, delay=self._disk_delay)
        self._disk.on_kill = loop.die
        lock = FolderLock(self._lock_folder).acquire() if self._scenario.loses_lock else None
        store = TaskStore(self._data, lock=lock)
        self._truth.restarted(store.tasks, store.notice, is_paused=store.is_paused)
        self._life = self._machine.start(store, loop, lock)
        for due_at, task, callback in self._callbacks:
            if due_at > self._now:
                loop.call_at(due_at, self._deliver, task, callback)
        for command in self._asked:
            self._life.commands.append(loop.create_task(self._ask(self._life, command)))
        self._outcome.counts["lives"] += 1
        self._judge()

    def _disk_delay(self) -> float:
        return self._random.expovariate(200.0) if self._random.random() < 0.97 else 2.0

    def _run(self, seconds: float) -> None:
        """Run the program for `seconds`; raises `Killed`."""
        loop = self._alive.loop
        before = loop.steps
        try:
            loop.run_until(loop.time() + seconds, lambda: bool(self._truth.violations))
        finally:
            self._now = loop.time()
            self._steps += loop.steps - before
            self._judge()

    def _bury(self) -> None:
        """End the process, whatever it is doing."""
        if self._life is not None:
            self._now = self._life.loop.time()
            self._life.screen.is_attached = False
            self._disk.die()
            self._life.loop.discard()
            if self._life.lock is not None:
                self._life.lock.release()
            self._life, self._truth.is_leaving = None, False

    def _kill(self, action: Action) -> None:
        """Kill the process in the middle of something, and start the next."""
        loop = self._alive.loop
        if action.do is Do.KILL_IN_WRITE or (action.do is Do.POWER_CUT and action.number % 2):
            self._disk.kill_in = 1 + action.number % 12
            self._disk.kill_from = self._random.choice(("", "archive"))
        elif action.do is Do.DAMAGE:
            self._steps_after_post = action.number
        else:
            loop.kill_at = loop.steps + action.number
        with suppress(Killed):
            self._run(LONGEST_WAIT_FOR_A_KILL_S)
        self._bury()
        self._steps_after_post = None
        self._service.forget_told(since=self._now - LONGEST_WRITE_S)
        if action.do is Do.POWER_CUT:
            self._disk.lose_power()
        if action.do is Do.DAMAGE:
            self._disk.damage("tasks.json", self._random.choice(list(Damage)))
            self._truth.spoilt_after = self._truth.life
        self._now += self._random.uniform(0.1, 5.0)
        self._start()

    def _lose_lock(self, action: Action) -> None:
        """Let another program have the data folder, until the user starts this one again."""
        (self._lock_folder / LOCK_NAME).unlink()
        self._truth.lose_lock(self._alive.engine.tasks.values())
        before = _written_at(self._data)
        self._run(action.length_s)
        is_unchanged = _written_at(self._data) == before
        self._truth.require(is_unchanged, "nothing is saved without the lock")
        self._judge()
        self._bury()
        self._start()

    def _stop(self, _action: Action | None = None) -> None:
        """End the process as a user does who quits."""
        life = self._alive
        life.engine.stop()
        life.loop.on_quiet = lambda: None
        self._truth.is_leaving = True
        deadline = life.loop.time() + LONGEST_STOP_S
        while self._is_busy(life) and life.loop.time() < deadline:
            self._run(1.0)
        self._truth.require(not self._is_busy(life), "the program ends when it is told to")
        tasks = dict(life.engine.tasks)
        with suppress(StoreUnwritable):
            life.store.close()
            self._truth.require(
                stock_store(self._data) == tasks, "stock TinyDB reads what is saved"
            )
        self._bury()
        self._start()

    def _change_settings(self, action: Action) -> None:
        """Let the user choose other limits, with which the program starts anew."""
        truth, limit, times = self._truth, action.number, action.number % 4
        self._machine.scenario = replace(self._scenario, max_running=limit, retry_times=times)
        truth.max_running = 0  # the former limit counts until the program has ended
        self._stop()
        truth.max_running = 0 if self._scenario.switches_account else limit
        truth.retry_times = max(truth.retry_times, times)

    def _is_busy(self, life: Life) -> bool:
        return not life.work.done() or any(not command.done() for command in life.commands)

    def _end(self) -> None:
        """End all faults and check that everything comes to rest in time."""
        self._service.faults.clear()
        self._service.cap = None
        self._service.hurry(LONGEST_END_S)  # the minutes of a task without a fault are all alike
        self._disk.is_full = False
        life = self._alive
        deadline = self._now + LIVENESS_S
        self._run(SLICE_S)  # for the user's last command
        life.commands.append(life.loop.create_task(self._pause(life, is_paused=False)))
        if self._machine.is_other_account:
            life.commands.append(life.loop.create_task(self._switch_account(life)))
            self._run(SLICE_S)
        while self._now < deadline and not self._is_at_rest(life.engine.tasks):
            self._run(SLICE_S)
        self._run(SLICE_S)
        self._truth.require(not self._asked, "what a screen asks for is answered")
        self._truth.ended(life.engine.tasks, self._service)
        hold.judge_hold(self._truth, self._service)
        self._outcome.ends.update(task.state for task in life.engine.tasks.values())
        self._stop()

    def _is_at_rest(self, tasks: Mapping[int, Task]) -> bool:
        return not self._asked and all(
            task.retry_at is None
            if task.state in AT_REST
            else task.is_active and self._service.is_of_other_account(task.task_id)
            for task in tasks.values()
        )

    # The judgement

    def _judge(self) -> None:
        """Raise the broken promises."""
        life = self._life
        broken = self._truth.violations
        if life is not None:
            broken += life.loop.faults
            for work in (life.work, *life.commands, *life.others):
                error = work.exception() if work.done() and not work.cancelled() else None
                if error is not None and not isinstance(error, Killed):
                    broken.append(f"{work.get_coro()} broke: {error!r}")
            is_quiet = life.loop.is_quiet and not life.loop.is_dead
            if not broken and is_quiet and not self._truth.is_leaving:
                self._judge_rest(life)
        if broken:
            words = "; ".join(broken)
            raise SimulationFailed(f"seed {self._scenario.seed}: {words}\n{self._scenario}")

    def _judge_rest(self, life: Life) -> None:
        """Judge what holds whenever nothing is on its way to disk or screen."""
        truth, tasks = self._truth, life.engine.tasks
        truth.screen_equals(life.screen.tasks, tasks)
        if not any(task.state is TaskState.QUEUED for task in tasks.values()):
            life.touched_at = life.loop.time()  # what waits only from now on has no reason yet
        quiet_since = max(truth.posted_at, life.touched_at)
        truth.says_why(tasks, life.engine.status, idle_s=life.loop.time() - quiet_since)
        if not life.store.is_dirty and self._random.random() < 0.1:
            is_same = stock_store(self._data) == dict(tasks)
            truth.require(is_same, "stock TinyDB reads what is saved")

    # The world

    def _carry_out(self, action: Action) -> None:
        self._wait(action.after_s)
        life = self._alive
        self._outcome.counts[action.do] += 1
        self._outcome.trace.append(f"{self._now:.6f} {action.do} {life.loop.steps}")
        ends: dict[Do, Callable[[Action], None]] = dict.fromkeys(KILLS, self._kill)
        ends |= {Do.STOP: self._stop, Do.SETTINGS: self._change_settings}
        ends[Do.LOSE_LOCK] = self._lose_lock
        match action.do:
            case do if do in ends:
                ends[do](action)
            case Do.WAIT:
                self._wait(action.length_s)
            case Do.FAULT:
                until = self._now + action.length_s
                fault = Fault(action.trouble, until, action.share, action.creates_only)
                self._service.faults.append(fault)
            case Do.CAP:
                self._service.cap = action.number
            case Do.DISK_FULL | Do.DISK_FREE:
                self._disk.is_full = action.do is Do.DISK_FULL
            case Do.CLOCK_JUMP:
                self._truth.clock_jumps += 1
                self._wall_skew += action.length_s * (-1, 1)[action.number % 2]
            case Do.OTHER_PROCESS:
                life.others.append(life.loop.create_task(self._other_process()))
            case Do.SUSPEND:
                life.loop.skip(action.length_s)
                self._now = life.touched_at = life.loop.time()
                self._truth.slept_s, self._truth.woken_at = action.length_s, self._now
            case _:
                life.touched_at = life.loop.time()
                self._truth.pokes[self._truth.life] += action.do in ASKS
                life.commands.append(life.loop.create_task(self._command(life, action)))

    def _wait(self, seconds: float) -> None:
        """Run for `seconds`, or for less if the run is long already."""
        until = self._now + seconds
        while self._now < until:
            is_long = self._service.requests > MOST_REQUESTS or self._steps > MOST_STEPS
            is_long &= not self._scenario.is_ordinary
            if is_long:
                until = min(until, self._now + HURRIED_S)
            slice_s = LONG_SLICE_S if self._scenario.is_ordinary else SLICE_S
            self._run(min(until - self._now, slice_s))
            if is_long:
                return

    def _command(self, life: Life, action: Action) -> Coroutine[Any, Any, None]:
        """Return the user's command."""
        commands: dict[Do, Callable[[], Coroutine[Any, Any, None]]] = {
            Do.ADD: lambda: self._add(life, action.number),
            Do.ASK: lambda: self._ask_for(life, action.number),
            Do.BROWSER: lambda: self._send_by_browser(life, action.number),
            Do.RETRY: lambda: self._retry(life, unsure_too=False),
            Do.RETRY_UNCONFIRMED: lambda: self._retry(life, unsure_too=True),
            Do.EDIT: lambda: self._edit(life),
            Do.REMOVE: lambda: self._remove(life, action.number),
            Do.RESTORE: lambda: self._restore(life),
            Do.RECONNECT: lambda: self._reconnect(life),
            Do.SWITCH_ACCOUNT: lambda: self._switch_account(life),
            Do.PAUSE: lambda: self._pause(life, is_paused=True),
            Do.RESUME: lambda: self._pause(life, is_paused=False),
            Do.MOVE: lambda: self._move(life, action.number),
            Do.POLL_NOW: life.engine.poll_now,
        }
        return commands[action.do]()

    async def _add(self, life: Life, count: int) -> None:
        drafts = [self._draft() for _ in range(count)]
        links = [self._truth.link(draft.url) for draft in drafts]
        with suppress(StoreLost):
            await add_links(life.engine, drafts)
        if life.engine.status.store_problem is None:
            for link in links:
                link.is_acknowledged = True

    async def _send_by_browser(self, life: Life, count: int) -> None:
        for url in [self._draft().url for _ in range(count)]:
            call = {"id": 1, "method": "aria2.addUri"}
            call["params"] = [f"token:{BROWSERS_SECRET}", [url]]
            status = await post(life.browsers, "jsonrpc", msgspec.json.encode(call))
            self._truth.link(url).is_acknowledged = status == 200

    async def _ask_for(self, life: Life, count: int) -> None:
        command = AddTasks(tuple(self._draft() for _ in range(count)), newest_known=0)
        self._asked.append(command)
        await self._ask(life, command)

    async def _ask(self, life: Life, command: AddTasks) -> None:
        """Ask as a screen does over its socket: without an answer, it is asked again."""
        links = [self._truth.link(download.url) for download in command.downloads]
        try:
            await execute(life.engine, command)
        except StoreLost:  # which the screen says; the next life is asked
            return
        is_saved = life.engine.status.store_problem is None
        await asyncio.sleep(ANSWER_S)
        self._asked.remove(command)
        for link in links:
            link.is_acknowledged |= is_saved

    def _draft(self) -> DownloadRequest:
        self._links += 1
        weights = (94, 5, 1) if self._scenario.is_ordinary else (6, 3, 1)
        fate = self._random.choices(list(Fate), weights)[0]
        return DownloadRequest(f"https://source.example/{fate}-n{self._links}.bin")

    async def _retry(self, life: Life, *, unsure_too: bool) -> None:
        tasks = [task for task in life.engine.tasks.values() if task.is_retryable]
        for task in tasks:
            if unsure_too or not task.is_unsure:
                self._truth.grants(task)
        await retry_tasks(life.engine, [task.id for task in tasks], unsure_too=unsure_too)

    async def _edit(self, life: Life) -> None:
        task = self._one_of(life)
        if task is None:
            return
        if task.has_failed or task.has_suspect_file:
            self._truth.grants(task)
        url = f"https://source.example/{Fate.SUCCESS}-n{number_of(task.url)}-e.bin"
        await edit_task(life.engine, task.id, DownloadRequest(url, name="edited.bin"))

    async def _remove(self, life: Life, count: int) -> None:
        ids = self._some(life, count)
        tasks = map(life.engine.tasks.__getitem__, ids)
        links = [self._truth.link(t.url) for t in tasks if t.state is not TaskState.SUBMITTING]
        for link in links:
            link.is_going = True
        life.removed = await life.engine.repository.remove(ids)
        if life.engine.status.store_problem is None:
            for link in links:
                link.is_going, link.is_gone = False, True

    async def _restore(self, life: Life) -> None:
        tasks, life.removed = life.removed, ()
        links = [self._truth.link(task.url) for task in tasks]
        for link in links:
            link.is_going, link.is_gone = True, False
        await life.engine.repository.restore(tasks)
        if life.engine.status.store_problem is None:
            for task, link in zip(tasks, links, strict=True):
                link.is_going = task.id not in life.engine.tasks  # it may be removed again by now

    async def _pause(self, life: Life, *, is_paused: bool) -> None:
        self._truth.is_paused = is_paused
        self._truth.wishes += 1
        await life.engine.repository.set_paused(is_paused)
        self._truth.wishes -= 1
        self._truth.is_pause_saved = life.engine.status.store_problem is None

    async def _move(self, life: Life, count: int) -> None:
        self._truth.placings += 1
        await execute(life.engine, SendNext(tuple(self._some(life, count))))
        self._truth.placings -= 1

    def _some(self, life: Life, count: int) -> set[int]:
        return {task.id for _ in range(count) if (task := self._one_of(life)) is not None}

    async def _switch_account(self, life: Life) -> None:
        self._machine.is_other_account = not self._machine.is_other_account
        await self._reconnect(life)

    async def _reconnect(self, life: Life) -> None:
        life.engine.change_to(self._machine.saved(life.engine.settings))

    async def _other_process(self) -> None:
        """Use the same account, and its token on disk, as `add --wait` elsewhere does."""
        async with aclosing(self._machine.connect()) as client:
            with suppress(Pan123Error):
                await client.user_info()

    def _one_of(self, life: Life) -> Task | None:
        asked = {download.url for command in self._asked for download in command.downloads}
        tasks = [task for task in life.engine.tasks.values() if task.url not in asked]
        return self._random.choice(tasks) if tasks else None

    def _on_post(self, post: Post) -> None:
        link = self._truth.link(post.url)
        task = self._alive.engine.tasks.get(link.id)
        self._truth.posted(post, task, self._disk.durable("tasks.json"))
        if self._steps_after_post is not None:
            self._alive.loop.kill_at = self._alive.loop.steps + self._steps_after_post

    def _on_made(self, task: ServiceTask) -> None:
        if task.callback_url:
            for _ in range(self._random.choice((0, 1, 1, 1, 2))):
                delay_s = self._random.choice((-5.0, 0.0, 5.0, 600.0))
                due_at = max(self._time(), task.ends_at + delay_s)
                callback = Callback.draw(self._random)
                self._callbacks.append((due_at, task, callback))
                self._alive.loop.call_at(due_at, self._deliver, task, callback)

    def _deliver(self, task: ServiceTask, callback: Callback) -> None:
        """Deliver a callback, of the service or of somebody else, to the receiver."""
        work = self._post_callback(self._alive, task, callback)
        self._alive.commands.append(self._alive.loop.create_task(work))

    async def _post_callback(self, life: Life, task: ServiceTask, callback: Callback) -> None:
        secret = task.callback_url.rpartition("/")[2]
        body = body_of(callback, task, self._random)
        if callback is Callback.FORGED:
            secret = secret[::-1]
        status = await post(life.receiver, f"hook/{secret}", body)
        allowed = {Callback.FORGED: {404, 429}, Callback.GARBLED: {400, 404}}
        is_right = status in allowed.get(callback, {200, 404})
        self._truth.require(is_right, "a callback is answered as it deserves", (callback, status))


def _written_at(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.json")}


def stock_store(folder: Path) -> dict[int, Task]:
    """Load the tasks of `folder` with stock TinyDB alone."""
    tables = {name: _tables(folder / f"{name}.json") for name in ("archive", "tasks")}
    removed = {i for meta in tables["tasks"].get("meta", {}).values() for i in meta["removed"]}
    archived = {
        key: document
        for key, document in tables["archive"].get("tasks", {}).items()
        if int(key) not in removed
    }
    documents = archived | tables["tasks"].get("tasks", {})
    return {int(key): msgspec.convert(document, Task) for key, document in documents.items()}


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    if not path.exists():
        return {}
    with TinyDB(path) as database:
        return database.storage.read() or {}
