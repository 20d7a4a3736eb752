"""The errors of the program: exceptions, and `Problem` as their value."""

from enum import Enum, StrEnum, auto
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from pan123_tui.domain.sanitize import encodable, redact

UNSENT = "nothing was sent"
"""What a cancelled request says that had not begun to leave."""
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number from outside: one that messages cannot hold makes its answer invalid."""


class ProblemKind(StrEnum):
    """What went wrong; stored with a task, and worded where it is shown."""

    RATE_LIMITED = "rate_limited"
    TOO_MANY_TASKS = "too_many_tasks"
    RUNNING_LIMIT = "running_limit"
    LINK_NOT_PARSED = "link_unreadable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word, not a secret
    LOGIN_REFUSED = "login_refused"
    LOGIN_DOUBTFUL = "login_doubtful"
    LOGIN_UNSAVED = "login_unsaved"
    BROKER_NOT_REACHED = "broker_not_reached"
    TASK_UNKNOWN = "task_unknown"
    OTHER_ACCOUNT = "other_account"
    FILE_UNKNOWN = "file_unknown"
    QUOTA_EXHAUSTED = "quota_exhausted"
    ACCOUNT_BLOCKED = "account_blocked"
    SERVICE_UNAVAILABLE = "service_unavailable"
    ADDRESS_BLOCKED = "address_blocked"
    FOLDER_MISSING = "folder_missing"
    FOLDER_NOT_MADE = "folder_not_made"
    REQUEST_REJECTED = "refused"
    NAME_REFUSED = "name_refused"
    REQUEST_NOT_SENT = "not_reached"
    ENVIRONMENT_UNUSABLE = "environment_unusable"
    RESPONSE_LOST = "answer_lost"
    INVALID_RESPONSE = "bad_answer"
    TASK_ID_TAKEN = "task_id_taken"
    """Only in files of earlier versions."""
    CREATES_UNCLEAR = "creates_unclear"
    ACCOUNT_MISSING = "account_missing"
    SETTINGS_WAIT = "settings_wait"
    SETTINGS_INVALID = "settings_invalid"
    INTERRUPTED = "interrupted"
    """The engine ended between the POST and its response."""
    STORE_LOCKED = "store_locked"
    STORE_UNLOCKED = "store_unlocked"
    STORE_VERSION_TOO_NEW = "store_newer"
    STORE_UNWRITABLE = "store_unwritable"
    STORE_LOST = "store_lost"
    STORE_DAMAGED = "store_damaged"
    """The store could not be read; it is quarantined, and its backup, if any, is in use."""
    CALLBACK_UNUSABLE = "callback_unusable"
    ARIA2_UNUSABLE = "aria2_unusable"
    ENGINE_LOST = "engine_lost"
    ENGINE_NOT_STARTED = "engine_not_started"
    SOCKET_UNUSABLE = "socket_unusable"
    OTHER_LOGIN = "other_login"
    ENGINE_INCOMPATIBLE = "engine_incompatible"
    LINK_KNOWN = "link_known"
    INTERNAL = "internal"


class Problem(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why something failed, kept with a task or shown in the status bar."""

    kind: ProblemKind
    message: str = ""
    """The message of the service or the system, verbatim: outside text, never markup."""
    code: Int64 | None = None
    """The code of the response, or the HTTP status where the body had none."""
    trace_id: str = ""
    """The `x-traceID` of the response; the service's support asks for it."""
    variable: str = ""
    """The environment variable that holds the account or the proxy in question; empty: none."""

    def __post_init__(self) -> None:
        force_setattr(self, "message", encodable(self.message))


class Pan123Error(Exception):
    """Base of all errors raised by this program; `problem` is the error as a value."""

    kind: ClassVar[ProblemKind] = ProblemKind.INTERNAL

    def __init_subclass__(cls, *, kind: ProblemKind | None = None) -> None:
        """`kind`: that of the class and of those below it which name none."""
        if kind is not None:
            cls.kind = kind
            _BY_KIND[kind] = cls

    def __init__(self, message: str = "", **facts: Any) -> None:
        """`facts` are those of `Problem`."""
        super().__init__(message)
        self.problem = Problem(self.kind, message, **facts)


_BY_KIND: dict[ProblemKind, type[Pan123Error]] = {}


class ServiceError(Pan123Error): ...


class RateLimited(ServiceError, kind=ProblemKind.RATE_LIMITED):
    """429 in any of its forms, or a message that says so."""


class TooManyTasks(ServiceError, kind=ProblemKind.TOO_MANY_TASKS):
    """The cap on running tasks is reached; it says nothing of the link."""


class LinkNotParsed(ServiceError, kind=ProblemKind.LINK_NOT_PARSED): ...


class TokenRefused(ServiceError, kind=ProblemKind.TOKEN_REFUSED): ...


class LoginRefused(TokenRefused, kind=ProblemKind.LOGIN_REFUSED): ...


class TaskUnknown(ServiceError, kind=ProblemKind.TASK_UNKNOWN): ...


class QuotaExhausted(ServiceError, kind=ProblemKind.QUOTA_EXHAUSTED): ...


class AccountBlocked(ServiceError, kind=ProblemKind.ACCOUNT_BLOCKED): ...


class ServiceUnavailable(ServiceError, kind=ProblemKind.SERVICE_UNAVAILABLE):
    """The service is down, or a gateway answers in its place."""


class AddressBlocked(ServiceUnavailable, kind=ProblemKind.ADDRESS_BLOCKED):
    """The gateway refuses the address of this machine's network, often that of a data centre."""


class FolderMissing(ServiceError, kind=ProblemKind.FOLDER_MISSING): ...


class RequestRejected(ServiceError, kind=ProblemKind.REQUEST_REJECTED):
    """Any other code: the message says why."""


class NameRefused(RequestRejected, kind=ProblemKind.NAME_REFUSED):
    """Because of the file's name."""


class NetworkError(Pan123Error): ...


class RequestNotSent(NetworkError, kind=ProblemKind.REQUEST_NOT_SENT): ...


class EnvironmentUnusable(RequestNotSent, kind=ProblemKind.ENVIRONMENT_UNUSABLE): ...


class LoginDoubtful(RequestNotSent, kind=ProblemKind.LOGIN_DOUBTFUL):
    """The answer to a renewal of the login was lost."""


class LoginUnsaved(RequestNotSent, kind=ProblemKind.LOGIN_UNSAVED):
    """The file of the login cannot be used, so it is not renewed."""


class BrokerNotReached(RequestNotSent, kind=ProblemKind.BROKER_NOT_REACHED):
    """The server that renews the login in 123pan's place."""


class ResponseLost(NetworkError, kind=ProblemKind.RESPONSE_LOST):
    """The request may have been sent."""


class InvalidResponse(Pan123Error, kind=ProblemKind.INVALID_RESPONSE):
    """`code` is the HTTP status."""

    @property
    def may_have_taken_effect(self) -> bool:
        """Whether the service may have carried out the request: not after a redirect or 4xx."""
        return not 300 <= (self.problem.code or 0) < 500


class AccountMissing(Pan123Error, kind=ProblemKind.ACCOUNT_MISSING): ...


class SettingsInvalid(Pan123Error, kind=ProblemKind.SETTINGS_INVALID): ...


class ProfileMissing(SettingsInvalid): ...


class StoreError(Pan123Error): ...


class StoreLocked(StoreError, kind=ProblemKind.STORE_LOCKED):
    def __init__(
        self, message: str = "", *, pid: int | None = None, is_silent: bool = False
    ) -> None:
        """`pid`: of the holder, if known; `is_silent`: its socket does not answer."""
        super().__init__(message)
        self.pid = pid
        self.is_silent = is_silent


class StoreVersionTooNew(StoreError, kind=ProblemKind.STORE_VERSION_TOO_NEW): ...


class StoreUnwritable(StoreError, kind=ProblemKind.STORE_UNWRITABLE): ...


class StoreUnlocked(StoreUnwritable, kind=ProblemKind.STORE_UNLOCKED): ...


class StoreLost(StoreUnwritable, kind=ProblemKind.STORE_LOST): ...


class EngineError(Pan123Error): ...


class LinkKnown(EngineError, kind=ProblemKind.LINK_KNOWN): ...


class EngineLost(EngineError, kind=ProblemKind.ENGINE_LOST):
    """It cannot be reached, and an answer may be lost."""


class SocketUnusable(Pan123Error, kind=ProblemKind.SOCKET_UNUSABLE): ...


class OtherAccount(EngineError, kind=ProblemKind.OTHER_LOGIN):
    """The engine uses another account than this environment; names the variable."""


class EngineNotStarted(EngineLost, kind=ProblemKind.ENGINE_NOT_STARTED):
    """The message is what it said last."""


class EngineAbsent(EngineLost):
    def __init__(self) -> None:
        super().__init__("no engine runs on the data folder")


class RequestTrouble(StrEnum):
    """Why a request came to nothing, as far as we know: the message of a problem."""

    NO_SUCH_HOST = auto()
    BAD_CERTIFICATE = auto()
    REFUSED = auto()
    TIMED_OUT = auto()
    PROXY_ADDRESS = auto()
    CUT_OFF = auto()
    TOKEN_IS_NEW = auto()
    TOKEN_LOCKED = auto()
    TOKEN_UNUSABLE = auto()
    RENEWAL_ADDRESS = auto()


class HostTrouble(Enum):
    """Why the engine on another machine was not reached."""

    NO_SSH = auto()
    SSH_FAILED = auto()
    NO_PROGRAM = auto()
    OTHER_VERSION = auto()
    ENDED = auto()
    """Or something else ran or printed too much in its place."""


class HostUnreachable(EngineLost):
    def __init__(
        self,
        trouble: HostTrouble,
        *,
        host: str,
        command: str = "",
        message: str = "",
        version: str = "",
    ) -> None:
        """`command` is what the user can try; `version` that of the program there, if known."""
        super().__init__(message or f"{host}: {trouble.name}")
        self.trouble = trouble
        self.host = host
        self.command = command or f"ssh {host}"
        self.version = version


class EngineIncompatible(EngineError, kind=ProblemKind.ENGINE_INCOMPATIBLE): ...


def error_of(problem: Problem) -> Pan123Error:
    """Return the error that has the value `problem`, to raise it in another process."""
    error = _BY_KIND.get(problem.kind, Pan123Error)(problem.message)
    error.problem = problem
    return error


def problem_of(error: Exception) -> Problem:
    """Return an error as its value; one that is not of this program is a bug in it."""
    if isinstance(error, Pan123Error):
        return error.problem
    return Problem(ProblemKind.INTERNAL, redact(f"{type(error).__name__}: {error}"))


GENERAL_REFUSALS = (AccountBlocked, QuotaExhausted, RateLimited, ServiceUnavailable, TokenRefused)
"""Refusals that say nothing about what was asked for."""
ACCOUNT_REFUSALS = (ServiceError, LoginDoubtful)
"""After these a new account is not saved: it would replace one that may work."""
