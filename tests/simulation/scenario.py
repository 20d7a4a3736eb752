"""What happens to the program in one run, chosen from a seed."""

from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from random import Random

from tests.simulation.service import Trouble


class Do(StrEnum):
    """What the user, the machine or the service does."""

    ADD = "add"
    ASK = "ask"
    """A screen asks for links, and asks again, in later lives too, until it has the answer."""
    RETRY = "retry"
    RETRY_UNCONFIRMED = "retry_unconfirmed"
    EDIT = "edit"
    REMOVE = "remove"
    RESTORE = "restore"
    PAUSE = "pause"
    RESUME = "resume"
    MOVE = "move"
    POLL_NOW = "poll_now"
    RECONNECT = "reconnect"
    SWITCH_ACCOUNT = "switch_account"
    OTHER_PROCESS = "other_process"
    WAIT = "wait"
    FAULT = "fault"
    CAP = "cap"
    DISK_FULL = "disk_full"
    DISK_FREE = "disk_free"
    CLOCK_JUMP = "clock_jump"
    SUSPEND = "suspend"
    STOP = "stop"
    KILL = "kill"
    KILL_IN_WRITE = "kill_in_write"
    POWER_CUT = "power_cut"
    DAMAGE = "damage"
    """A kill during a create or soon after it, and the file of the tasks is spoilt."""
    LOSE_LOCK = "lose_lock"
    BROWSER = "browser"
    """A browser sends a link to the entrance for aria2's clients, until it has an answer."""
    SETTINGS = "settings"
    """The user changes settings, and the program starts anew with them."""


KILLS = frozenset({Do.KILL, Do.KILL_IN_WRITE, Do.POWER_CUT, Do.DAMAGE})
ASKS = frozenset({Do.POLL_NOW, Do.RECONNECT, Do.SWITCH_ACCOUNT})
"""What has the service asked again at once."""
BROKEN_CREATES = (Trouble.ANSWER_LOST, Trouble.REQUEST_LOST, Trouble.HTML, Trouble.CUT)
QUEUE_ACTIONS = (Do.PAUSE, Do.RESUME, Do.MOVE, Do.MOVE)
_WEIGHTS = {
    Do.ADD: 20,
    Do.RETRY: 8,
    Do.RETRY_UNCONFIRMED: 6,
    Do.EDIT: 4,
    Do.REMOVE: 6,
    Do.RESTORE: 4,
    Do.POLL_NOW: 2,
    Do.RECONNECT: 2,
    Do.SWITCH_ACCOUNT: 1,
    Do.OTHER_PROCESS: 3,
    Do.WAIT: 4,
    Do.FAULT: 16,
    Do.CAP: 2,
    Do.DISK_FULL: 3,
    Do.DISK_FREE: 3,
    Do.CLOCK_JUMP: 2,
    Do.SUSPEND: 2,
    Do.STOP: 3,
    Do.KILL: 10,
    Do.KILL_IN_WRITE: 8,
    Do.POWER_CUT: 8,
}


@dataclass(frozen=True, slots=True)
class Action:
    """One event, `after_s` after the one before."""

    do: Do
    after_s: float
    number: int = 1
    """How many, which one, or after how many steps: each kind reads it in its own way."""
    length_s: float = 10.0
    trouble: Trouble = Trouble.UNREACHABLE
    share: float = 1.0
    creates_only: bool = False
    """Whether a fault leaves all other calls alone."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run. The same scenario runs the same way, to the last step."""

    seed: int
    actions: tuple[Action, ...]
    has_client_pair: bool = False
    has_callbacks: bool = False
    has_arrivals: bool = False
    retry_times: int = 0
    """How often a link that failed at its source is retried by itself."""
    max_running: int = 0
    """How many tasks may run at once by the user's wish; 0: any number."""
    is_ordinary: bool = False
    """Whether links work as links mostly do, and no time is left out however long the run is."""

    @property
    def switches_account(self) -> bool:
        """Whether another account is used in between, whose tasks are no part of the limit."""
        return any(action.do is Do.SWITCH_ACCOUNT for action in self.actions)

    @property
    def loses_lock(self) -> bool:
        """Whether somebody deletes the lock of the data folder."""
        return any(action.do is Do.LOSE_LOCK for action in self.actions)


def scenario_of(seed: int) -> Scenario:
    """Return the scenario number `seed`."""
    random = Random(seed)
    actions = [Action(Do.ADD, 0.0, random.randint(1, 4))]
    actions += (_action(random) for _ in range(random.randint(4, 14)))
    if seed % 4 == 3:
        ask = Action(Do.ASK, _seconds(random, 0.01, 60.0), random.randint(1, 3))
        actions.insert(random.randrange(1, len(actions)), ask)
    if seed % 3 == 2:
        _insert_queue_actions(actions, Random(-1 - seed))
    if seed % 7 == 0:
        _break_creates(actions, Random(-1 - seed))
    if seed % 10 == 5:
        _insert_lock_loss(actions, Random(f"lock {seed}"))
    if seed % 5 == 2:
        _insert_damage(actions, Random(f"damage {seed}"))
    rules = Random(f"rules {seed}")
    return Scenario(
        seed,
        tuple(actions),
        has_client_pair=random.random() < 0.5,
        has_callbacks=random.random() < 0.5,
        has_arrivals=random.random() < 0.2,
        retry_times=rules.randint(1, 3) if seed % 4 == 1 else 0,
        max_running=rules.randint(1, 3) if seed % 5 == 1 else 0,
    )


def _insert_queue_actions(actions: list[Action], random: Random) -> None:
    """Let the user pause and order the queue in between; all else stays as it was."""
    for _ in range(random.randint(2, 6)):
        do = random.choice(QUEUE_ACTIONS)
        action = Action(do, _seconds(random, 0.01, 30.0), random.randint(1, 4))
        actions.insert(random.randrange(1, len(actions) + 1), action)


def _break_creates(actions: list[Action], random: Random) -> None:
    """Let creates alone be broken for hours while links wait; all else stays as it was."""
    fault = Action(
        Do.FAULT,
        _seconds(random, 0.01, 10.0),
        length_s=_seconds(random, 60.0, 86_400.0),
        trouble=random.choice(BROKEN_CREATES),
        creates_only=True,
    )
    wait = Action(Do.WAIT, 0.0, length_s=_seconds(random, 60.0, 7200.0))
    place = random.randrange(1, len(actions) + 1)
    actions[place:place] = [fault, Action(Do.ADD, 0.01, random.randint(2, 5)), wait]


def _insert_lock_loss(actions: list[Action], random: Random) -> None:
    """Let somebody delete the lock in between; all else stays as it was."""
    after_s, length_s = _seconds(random, 0.01, 30.0), _seconds(random, 1.0, 600.0)
    loss = Action(Do.LOSE_LOCK, after_s, length_s=length_s)
    actions.insert(random.randrange(1, len(actions) + 1), loss)


def _insert_damage(actions: list[Action], random: Random) -> None:
    """Let the disk spoil a file beside a kill in between; all else stays as it was."""
    for _ in range(random.randint(1, 3)):
        damage = Action(Do.DAMAGE, _seconds(random, 0.01, 30.0), int(_seconds(random, 1, 80)))
        place = random.randrange(1, len(actions) + 1)
        actions[place:place] = [Action(Do.ADD, 0.01, random.randint(1, 3)), damage]


def _action(random: Random) -> Action:
    do = random.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    return Action(
        do,
        after_s=_seconds(random, 0.01, random.choice((1.0, 10.0, 300.0))),
        number=int(_seconds(random, 1, 80)) if do in KILLS else random.randint(1, 5),
        length_s=_seconds(random, 1.0, random.choice((60.0, 3600.0, 3 * 86_400.0))),
        trouble=random.choice(list(Trouble)),
        share=random.choice((0.3, 1.0, 1.0)),
    )


def _seconds(random: Random, least: float, most: float) -> float:
    """Draw a time; every order of magnitude is equally likely."""
    return exp(random.uniform(log(least), log(most)))
