"""The promises about doubtful answers, which pause the queue instead of ending a link."""

from bisect import bisect
from collections import Counter, defaultdict
from itertools import pairwise

from tests.simulation.service import ACCOUNT_WIDE, FakeService, Fault, Post, Trouble
from tests.simulation.truth import Truth

UNCLEAR = frozenset(
    {Trouble.ANSWER_LOST, Trouble.REQUEST_LOST, Trouble.SILENT, Trouble.HTML, Trouble.CUT}
)
"""Troubles after which it is unknown whether a task was created."""
DISTRUST_S = 600.0
MISSES, MISSES_FOR_S = 5, 300.0
BETWEEN_RUNS_S = 60.0
"""What may count of the time between two runs where the clock was set meanwhile."""
MOST_PROBES_IN_TEN_MINUTES = 15


def judge_hold(truth: Truth, service: FakeService) -> None:
    """Judge a whole run."""
    _judge_refusals(truth)
    _judge_missing(truth, service)
    for (life, fault), posts in _met_in_one_life(service).items():
        pokes = truth.pokes[life]
        if fault.creates_only and fault.trouble in UNCLEAR:
            own = (post for post in service.posts if post.life == life)
            readable = [post.at for post in own if is_readable(post)]
            soon = [
                bisect(readable, a.at)  # after a readable answer they count anew
                for a, b in pairwise(post for post in posts if not post.is_refused)
                if b.at - a.at < DISTRUST_S and bisect(readable, a.at) == bisect(readable, b.at)
            ]
            words = "creates that alone are broken cost two links, then one in ten minutes"
            most = max(Counter(soon).values(), default=0)
            truth.require(most <= 1 + pokes, words, (fault, soon, readable))
        elif fault.trouble in UNCLEAR:
            unproven = [
                (a.at, b.at)
                for a, b in pairwise(posts)
                if not any(a.at < at < b.at for at in service.told_at)
            ]  # a harmless call that another fault met instead proves that one may be tried
            truth.require(
                len(unproven) <= pokes, "one trouble leaves one link unconfirmed", (fault, unproven)
            )
        if fault.trouble in ACCOUNT_WIDE:
            early = [post for post in posts if post.at < posts[0].at + 600.0]
            is_seldom = len(early) <= MOST_PROBES_IN_TEN_MINUTES + pokes
            truth.require(is_seldom, "an account that is refused is probed now and then", fault)


def _judge_refusals(truth: Truth) -> None:
    """No link is rejected for what says nothing of it."""
    for link in truth.links.values():
        innocent = ACCOUNT_WIDE | {Trouble.FOLDER_GONE}
        if link.is_rejected and link.posts and (fault := link.posts[-1].fault):
            is_fair = fault.trouble not in innocent
            truth.require(is_fair, "no link is rejected for its account or folder", link.number)


def is_readable(post: Post) -> bool:
    """Return whether the service's own answer to `post` came."""
    return post.fault is None or post.fault.trouble not in UNCLEAR


def _judge_missing(truth: Truth, service: FakeService) -> None:
    """A task is missing after some misses over some minutes, not at the first."""
    for task_id, at in truth.missing_at.items():
        maker = service.tasks[task_id].maker
        if task_id in service.strange and maker is not None and maker.told_at is None:
            continue  # it could not know that the task is another account's
        misses = [miss for miss in service.misses.get(task_id, []) if miss <= at]
        # After a jump each start, and each jump, may count as a minute.
        jumps = truth.clock_jumps
        set_s = BETWEEN_RUNS_S * (truth.life - 1 + jumps) if jumps else 0.0
        is_sure = len(misses) >= MISSES and misses[-1] - misses[0] >= MISSES_FOR_S - set_s
        truth.require(is_sure, "a task is not missing at once", (task_id, misses))


def _met_in_one_life(service: FakeService) -> dict[tuple[int, Fault], list[Post]]:
    """Return the posts that met the same certain fault without a restart between them."""
    met: defaultdict[tuple[int, Fault], list[Post]] = defaultdict(list)
    for post in service.posts:
        if post.fault is not None and post.fault.share == 1.0:
            met[post.life, post.fault].append(post)
    return met
