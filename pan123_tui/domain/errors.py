"""What can go wrong, as one tree of exceptions and one value that a task or the status bar keeps.

Pan123Error
├── ServiceError            the service answered, and the answer is no
│   ├── RateLimited         429 in any of its forms: slow down, try again
│   ├── TooManyTasks        its cap on running tasks is reached: keep the link queued
│   ├── LinkUnreadable      解析失败: it could not read the link
│   ├── TokenRefused        401: expired, unknown, or pushed out by a newer token
│   ├── TaskUnknown         it does not know the taskID
│   ├── QuotaExhausted      the account's traffic or quota is used up
│   ├── AccountBlocked      the account may not use the API now
│   ├── ServiceUnavailable  it is ill, or a gateway answers in its place
│   ├── FolderMissing       the target folder is gone
│   └── Refused             any other code: read the message
├── NetworkError
│   ├── NotReached          surely nothing was sent: refused, DNS, TLS, connect time-out
│   └── AnswerLost          it may have been sent: read time-out, cut connection
├── BadAnswer               an answer that is not the API's: HTML, cut, wrong types
├── AccountMissing          no token and no client id are configured
├── SettingsInvalid         a setting or variable has an unusable value
└── StoreError
    ├── StoreLocked         another process holds the data folder
    ├── StoreNewer          written by a newer version of the program
    └── StoreUnwritable     disk full, read-only, no permission
"""

from enum import StrEnum
from typing import ClassVar

from msgspec import Struct


class ProblemKind(StrEnum):
    """What went wrong, as a word that is stored with a task and translated where it is shown."""

    RATE_LIMITED = "rate_limited"
    TOO_MANY_TASKS = "too_many_tasks"
    LINK_NOT_PARSED = "link_unreadable"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a word, not a secret
    TASK_UNKNOWN = "task_unknown"
    OTHER_ACCOUNT = "other_account"
    """The task belongs to another account than the one in use."""
    QUOTA_EXHAUSTED = "quota_exhausted"
    ACCOUNT_BLOCKED = "account_blocked"
    SERVICE_UNAVAILABLE = "service_unavailable"
    FOLDER_MISSING = "folder_missing"
    REQUEST_REJECTED = "refused"
    REQUEST_NOT_SENT = "not_reached"
    RESPONSE_LOST = "answer_lost"
    INVALID_RESPONSE = "bad_answer"
    ACCOUNT_MISSING = "account_missing"
    SETTINGS_INVALID = "settings_invalid"
    INTERRUPTED = "interrupted"
    """The program ended between the POST and its answer."""
    STORE_LOCKED = "store_locked"
    STORE_UNLOCKED = "store_unlocked"
    """The data folder allows no locks, so nothing keeps a second program out."""
    STORE_VERSION_TOO_NEW = "store_newer"
    STORE_UNWRITABLE = "store_unwritable"
    STORE_DAMAGED = "store_damaged"
    """The store could not be read; it was set aside and the backup, if any, is in use."""
    INBOX_UNUSABLE = "inbox_unusable"
    """Other processes cannot hand anything to this one."""
    CALLBACK_UNUSABLE = "callback_unusable"
    """The callback receiver cannot listen where it should."""
    INTERNAL = "internal"
    """A fault of this program."""


class Problem(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why something did not work, kept with a task or shown in the status bar."""

    kind: ProblemKind
    message: str = ""
    """The service's or the system's own words, as they came: outside text, never markup."""
    code: int | None = None
    """The code of the service's answer, or the HTTP status where the body had none."""
    trace_id: str = ""
    """The service's `x-traceID`, which its support asks for."""


class Pan123Error(Exception):
    """Everything that this program raises on purpose; `problem` says the same as a value."""

    kind: ClassVar[ProblemKind] = ProblemKind.INTERNAL

    def __init__(self, message: str = "", *, code: int | None = None, trace_id: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(self.kind, message, code, trace_id)


class ServiceError(Pan123Error):
    """The service answered, and the answer is no; `problem` has code, message and trace id."""


class RateLimited(ServiceError):
    """Too many requests (code or HTTP 429, 42902, 42903, or its words for it)."""

    kind = ProblemKind.RATE_LIMITED


class TooManyTasks(ServiceError):
    """The service's cap on tasks running at once is reached."""

    kind = ProblemKind.TOO_MANY_TASKS


class LinkNotParsed(ServiceError):
    """The service could not read the link (`解析失败`)."""

    kind = ProblemKind.LINK_NOT_PARSED


class TokenRefused(ServiceError):
    """The access token is expired, unknown, or was pushed out by a newer one (code 401)."""

    kind = ProblemKind.TOKEN_REFUSED


class TaskUnknown(ServiceError):
    """The service does not know the taskID."""

    kind = ProblemKind.TASK_UNKNOWN


class QuotaExhausted(ServiceError):
    """The traffic or quota of the account is used up: no link can be sent now."""

    kind = ProblemKind.QUOTA_EXHAUSTED


class AccountBlocked(ServiceError):
    """The account may not use the API now, such as after its developer package has run out."""

    kind = ProblemKind.ACCOUNT_BLOCKED


class ServiceUnavailable(ServiceError):
    """The service is ill, or its gateway refused the request before the service saw it."""

    kind = ProblemKind.SERVICE_UNAVAILABLE


class FolderMissing(ServiceError):
    """The target folder does not exist any more."""

    kind = ProblemKind.FOLDER_MISSING


class RequestRejected(ServiceError):
    """The service said no for another reason: its message tells."""

    kind = ProblemKind.REQUEST_REJECTED


class NetworkError(Pan123Error):
    """The request or its answer did not get through."""


class RequestNotSent(NetworkError):
    """The service was not reached, and surely nothing was sent."""

    kind = ProblemKind.REQUEST_NOT_SENT


class ResponseLost(NetworkError):
    """The request may have reached the service, but no answer came."""

    kind = ProblemKind.RESPONSE_LOST


class InvalidResponse(Pan123Error):
    """What came back is not an answer of the API: HTML, empty, cut, or of the wrong types."""

    kind = ProblemKind.INVALID_RESPONSE

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        trace_id: str = "",
        may_have_taken_effect: bool = True,
    ) -> None:
        super().__init__(message, code=code, trace_id=trace_id)
        self.may_have_acted = may_have_taken_effect
        """Whether the service may have done what was asked; False: it surely did not."""


class AccountMissing(Pan123Error):
    """No access token and no client id with its secret are configured."""

    kind = ProblemKind.ACCOUNT_MISSING


class SettingsInvalid(Pan123Error):
    """A setting or an environment variable has a value that cannot be used."""

    kind = ProblemKind.SETTINGS_INVALID


class StoreError(Pan123Error):
    """The data folder does not serve."""


class StoreLocked(StoreError):
    """Another process holds the data folder; `pid` is its id, where known."""

    kind = ProblemKind.STORE_LOCKED

    def __init__(self, message: str = "", *, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class StoreVersionTooNew(StoreError):
    """The data was written by a newer version of the program."""

    kind = ProblemKind.STORE_VERSION_TOO_NEW


class StoreUnwritable(StoreError):
    """Nothing can be written: disk full, read-only, no permission."""

    kind = ProblemKind.STORE_UNWRITABLE
