"""What follows each kind of answer to a create: one table of what waits, how long, and for what."""

from enum import Enum

from msgspec import Struct

from pan123_tui.domain import errors
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.task import Task

Scope = Enum("Scope", "LINK FOLDER QUEUE")
Proof = Enum("Proof", "NOTHING CALL CREATE")
"""What proves that a wait is over once its time has come: nothing, a harmless call (which allows
one create), or a create of the link or into the folder."""


class Rule(Struct, frozen=True):
    """What waits after a kind of answer, how long, and what proves that this is over."""

    errors: tuple[type[Exception], ...]
    """The answer; none where another rule leads to this one."""
    scope: Scope
    first_s: float
    """The longest first wait: chance takes up to half of it away."""
    longest_s: float
    """Where the waits, which double each time in a row, stop growing."""
    proof: Proof = Proof.NOTHING


_E = errors
_L, _F, _Q = Scope
_CALL, _CREATE = Proof.CALL, Proof.CREATE
_OF_ACCOUNT = (_E.AccountBlocked, _E.QuotaExhausted, _E.TokenRefused, _E.ServiceUnavailable)

NOT_SAVED = Rule((_E.StoreUnwritable,), _Q, 5, 5)
NOT_SENT = Rule((_E.RequestNotSent, _E.AccountMissing), _Q, 0, 0)  # as long as the breaker says
TOO_OFTEN = Rule((_E.RateLimited,), _Q, 1, 60)
NO_PLACE = Rule((_E.TooManyTasks,), _Q, 60, 60)
UNCLEAR = Rule((_E.ResponseLost,), _Q, 5, 5, _CALL)  # the service may have the link
UNCLEAR_AGAIN = Rule((), _Q, 1200, 14_400, _CALL)  # so each try may cost one more link
REFUSED = Rule((*_OF_ACCOUNT, _E.InvalidResponse), _Q, 30, 600, _CALL)  # not about the link
REFUSED_ALONE = Rule((), _L, 60, 3600, _CREATE)  # again, although others are taken
UNPROVEN = Rule((), _Q, 5, 600, _CALL)  # the harmless call has failed
NOT_PARSED = Rule((_E.LinkNotParsed,), _L, 40, 80)
FOLDER_GONE = Rule((_E.FolderMissing,), _F, 30, 600, _CREATE)
FOLDER_NOT_MADE = Rule((), _F, 30, 600, _CREATE)
UNKNOWN = Rule((_E.ServiceError,), _Q, 30, 600, _CALL)  # about the link, unless it comes again
UNEXPECTED = Rule((Exception,), _Q, 30, 600, _CALL)

RULES = (
    *(NOT_SAVED, NOT_SENT, TOO_OFTEN, NO_PLACE, UNCLEAR, REFUSED, NOT_PARSED, FOLDER_GONE),
    *(UNKNOWN, UNEXPECTED),
)
"""Those that an error leads to: the first that names its class."""


def rule_of(error: Exception, task: Task) -> Rule:
    """Return what follows an error in the place of the answer to the create of `task`."""
    if isinstance(error, _E.InvalidResponse) and error.may_have_taken_effect:
        return UNCLEAR
    if isinstance(error, _E.FolderMissing) and task.folder_id is None:
        return REFUSED
    return next(rule for rule in RULES if isinstance(error, rule.errors))


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
