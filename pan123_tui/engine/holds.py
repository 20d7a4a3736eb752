"""What follows each kind of answer to a create: one table of what waits, how long, and for what."""

from enum import Enum

from msgspec import Struct

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Task, TaskState

Scope = Enum("Scope", "LINK FOLDER QUEUE")
Proof = Enum("Proof", "CREATE CALL")
"""What proves that a wait is over once its time has come: the next create or, before that, a
harmless call, which allows one create."""
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
    proof: Proof = Proof.CREATE
    told: Told = Told.NOBODY
    leaves: TaskState = TaskState.QUEUED
    """What becomes of the link."""
    blames_link: bool = False
    """Whether the link may be the reason: it waits alone if others are taken meanwhile."""
    max_waits: int | None = None
    """The waits after which the link is rejected; None: it never is."""


_E = errors
_L, _F, _Q = Scope
_CALL, _UNSURE = Proof.CALL, TaskState.UNCONFIRMED
_STATUS, _BREAKER = Told.STATUS, Told.BREAKER
_OF_ACCOUNT = (_E.AccountBlocked, _E.QuotaExhausted, _E.ServiceUnavailable)

NOT_SAVED = Rule((_E.StoreUnwritable,), _Q, 5, 5)
NOT_SENT = Rule((_E.RequestNotSent, _E.AccountMissing), _Q, 0, 0, told=_BREAKER)  # which waits
TOO_OFTEN = Rule((_E.RateLimited,), _Q, 1, 60)
NO_PLACE = Rule((_E.TooManyTasks,), _Q, 60, 60)
UNCLEAR = Rule((_E.ResponseLost,), _Q, 5, 5, _CALL, _BREAKER, _UNSURE)
UNCLEAR_AGAIN = Rule((), _Q, 1200, 14_400, _CALL, _BREAKER, _UNSURE)  # each may cost a link
TOKEN = Rule((_E.TokenRefused,), _Q, 30, 600, _CALL, _BREAKER, blames_link=True)
REFUSED = Rule((*_OF_ACCOUNT, _E.InvalidResponse), _Q, 30, 600, _CALL, _STATUS, blames_link=True)
REFUSED_ALONE = Rule((), _L, 60, 3600)  # although others are taken
UNPROVEN = Rule((), _Q, 5, 600, _CALL)  # the harmless call has failed
NOT_PARSED = Rule((_E.LinkNotParsed,), _L, 40, 80, max_waits=2)
FOLDER_GONE = Rule((_E.FolderMissing,), _F, 30, 600)
FOLDER_NOT_MADE = Rule((), _F, 30, 600)
UNKNOWN = Rule((_E.ServiceError,), _Q, 30, 600, _CALL, _STATUS, blames_link=True)
UNEXPECTED = Rule((Exception,), _Q, 30, 600, _CALL, _STATUS)

AFTER_POST = (
    *(NOT_SAVED, NOT_SENT, TOO_OFTEN, NO_PLACE, UNCLEAR, TOKEN, REFUSED, NOT_PARSED, FOLDER_GONE),
    *(UNKNOWN, UNEXPECTED),
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
    rules = AFTER_POST if is_post else BEFORE_POST
    return next(rule for rule in rules if isinstance(error, rule.errors))


class Hold(Struct, frozen=True):
    """One wait in force, also once its time has come, until it is proved over."""

    scope: Scope
    reason: Problem
    until: float
    """When it is tried again, by the monotonic clock."""
    needs_probe: bool = False
    """Whether a harmless call comes first."""


Key = tuple[int | None, str]
"""What is held: a task's id and link, so that an edited link counts as another; or a folder's id
and the name of the one to be made in it."""
QUEUE: Key = (None, "/")  # no folder has this name


def link_key(task: Task) -> Key:
    return task.id, task.url


def folder_key(folder_id: int | None, subfolder: str = "") -> Key:
    return folder_id, subfolder


def key_of(scope: Scope, task: Task) -> Key:
    """Return what waits after an answer to the create of `task`."""
    if scope is Scope.QUEUE:
        return QUEUE
    return link_key(task) if scope is Scope.LINK else folder_key(task.folder_id)
