"""The promises of the program, checked against what its environment has seen of it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import msgspec

from pan123_tui.api.token_cache import MIN_REFRESH_INTERVAL_S
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EngineEvent, Status, StatusChanged, TasksChanged, TasksLoaded
from pan123_tui.domain.send_queue import REFUSALS, refused_at
from pan123_tui.domain.task import Task, TaskState
from tests.simulation.service import Endpoint, FakeService, Fate, Post

S = TaskState
MOVES: Mapping[TaskState, frozenset[TaskState]] = {
    S.QUEUED: frozenset({S.SUBMITTING}),
    S.SUBMITTING: frozenset({S.RUNNING, S.QUEUED, S.REJECTED, S.UNCONFIRMED}),
    S.UNCONFIRMED: frozenset({S.QUEUED}),
    S.REJECTED: frozenset({S.QUEUED}),
    S.RUNNING: frozenset({S.RETRYING, S.SUCCEEDED, S.FAILED, S.MISSING}),
    S.RETRYING: frozenset({S.RUNNING, S.SUCCEEDED, S.FAILED, S.MISSING}),
    S.SUCCEEDED: frozenset({S.QUEUED}),
    S.FAILED: frozenset({S.QUEUED}),
    S.MISSING: frozenset({S.QUEUED, S.RUNNING, S.RETRYING, S.SUCCEEDED, S.FAILED}),
}
"""The moves as the specification has them, written down a second time on purpose."""
ASLEEP = frozenset({S.UNCONFIRMED, S.REJECTED, S.FAILED, S.MISSING})
"""Only the user has one of these queued again."""
TAKES_PLACE = frozenset({S.SUBMITTING, S.RUNNING, S.RETRYING})
AT_REST = ASLEEP | {S.SUCCEEDED}
SENDS_AT_LEAST_EVERY_S = {
    **dict.fromkeys((Endpoint.PROCESS, Endpoint.USER_INFO, Endpoint.LIST), 0.2),
    Endpoint.CREATE: 1.0,
}
"""The shortest time between two requests, by the rates that the program is told to keep."""
SLOW_DISK_S = 5.0
"""The decision to ask for a token is written before it is asked for: later than decided."""
ROUNDING = 0.995
MOST_STEPS = 64
Outline = tuple[tuple[TaskState, int | None], ...]
BY_ITSELF = (S.QUEUED, -1)
"""The turn of a task that the program has queued again by itself."""


@dataclass(slots=True)
class Link:
    """What is known of one link of the user's."""

    number: int
    words: int = 1
    """How many times the user has asked for it to be sent."""
    allowances: int = 0
    """Words that no transition of the task has answered yet."""
    id: int = 0
    is_acknowledged: bool = False
    is_going: bool = False
    """Whether a removal has begun."""
    is_gone: bool = False
    durable: Outline = ()
    places: set[int] = field(default_factory=set)
    """The ranks that were announced as saved, and those since: a later save may keep them."""
    known_ids: set[int] = field(default_factory=set)
    """TaskIDs that were announced as saved."""
    seen_ids: set[int] = field(default_factory=set)
    posts: list[Post] = field(default_factory=list)
    is_rejected: bool = False
    is_trimmed: bool = False
    """Whether its timeline was once full, so that it has forgotten some steps since."""


def number_of(url: str) -> int:
    """Read the number of the link from its address."""
    match = re.search(r"-n(\d+)", url)
    assert match is not None, url
    return int(match[1])


def outline_of(task: Task) -> Outline:
    """Return the part of a task's timeline that no later poll and no further try can change."""
    turns: list[tuple[TaskState, int | None]] = []
    for step in task.timeline:
        state = S.RUNNING if step.state is S.RETRYING else step.state
        turn = BY_ITSELF if step.is_automatic else (state, step.task_id)
        is_again = state is S.QUEUED and turns and turns[-1] == BY_ITSELF
        if state is not S.SUBMITTING and not is_again and (not turns or turns[-1] != turn):
            turns.append(turn)
    return tuple(turns)


def words_in(outline: Outline) -> int:
    """Count how often a task was queued at the user's request."""
    again = sum(b == (S.QUEUED, None) and a[0] in AT_REST for a, b in pairwise(outline))
    return 1 + again


def rows_of_retries(outline: Outline) -> list[int]:
    """Return how often a task was retried by itself after each word of the user."""
    rows = [0]
    for before, turn in pairwise(outline):
        if turn == BY_ITSELF:
            rows[-1] += 1
        elif turn[0] is S.QUEUED and before[0] in AT_REST:
            rows.append(0)
    return rows


@dataclass(slots=True)
class Truth:
    """Judges all lives of the program in one run; collects what is broken."""

    retry_times: int = 0
    """How often a failed link may be retried by itself."""
    max_running: int = 0
    """How many tasks may run at once; 0: any number."""
    links: dict[int, Link] = field(default_factory=dict)
    ids: dict[int, int] = field(default_factory=dict)
    """Each id that was announced as saved, and its link."""
    violations: list[str] = field(default_factory=list)
    checks: Counter[str] = field(default_factory=Counter)
    asked_at: dict[tuple[Endpoint, object], float] = field(default_factory=dict)
    """When each client has asked last: a new one, for another account, has rates of its own."""
    posted_at: float = 0.0
    token_asked_at: float = 0.0
    token_at: float = float("-inf")
    """When the last token that was made was asked for, or decided on if the machine slept since."""
    slept_s: float = 0.0
    woken_at: float = float("-inf")
    is_leaving: bool = False
    """Whether the program was told to end: what it was about to announce may stay unsaid."""
    life: int = 0
    pokes: Counter[int] = field(default_factory=Counter)
    """How often the user has had the service asked again at once, by life."""
    missing_at: dict[int, float] = field(default_factory=dict)
    """When a taskID was first called missing."""
    sent_with_lock: frozenset[int] | None = None
    """The tasks that were being sent when the lock was lost; None: it is held."""
    clock_jumps: int = 0
    is_paused: bool = False
    """The user's last word on sending."""
    is_pause_saved: bool = True
    wishes: int = 0
    """Commands to pause that are not answered yet."""
    spoilt_after: int | None = None
    """The last life after which the disk has spoilt the file of the tasks."""
    placings: int = 0
    """Commands to move links that are not answered yet."""

    def require(self, is_true: bool, name: str, detail: object = "") -> None:
        """Count a check, and note where it fails."""
        self.checks[name] += 1
        if not is_true:
            self.violations.append(f"{name}: {detail}")

    def link(self, url: str) -> Link:
        """Return the link that `url` belongs to."""
        number = number_of(url)
        return self.links.setdefault(number, Link(number))

    def grants(self, task: Task) -> None:
        """Note that the user is about to have `task` sent again."""
        link = self.link(task.url)
        link.words += 1
        link.allowances += 1

    def lose_lock(self, tasks: Iterable[Task]) -> None:
        """Note that another program may send the `tasks` from now on, but for one on its way."""
        self.sent_with_lock = frozenset(t.id for t in tasks if t.state is S.SUBMITTING)

    def begins(
        self, before: Task, tasks: Iterable[Task], memory: Mapping[int, Task], hold: Problem | None
    ) -> None:
        """Judge that a link is sent now, and not another one of `tasks` or none.

        The test of a queue that a refusal holds may be any link that has not been refused.

        While the program ends, a task may have ended in its `memory` without a word.
        """
        is_stopped = self.is_paused and not self.wishes
        self.require(not is_stopped, "nothing is sent while sending is paused", before.id)
        taken = [task.id for task in tasks if task.state in TAKES_PLACE]
        if self.is_leaving:
            taken = [it for it in taken if it in memory and memory[it].state in TAKES_PLACE]
        is_free = not self.max_running or len(taken) < self.max_running
        self.require(is_free, "no more run at once than the user allows", (before.id, taken))
        place = before.rank, before.id
        is_test = hold is not None and hold.kind in REFUSALS
        earlier = [
            task.id
            for task in tasks
            if task.state is S.QUEUED
            and task.problem is None
            and (refused_at(before) or (not is_test and (task.rank, task.id) < place))
        ]
        self.require(not earlier, "links are sent in their order", (before.id, earlier))

    def announced(self, before: Task | None, task: Task, *, is_saved: bool, now: float) -> None:
        """Judge a new value of a task that the screen is shown."""
        link = self.link(task.url)
        link.is_rejected = task.state is S.REJECTED
        link.is_trimmed |= len(task.timeline) >= MOST_STEPS
        if task.state is S.MISSING and task.task_id is not None:
            self.missing_at.setdefault(task.task_id, now)
        if before is not None and before.state is not task.state:
            shown = len(before.timeline)
            steps = [before.state, task.state]
            if self.is_leaving and task.timeline[:shown] == before.timeline:
                steps = [step.state for step in task.timeline[shown - 1 :]]
            is_legal = all(to in MOVES[state] for state, to in pairwise(steps))
            self.require(is_legal, "only legal moves", (link.number, steps))
            if before.state is S.SUCCEEDED:
                has_suspect_file = before.arrival is not None and before.arrival.is_suspect
                self.require(has_suspect_file, "only a doubtful success is queued again", task.id)
            if task.timeline[-1].is_automatic:
                self._judge_own_retry(before, task)
            elif before.state in AT_REST and task.state is S.QUEUED:
                is_asked_for = link.allowances > 0
                self.require(is_asked_for, "queued again only at the user's request", task.id)
                link.allowances -= 1
        link.id = task.id
        link.seen_ids.update(_ids_of(task))
        if is_saved:
            link.places.clear()
        link.places.add(task.rank)
        if is_saved:
            known = self.ids.setdefault(task.id, link.number)
            self.require(known == link.number, "an id is never used again", task.id)
            link.durable = outline_of(task)
            link.known_ids.update(_ids_of(task))

    def _judge_own_retry(self, before: Task, task: Task) -> None:
        """Judge that a link is retried by itself for its source's sake, late and seldom enough."""
        is_failed = before.state is S.FAILED
        self.require(is_failed, "by itself only a failure is retried", (task.id, before.state))
        is_due = before.retry_at is not None and before.retry_at <= task.timeline[-1].at
        self.require(is_due, "a retry waits for its time", (task.id, before.retry_at))
        self._judge_retries(outline_of(task))

    def _judge_retries(self, outline: Outline) -> None:
        most = max(rows_of_retries(outline))
        self.require(most <= self.retry_times, "retried by itself as often as allowed", outline)

    def posted(self, post: Post, task: Task | None, document: bytes) -> None:
        """Judge a *create* that reaches the service, with what a power cut would leave of it."""
        link = self.link(post.url)
        post.life = self.life
        link.posts.append(post)
        self.posted_at = post.at
        uses = sum(not other.is_refused for other in link.posts)
        retries = sum(rows_of_retries(outline_of(task))) if task is not None else 0
        counts = (link.number, uses, link.words, retries)
        is_wanted = link.is_trimmed or uses <= link.words + retries
        self.require(is_wanted, "none is sent twice without the user's consent", counts)
        has_lock = self.sent_with_lock is None or link.id in self.sent_with_lock
        self.require(has_lock, "nothing is sent without the lock", f"n{link.number}")
        is_wanted = task is not None and task.state is S.SUBMITTING and task.url == post.url
        self.require(is_wanted, "what is sent is what stands in memory", task)
        saved = _state_in(document, link.id)
        self.require(saved is S.SUBMITTING, "the intent is on disk before the POST", saved)

    def asked(self, endpoint: Endpoint, client: object, now: float) -> None:
        """Judge how soon a request follows the one before it by the same client."""
        least_s = SENDS_AT_LEAST_EVERY_S.get(endpoint)
        if least_s is not None:
            passed_s = now - self.asked_at.get((endpoint, client), float("-inf"))
            self.require(passed_s >= least_s * ROUNDING, "rates are kept", (endpoint, passed_s))
        self.asked_at[endpoint, client] = now
        if endpoint is Endpoint.TOKEN:
            self.token_asked_at = now

    def token_made(self) -> None:
        """Judge how soon a token was asked for after the one before it, by whatever process."""
        now = self.token_asked_at
        passed_s = now - self.token_at
        is_late = passed_s >= (MIN_REFRESH_INTERVAL_S - SLOW_DISK_S) * ROUNDING
        self.require(is_late or self.clock_jumps > 0, "at most one token a minute", passed_s)
        # A process that is killed before the answer leaves only the time of its decision.
        is_woken = now - self.woken_at < SLOW_DISK_S
        self.token_at = now - self.slept_s if is_woken else now

    def restarted(self, tasks: Mapping[int, Task], notice: object, *, is_paused: bool) -> None:
        """Judge what the disk holds after the end of a life."""
        stored = {number_of(task.url): task for task in tasks.values()}
        if self.spoilt_after == self.life:
            self._expect_only(stored)
            if notice is None and not tasks:  # its only generation was deleted
                self.ids.clear()
        if not self.wishes and self.is_pause_saved:
            self.require(is_paused is self.is_paused, "a pause survives", is_paused)
        self.is_paused, self.is_pause_saved = is_paused, True
        self.asked_at.clear()
        self.sent_with_lock = None
        self.life += 1
        is_rightful = notice is None or self.spoilt_after is not None
        self.require(is_rightful, "no file is damaged", notice)
        self.require(len(stored) == len(tasks), "each link is there once", list(tasks))
        for link in self.links.values():
            task = stored.get(link.number)
            link.allowances = 0
            if link.is_gone:
                self.require(task is None, "what was removed stays away", f"n{link.number}")
            elif link.is_going:
                link.is_gone = task is None
                link.is_going = False
            elif link.is_acknowledged:
                self.require(task is not None, "no link is lost", f"n{link.number}")
            if task is not None:
                self._compare(link, task)
        self.wishes = self.placings = 0

    def _expect_only(self, stored: Mapping[int, Task]) -> None:
        """Expect what is left of a spoilt file, but no second create of what was sent before."""
        self.is_pause_saved = False
        for link in self.links.values():
            link.is_acknowledged = link.number in stored
            link.is_going = link.is_gone = False
            link.durable = ()
            link.known_ids.clear()

    def _compare(self, link: Link, task: Task) -> None:
        outline = outline_of(task)
        if outline == link.durable and task.state is S.QUEUED and not self.placings:
            self.require(task.rank in link.places, "the order survives", (link, task.rank))
        link.places = {task.rank}
        words = words_in(outline)
        self._judge_retries(outline)
        is_asked_for = words <= link.words
        self.require(is_asked_for, "queued again only at the user's request", link.number)
        link.words = max(1, min(link.words, words))
        link.id = task.id
        link.is_trimmed |= len(task.timeline) >= MOST_STEPS
        if not link.is_trimmed:
            kept = outline[: len(link.durable)] == link.durable
            self.require(kept, "what was announced is on disk", (link.durable, outline))
            forgotten = link.known_ids - _ids_of(task)
            self.require(not forgotten, "no taskID is forgotten", (link.number, forgotten))
        link.durable = outline
        link.seen_ids.update(_ids_of(task))

    def screen_equals(self, screen: Mapping[int, Task], tasks: Mapping[int, Task]) -> None:
        """Judge what an attached screen shows while nothing is on its way."""
        different = [i for i in screen.keys() | tasks.keys() if screen.get(i) != tasks.get(i)]
        first = [(screen.get(i), tasks.get(i)) for i in different[:1]]
        self.require(not different, "the screen equals the engine", first)
        present = {number_of(task.url) for task in tasks.values()}
        lost = [
            link.number
            for link in self.links.values()
            if link.is_acknowledged and not link.is_going and not link.is_gone
            if link.number not in present
        ]
        self.require(not lost, "no link is lost", lost)

    def shows_the_latest(self, screen: "Screen", tasks: Mapping[int, Task]) -> None:
        """Judge what has just been shown, as soon as nothing is on its way any more."""
        for task_id in screen.fresh:
            is_latest = screen.tasks.get(task_id) == tasks.get(task_id)
            self.require(is_latest, "the screen shows the latest value", task_id)
        screen.fresh.clear()

    def says_why(self, tasks: Mapping[int, Task], status: Status, idle_s: float) -> None:
        """Judge a queue from which nothing was sent for longer than any single request takes."""
        if not self.wishes:
            self.require(status.is_paused is self.is_paused, "a pause is said", self.is_paused)
        queued = [task for task in tasks.values() if task.state is S.QUEUED]
        is_sending = any(task.state is S.SUBMITTING for task in tasks.values())
        if queued and not is_sending and idle_s > 200.0 and not status.is_paused:
            says = status.hold or status.last_error or status.store_problem
            is_said = says is not None or any(task.problem for task in queued)
            self.require(is_said, "the queue is empty or says why", len(queued))

    def ended(self, tasks: Mapping[int, Task], service: FakeService) -> None:
        """Judge what is left when all faults are over and all had time to end."""
        for task in tasks.values():
            is_elsewhere = task.is_active and service.is_of_other_account(task.task_id)
            has_ended = task.state in AT_REST or is_elsewhere
            self.require(has_ended, "everything reaches an end", (task.id, task.state))
            self._judge_end(task, service)
        self.require(not service.strangers, "only known taskIDs are asked for", service.strangers)
        for link in self.links.values():
            made = {post.task_id for post in link.posts if post.task_id is not None}
            last = tasks.get(link.id)
            if last is not None and not (link.is_trimmed or link.is_gone):
                unsure = sum(state is S.UNCONFIRMED for state, _ in outline_of(last))
                orphans = made - link.seen_ids
                is_reported = len(orphans) <= unsure
                self.require(is_reported, "a task that nobody knows is reported", link.number)

    def _judge_end(self, task: Task, service: FakeService) -> None:
        real = service.tasks.get(task.task_id or 0)
        fits = {
            S.SUCCEEDED: real is not None and real.fate is not Fate.FAILURE,
            S.FAILED: real is not None and real.fate is Fate.FAILURE,
            S.MISSING: real is not None,
        }.get(task.state, True)
        self.require(fits, "an end is what the service says", (task.id, task.state, real))
        if real is not None and task.file_id is not None:
            self.require(task.file_id == real.file_id, "a file is the task's own", task.id)


class Screen:
    """Applies the engine's events as a UI does, and has `Truth` check each change."""

    def __init__(self, truth: Truth, now: Callable[[], float]) -> None:
        self.tasks: dict[int, Task] = {}
        self.memory: Mapping[int, Task] = {}
        """The tasks as the engine has them, which may be newer."""
        self.status = Status()
        self.fresh: set[int] = set()
        """The tasks that were published since the screen was last compared."""
        self.is_attached = True
        self._truth = truth
        self._now = now

    def on_event(self, event: EngineEvent) -> None:
        if not self.is_attached:
            return
        match event:
            case TasksLoaded(tasks):
                self.tasks = {task.id: task for task in tasks}
            case TasksChanged(tasks, removed):
                for task in tasks:
                    is_saved = self.status.store_problem is None
                    before, now = self.tasks.get(task.id), self._now()
                    was_queued = before is not None and before.state is S.QUEUED
                    if before is not None and was_queued and task.state is S.SUBMITTING:
                        hold = self.status.hold
                        self._truth.begins(before, self.tasks.values(), self.memory, hold)
                    self._truth.announced(before, task, is_saved=is_saved, now=now)
                    self.tasks[task.id] = task
                    self.fresh.add(task.id)
                for task_id in removed:
                    self.tasks.pop(task_id, None)
            case StatusChanged(status):
                self.status = status
                bug = status.notice and status.notice.kind is ProblemKind.INTERNAL
                self._truth.require(not bug, "no error that nobody expects", status.notice)


def _ids_of(task: Task) -> set[int]:
    ids = {step.task_id for step in task.timeline} | {task.task_id}
    return {task_id for task_id in ids if task_id is not None}


class _Document(msgspec.Struct):
    tasks: dict[str, "_State"]


class _State(msgspec.Struct):
    state: TaskState


def _state_in(document: bytes, task_id: int) -> TaskState | None:
    try:
        task = msgspec.json.decode(document, type=_Document).tasks.get(str(task_id))
    except msgspec.DecodeError:
        return None
    return task.state if task else None
