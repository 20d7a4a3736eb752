"""The gate of the queue: which link may be sent now or, if none may, why and until when."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from math import inf

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Problem, ProblemKind, error_of, problem_of
from pan123_tui.domain.send_queue import REFUSALS
from pan123_tui.domain.service_facts import Endpoint, backoff_s
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.engine.accounts import Accounts
from pan123_tui.engine.status import ADDRESS_PAUSE_S

_log = logging.getLogger(__name__)
LIMIT_CHECK_S = 5.0
"""A slot may also come free without a task's end: by a removal."""
NEW_LINK_S = 60.0
"""How long a new link waits at most if what was refused is unlike it."""

Scope = Enum("Scope", "LINK FOLDER NAMES QUEUE")
Told = Enum("Told", "NOBODY STATUS BREAKER")
"""Who learns of what other requests may meet too: the breaker pauses those."""


class Rule(Struct, frozen=True):
    """What waits after a kind of answer, how long, and what proves that this is over."""

    errors: tuple[type[Exception], ...]
    """The answer; none where another rule leads to this one."""
    scope: Scope
    first_s: float
    """The longest first wait: chance takes up to half of it away."""
    longest_s: float
    """Where the waits, which double each time in a row, stop growing."""
    needs_probe: bool = False
    """Whether a harmless call comes before the create that proves that the wait is over."""
    told: Told = Told.NOBODY
    leaves: TaskState = TaskState.QUEUED
    """What becomes of the link."""
    max_waits: int | None = None
    """The waits after which the link is rejected; None: it never is."""
    may_blame_link: bool = False
    """Whether other links might pass, so that a new one may test the hold soon."""


_E = errors
_L, _F, _N, _Q = Scope
_CALL, _UNSURE = True, TaskState.UNCONFIRMED
_STATUS, _BREAKER = Told.STATUS, Told.BREAKER
_OF_ACCOUNT = (_E.AccountBlocked, _E.QuotaExhausted, _E.ServiceUnavailable)

NOT_SAVED = Rule((_E.StoreUnwritable,), _Q, 5, 5)
NOT_SENT = Rule((_E.RequestNotSent, _E.AccountMissing), _Q, 0, 0, told=_BREAKER)  # which waits
TOO_OFTEN = Rule((_E.RateLimited,), _Q, 1, 60)
NO_PLACE = Rule((_E.TooManyTasks,), _Q, 60, 60)
UNCLEAR = Rule((_E.ResponseLost,), _Q, 5, 5, _CALL, _BREAKER, _UNSURE)
UNCLEAR_AGAIN = Rule((), _Q, 1200, 14_400, _CALL, _BREAKER, _UNSURE)  # each may cost a link
TOKEN = Rule((_E.TokenRefused,), _Q, 30, 600, _CALL, _BREAKER)
ADDRESS = Rule((_E.AddressBlocked,), _Q, ADDRESS_PAUSE_S, ADDRESS_PAUSE_S, _CALL, _BREAKER)
REFUSED = Rule((*_OF_ACCOUNT, _E.InvalidResponse), _Q, 30, 600, _CALL, _STATUS, may_blame_link=True)
UNPROVEN = Rule((), _Q, 5, 600, _CALL)  # the harmless call has failed
NOT_PARSED = Rule((_E.LinkNotParsed,), _L, 40, 80, max_waits=2)
FOLDER_GONE = Rule((_E.FolderMissing,), _F, 30, 600)
FOLDER_NOT_MADE = Rule((), _F, 30, 600)
NAME_REFUSED = Rule((_E.NameRefused,), _N, 30, 600, may_blame_link=True)
UNKNOWN = Rule((_E.ServiceError,), _Q, 30, 600, _CALL, _STATUS, may_blame_link=True)
UNEXPECTED = Rule((Exception,), _Q, 30, 600, _CALL, _STATUS)

AFTER_POST = (
    *(NOT_SAVED, NOT_SENT, TOO_OFTEN, NO_PLACE, UNCLEAR, TOKEN, ADDRESS, REFUSED, NOT_PARSED),
    *(FOLDER_GONE, NAME_REFUSED, UNKNOWN, UNEXPECTED),
)
"""Those that an answer leads to: the first that names its class."""
BEFORE_POST = (TOO_OFTEN, Rule((_E.Pan123Error,), _Q, 0, 0, told=_BREAKER), UNEXPECTED)
"""The same while no link has been sent, so none is to blame."""


def rule_of(error: Exception, task: Task, *, is_post: bool) -> Rule:
    """Return what follows an error in the place of the answer to the create of `task`."""
    if is_post and isinstance(error, _E.InvalidResponse) and error.may_have_taken_effect:
        return UNCLEAR
    if is_post and isinstance(error, _E.FolderMissing) and task.folder_id is None:
        return REFUSED
    if is_post and isinstance(error, _E.NameRefused) and not task.name:
        return UNKNOWN
    rules = AFTER_POST if is_post else BEFORE_POST
    return next(rule for rule in rules if isinstance(error, rule.errors))


class Hold(Struct, frozen=True):
    """One wait in force, also once its time has come, until it is proved over."""

    reason: Problem
    until: float
    """When it is tried again, by the monotonic clock."""
    needs_probe: bool = False
    """Whether a harmless call comes first."""
    new_link_at: float = inf
    """From when a new link that is unlike those refused may test it."""


Key = tuple[Scope, int | None, str]
"""What is held: a link by its task's id; a folder by its id and the name of the one to be made in
it; all links with a name; or the queue."""
NAMES: Key = (_N, None, "")
QUEUE: Key = (_Q, None, "")


def link_key(task_id: int) -> Key:
    return _L, task_id, ""


def folder_key(folder_id: int | None, name: str = "") -> Key:
    return _F, folder_id, name


class Gate:
    """Keeps the holds in force; nothing else decides what may be sent."""

    max_running = 0
    """How many tasks may be sent or run at once; 0: as many as the service allows."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self._repository, self._session = accounts.repository, accounts.session
        self._breaker = accounts.breaker
        self._status, self._runtime = self._breaker.status, self._breaker.runtime
        self._holds: dict[Key, Hold] = {}
        self._in_a_row: Counter[tuple[Rule, Key]] = Counter()
        """How often each rule has applied in a row; each unknown reason is a key of its own."""
        self._refused_names: dict[int, bool] = {}
        """The links refused for their names, and whether another link has been taken since."""

    @property
    def needs_probe(self) -> bool:
        """Whether a harmless call comes before the next create."""
        return QUEUE in self._holds and self._holds[QUEUE].needs_probe

    def next(self, queued: Sequence[Task]) -> tuple[Task | None, float | None]:
        """Return the link to try now, or the seconds to wait (None: until woken); publish why.

        `queued` is in the order in which links are sent.
        """
        hold, now = self._holds.get(QUEUE), self._runtime.monotonic()
        reason, until = (hold.reason, hold.until) if hold else (None, None)
        first = Endpoint.USER_INFO if self.needs_probe else Endpoint.CREATE
        asked_s = max(self._breaker.retry_after_s, self._session.service.pause_s(first))
        pause_s = max((until or now) - now, asked_s)  # what the service asks for ends at no wish
        task, wait_s = None, None
        if not queued:
            reason = None
        elif self._repository.is_paused:
            pass
        elif pause_s > 0:
            wait_s, until = pause_s, now + pause_s
            reason = reason or self._status.status.last_error
        elif 0 < self.max_running <= self.accounts.count_running():
            wait_s, until, reason = LIMIT_CHECK_S, None, Problem(ProblemKind.RUNNING_LIMIT)
        else:
            task, wait_s = self._first(queued, now)
            if task is None:  # account and service answer: only these links wait
                self._holds.pop(QUEUE, None)
                self._forget(QUEUE, keeps_unclear=True)
                reason = None
        self._publish(queued, reason, until)
        return task, wait_s

    def _first(self, queued: Sequence[Task], now: float) -> tuple[Task | None, float | None]:
        """Return the first link to send, or the seconds until one may be tried again."""
        if self.needs_probe:  # by a call that is about no link
            return queued[0], None
        waits = {key: hold.until for key, hold in self._holds.items() if hold.until > now}
        free = _without(queued, waits) if waits else queued
        if not free:
            return None, min(waits.values()) - now
        hold = self._holds.get(QUEUE)
        if hold is not None and hold.reason.kind in REFUSALS:
            return _least_like_refused(queued, free), None
        if NAMES in self._holds and free[0].name:
            return _least_like_refused(queued, [task for task in free if task.name]), None
        return free[0], None

    def _publish(self, queued: Sequence[Task], reason: Problem | None, until: float | None) -> None:
        """Say what waits, why and until when: the only place where this is said."""
        now = self._runtime.monotonic()
        held = [key for key, hold in self._holds.items() if hold.until > now]
        gone = {number for scope, number, name in held if scope is Scope.FOLDER and not name}
        gone &= {task.folder_id for task in queued} if gone else set()
        self._status.update(
            hold=reason,
            hold_until=self._unix_s(until) if reason and until else None,
            missing_folders=tuple(sorted(gone)),
            refuses_names=NAMES in held,
        )

    def _unix_s(self, at: float) -> float:
        """Return a time of the monotonic clock in whole Unix seconds, as both clocks waver."""
        return round(self._runtime.clock() + at - self._runtime.monotonic(), 0)

    def sends_encoded(self, task: Task) -> bool:
        """Return whether the next try of a link uses its percent-encoded form."""
        return self._in_a_row[NOT_PARSED, link_key(task.id)] == 1

    def note_free_place(self) -> None:
        """Let the next link be tried now if the service refused one for want of a slot."""
        hold = self._holds.get(QUEUE)
        if hold is not None and hold.reason.kind is ProblemKind.TOO_MANY_TASKS:
            self._holds[QUEUE] = replace(hold, until=self._runtime.monotonic())

    def try_now(self) -> None:
        """End every wait but the user's pause: the user asked for that, or the account changed."""
        now = self._runtime.monotonic()
        self._holds = {key: replace(hold, until=now) for key, hold in self._holds.items()}
        self._forget(QUEUE, keeps_unclear=True)

    def prove(self) -> None:
        """Note that a harmless call has worked: one create may be tried now."""
        hold, now = self._holds[QUEUE], self._runtime.monotonic()
        self._holds[QUEUE] = replace(hold, until=now, needs_probe=False)

    def hold(self, rule: Rule, problem: Problem, key: Key = QUEUE) -> None:
        """Hold what `rule` applies to, longer after each time in a row."""
        count, random = self._in_a_row[rule, key], self._runtime.random
        wait_s = backoff_s(count, random, first_s=rule.first_s, longest_s=rule.longest_s)
        self._in_a_row[rule, key] += 1
        until = self._runtime.monotonic() + wait_s
        new_link_at = self._runtime.monotonic() + NEW_LINK_S if rule.may_blame_link else inf
        self._holds[key] = Hold(problem, until, rule.needs_probe, new_link_at)

    def _forget(self, key: Key, *, keeps_unclear: bool = False) -> None:
        """Have `key` wait briefly again, except perhaps after what may have cost a link."""
        for rule, counted in tuple(self._in_a_row):
            if counted == key and not (keeps_unclear and rule.leaves is TaskState.UNCONFIRMED):
                del self._in_a_row[rule, counted]

    def release(self, key: Key) -> bool:
        """Let what was held go on, as if it had never been; return whether it was held."""
        self._forget(key)
        return self._holds.pop(key, None) is not None

    def forget_links(self, tasks: Iterable[Task], removed: Iterable[int]) -> None:
        """Drop the holds of links that are gone, or have been sent, edited or retried since."""
        waits = {it.id for it in tasks if it.state is TaskState.SUBMITTING or it.problem}
        for number in {*(task.id for task in tasks), *removed} - waits:
            if (key := link_key(number)) in self._holds:
                self.release(key)
            if self._refused_names.pop(number, None) is not None and not self._refused_names:
                self.release(NAMES)

    def note_new(self, tasks: Iterable[Task]) -> None:
        """Let a new link test soon what holds it, if the refused ones are unlike it."""
        new = [it for it in tasks if it.state is TaskState.QUEUED and it.problem is None]
        for key, held in ((QUEUE, new), (NAMES, [task for task in new if task.name])):
            hold = self._holds.get(key)
            if not held or hold is None or hold.until <= hold.new_link_at:
                continue
            names, sites, _folders = _refused_kinds(self._repository.queued)
            if any(_name_kind(it) not in names or _site(it) not in sites for it in held):
                self._holds[key] = replace(hold, until=hold.new_link_at)

    def note_taken(self, task: Task) -> None:
        """Let the queue go on, since the service has taken a link."""
        self.open()
        if task.name:
            self.release(NAMES)
        self._refused_names = dict.fromkeys(self._refused_names, True)

    def open(self) -> None:
        """Let the queue go on at its rate: the service took a link, or found one at fault."""
        for key in [QUEUE, *(it[1] for it in self._in_a_row if it[0] is UNKNOWN)]:
            self.release(key)

    def judge(self, task: Task, error: Exception, *, is_post: bool) -> TaskState:
        """Hold what an error in the place of a taskID asks for; return the link's next state."""
        rule, problem = rule_of(error, task, is_post=is_post), problem_of(error)
        self._tell(rule, error, problem)
        if rule is UNKNOWN and self._is_about_link(problem):
            return TaskState.REJECTED
        keys = QUEUE, NAMES, link_key(task.id), folder_key(task.folder_id)
        key = next(key for key in keys if key[0] is rule.scope)
        if rule is UNCLEAR and self._in_a_row[rule, key]:
            rule, problem = UNCLEAR_AGAIN, replace(problem, kind=ProblemKind.CREATES_UNCLEAR)
        if key != QUEUE:
            self.open()
        if rule is NAME_REFUSED and self._is_about_name(task, problem):
            return TaskState.REJECTED
        if self._in_a_row[rule, key] == rule.max_waits:
            self.release(key)
            return TaskState.REJECTED
        self.hold(rule, problem, key)
        return rule.leaves

    def _tell(self, rule: Rule, error: Exception, problem: Problem) -> None:
        if rule is UNEXPECTED:
            _log.error("an error that nobody expects", exc_info=error)
        if rule.told is Told.BREAKER:
            self._breaker.record_failure(error_of(problem))
        elif rule.told is Told.STATUS:
            self._status.set_error(problem)

    def _is_about_link(self, problem: Problem) -> bool:
        """Return whether a refusal of which nothing is known is about the link: once in a row.

        Then it may be the account's, and only the user can know that all these links are bad.
        """
        if problem.code is None:  # the client has refused to send it
            return True
        counted = UNKNOWN, (_Q, problem.code, problem.message)
        if counted in self._in_a_row:
            return False
        self.open()
        self._in_a_row[counted] = 1
        return True

    def _is_about_name(self, task: Task, problem: Problem) -> bool:
        """Return whether a link's own name is at fault: refused twice, with another link taken."""
        is_certain = self._refused_names.pop(task.id, False)
        if is_certain and NAMES in self._holds:  # links without a name were taken: others wait on
            self.hold(NAME_REFUSED, problem, NAMES)
        if not is_certain:
            self._refused_names[task.id] = False
        return is_certain


def _without(queued: Sequence[Task], held: Collection[Key]) -> Sequence[Task]:
    """Return the links that nothing in `held` keeps back; quick for 10,000."""
    ids = {number for scope, number, _name in held if scope is Scope.LINK}
    folders = {number for scope, number, name in held if scope is Scope.FOLDER and not name}
    places = {(number, name) for scope, number, name in held if scope is Scope.FOLDER and name}
    if ids:
        queued = [task for task in queued if task.id not in ids]
    if folders:
        queued = [task for task in queued if task.folder_id not in folders]
    if places:
        queued = [task for task in queued if (task.folder_id, task.subfolder) not in places]
    return [task for task in queued if not task.name] if NAMES in held else queued


def _least_like_refused(queued: Sequence[Task], free: Sequence[Task]) -> Task:
    """Return the best test of a held queue, the first of several in the order of sending."""
    names, sites, folders = _refused_kinds(queued)

    def likeness(task: Task) -> tuple[bool, bool, bool]:
        place = task.folder_id, task.subfolder
        return _name_kind(task) in names, _site(task) in sites, place in folders

    return min(free, key=likeness)


def _refused_kinds(queued: Iterable[Task]) -> tuple[set[str | None], set[str], set[object]]:
    """Return the kinds of names, the hosts and the folders of the links that were refused."""
    refused = [task for task in queued if task.problem and task.problem.kind in REFUSALS]
    names, sites = {_name_kind(task) for task in refused}, {_site(task) for task in refused}
    return names, sites, {(task.folder_id, task.subfolder) for task in refused}


def _name_kind(task: Task) -> str | None:
    """Return the extension of the name that is wanted; None: no name is."""
    return task.name.rpartition(".")[2].lower() if task.name else None


def _site(task: Task) -> str:
    return "/".join(task.url.split("/", 3)[:3])
