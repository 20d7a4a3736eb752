"""An ordinary month: batches, corrections and restarts on every day, trouble on one in eight."""

from math import exp, log
from random import Random

from tests.simulation.scenario import Action, Do, Scenario
from tests.simulation.service import Trouble

DAYS = 30
HOUR_S = AWAKE_S = 3600.0
SMALLEST_BATCH, LARGEST_BATCH = 5, 300
CHORES = (Do.EDIT, Do.RETRY, Do.RETRY_UNCONFIRMED, Do.REMOVE, Do.RESTORE, Do.MOVE, Do.POLL_NOW)
TROUBLES = (
    Trouble.UNREACHABLE,
    Trouble.ANSWER_LOST,
    Trouble.SLOW,
    Trouble.TOO_OFTEN,
    Trouble.BUSY,
    Trouble.GATEWAY,
)
"""What an ordinary connection and service meet at times."""
Times = list[tuple[float, Action]]
"""Actions and their hours of the day."""


def month_of(seed: int) -> Scenario:
    """Return the month number `seed`; in every second one the account is changed at times."""
    random = Random(f"month {seed}")
    actions, before = [], 0.0
    for day in range(DAYS):
        for hour, action in sorted(_day(random, changes_account=seed % 2 == 1), key=_hour):
            actions += [*_pause((24 * day + hour - before) * HOUR_S), action]
            before = 24 * day + hour
    return Scenario(
        seed,
        tuple(actions),
        has_client_pair=random.random() < 0.5,
        has_callbacks=random.random() < 0.5,
        retry_times=random.randint(0, 3),
        max_running=random.choice((0, 20)),
        is_ordinary=True,
    )


def _pause(seconds: float) -> list[Action]:
    """Let the machine sleep for all but an hour of a long time in which the user does nothing."""
    asleep = Action(Do.SUSPEND, 0.0, length_s=seconds - AWAKE_S)
    awake = Action(Do.WAIT, 0.0, length_s=min(seconds, AWAKE_S))
    return [awake, asleep] if seconds > AWAKE_S else [awake]


def _hour(timed: tuple[float, Action]) -> float:
    return timed[0]


def _day(random: Random, *, changes_account: bool) -> Times:
    def by_day(do: Do, number: int = 1) -> tuple[float, Action]:
        return random.uniform(8.0, 20.0), Action(do, 0.01, number)

    sizes = [log(SMALLEST_BATCH), log(LARGEST_BATCH)]
    day = [
        by_day(Do.ADD, int(exp(random.uniform(*sizes))))
        for _ in range(random.choice((0, 0, 1, 1, 2)))
    ]
    day += [
        by_day(random.choice(CHORES), random.randint(1, 20)) for _ in range(random.randint(1, 6))
    ]
    if random.random() < 0.3:
        day.append(by_day(Do.BROWSER, random.randint(1, 5)))
    if random.random() < 0.2:
        day += [
            (at := by_day(Do.PAUSE)),
            (at[0] + random.uniform(0.1, 4.0), Action(Do.RESUME, 0.01)),
        ]
    if random.random() < 0.3:
        day.append(by_day(Do.STOP))
    if random.random() < 0.1:
        day.append(by_day(Do.SETTINGS, random.randint(0, 50)))
    if changes_account and random.random() < 0.1:
        day += [by_day(Do.SWITCH_ACCOUNT), (21.0, Action(Do.SWITCH_ACCOUNT, 0.01))]
    return day + (_trouble(random) if random.random() < 0.125 else [])


def _trouble(random: Random) -> Times:
    """Return what goes wrong on a bad day: the line, the service, the disk or the machine."""
    at, hours = random.uniform(8.0, 18.0), random.uniform(0.05, 3.0)
    fault = Action(Do.FAULT, 0.01, length_s=hours * HOUR_S, trouble=random.choice(TROUBLES))
    full, free = Action(Do.DISK_FULL, 0.01), (at + hours, Action(Do.DISK_FREE, 0.01))
    killed = Action(random.choice((Do.KILL, Do.POWER_CUT)), 0.01, random.randint(1, 80))
    return random.choice(([(at, fault)], [(at, full), free], [(at, killed)]))
