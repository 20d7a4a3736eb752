"""Request and response bodies in the service's spelling, and the errors that responses mean."""

import math
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any, TypeVar

import httpx
import msgspec

from pan123_tui.domain.errors import (
    Int64,
    InvalidResponse,
    RateLimited,
    RequestRejected,
    ServiceError,
    TokenRefused,
)
from pan123_tui.domain.events import Account
from pan123_tui.domain.folders import FileEntry, Folder, FolderPage
from pan123_tui.domain.progress import Progress
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import find_fact

OK = 0
MAX_MESSAGE_LENGTH = 1000
SERVICE_ZONE = timezone(timedelta(hours=8))
"""China's time: the zone of those of the service's times that name none."""
_PositiveInt64 = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
_FOLDER_TYPE = 1
_MAX_UNBLOCKED_STATUS = 100
"""A file whose `status` is higher was blocked by the service's review."""
_HALF_CHARACTER = re.compile(rb"(\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")
"""An escape that stands for no character, outside the first group."""
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_NULL = msgspec.Raw(b"null")

T = TypeVar("T")


class SecretStruct(msgspec.Struct, frozen=True):
    """A struct that may hold a secret, so its repr shows its name only."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class Envelope(SecretStruct, frozen=True):
    """The object around every response; success is `code` 0, and the rest only decorates."""

    code: Int64 | None = None
    message: msgspec.Raw = _NULL
    data: msgspec.Raw = _NULL
    trace_id: msgspec.Raw = msgspec.field(name="x-traceID", default=_NULL)


class TokenRequest(SecretStruct, frozen=True):
    """Body of `POST /api/v1/access_token`."""

    clientID: str  # noqa: N815 - the service's spelling
    clientSecret: str  # noqa: N815


class TokenResponse(SecretStruct, frozen=True):
    """Data of `POST /api/v1/access_token`; `expiredAt` is an ISO 8601 time."""

    accessToken: str  # noqa: N815
    expiredAt: str  # noqa: N815


class CreateTaskRequest(SecretStruct, frozen=True, omit_defaults=True):
    """Body of `POST /api/v1/offline/download`, where unset optional fields are left out."""

    url: str
    fileName: str = ""  # noqa: N815
    dirID: int = 0  # noqa: N815
    callBackUrl: str = ""  # noqa: N815


class CreateTaskResponse(msgspec.Struct, frozen=True):
    """Data of `POST /api/v1/offline/download`."""

    taskID: _PositiveInt64  # noqa: N815


class TaskProgress(msgspec.Struct, frozen=True):
    """Data of `GET /api/v1/offline/download/process`."""

    process: float
    status: Int64

    def __post_init__(self) -> None:
        if not math.isfinite(self.process):  # a number that came as text may be one of these
            raise ValueError("a percentage that is no number")

    def progress(self) -> Progress:
        """Return the progress as a value, with the percentage clamped to 0–100."""
        return Progress(min(100.0, max(0.0, self.process)), self.status)


class UserInfo(msgspec.Struct, frozen=True):
    """Data of `GET /api/v1/user/info`, without its private fields; space in bytes."""

    uid: Int64
    nickname: str = ""
    spaceUsed: Int64 = 0  # noqa: N815
    spacePermanent: Int64 = 0  # noqa: N815
    spaceTemp: Int64 = 0  # noqa: N815
    developerInfo: Any = None  # noqa: N815 - with `endTime`, but not for every account

    def account(self) -> Account:
        total = max(0, self.spacePermanent + self.spaceTemp)
        info = self.developerInfo if isinstance(self.developerInfo, dict) else {}
        ends_at = parse_time(str(info.get("endTime", "")))
        # Without a package, the service may send a time in the year 1.
        until = ends_at if ends_at is not None and ends_at > 0 else None
        return Account(self.uid, self.nickname, self.spaceUsed, total, until)


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What the calls below say of a file (`type` 0) or folder (1)."""

    filename: str
    type: Int64
    size: Int64 = 0
    trashed: Int64 = 0
    status: Int64 = 0
    createAt: str = ""  # noqa: N815

    def entry(self, entry_id: int, parent_id: int) -> Folder | FileEntry:
        if self.type == _FOLDER_TYPE:
            return Folder(entry_id, self.filename, parent_id, self.trashed != 0)
        created_at, is_blocked = parse_time(self.createAt), self.status > _MAX_UNBLOCKED_STATUS
        return FileEntry(entry_id, self.filename, parent_id, self.size, created_at, is_blocked)


class ListedFile(_Entry, frozen=True, kw_only=True):
    """An entry in the data of `GET /api/v2/file/list`."""

    fileId: Int64  # noqa: N815
    parentFileId: Int64 = 0  # noqa: N815


class FileList(msgspec.Struct, frozen=True):
    """Data of `GET /api/v2/file/list`; an empty list may come as null."""

    fileList: list[ListedFile] | None  # noqa: N815
    lastFileId: Int64 = -1  # noqa: N815

    def page(self, *, asked_after: int) -> FolderPage:
        """Return it as a page without the trash; `asked_after` is the `lastFileId` of the request.

        The last page has `lastFileId` -1, 0 or the requested one again, or no entries.
        """
        listed = self.fileList or []
        entries = [it.entry(it.fileId, it.parentFileId) for it in listed if it.trashed == 0]
        is_last = not listed or self.lastFileId in (-1, 0, asked_after)
        return FolderPage(
            folders=tuple(entry for entry in entries if isinstance(entry, Folder)),
            files=tuple(entry for entry in entries if isinstance(entry, FileEntry)),
            next_id=None if is_last else self.lastFileId,
        )


class FileDetail(_Entry, frozen=True, kw_only=True):
    """Data of `GET /api/v1/file/detail`; its id is that of the request."""

    parentFileID: Int64 = 0  # noqa: N815


class CreateFolderResponse(msgspec.Struct, frozen=True):
    """Data of `POST /upload/v1/file/mkdir`."""

    dirID: _PositiveInt64  # noqa: N815


class DownloadInfo(SecretStruct, frozen=True):
    """Data of `GET /api/v1/file/download_info`: a link that needs no login."""

    downloadUrl: Annotated[str, msgspec.Meta(pattern=r"\Ahttps?://[!-~]+\Z")]  # noqa: N815


def parse_response(
    response: httpx.Response,
    data_type: type[T],
    *,
    redactor: Callable[[str], str] = redact,
) -> T:
    """Return the `data` of a successful response as `data_type`.

    The body's `code` decides, since the service sends most errors with HTTP 200; only the statuses
    401 and 429 are errors by themselves. Raises a `ServiceError` if the service refused, and
    `InvalidResponse` if the response is not the API's. Numbers may come as text, as the service now
    and then sends them. `redactor` removes secrets from the message; being a function, it shows
    none in a crash report's local variables.
    """
    envelope = _envelope(response)  # not here: a crash report would show the body
    if envelope.code != OK or response.status_code in (401, 429):
        raise _error(response, envelope, redactor)
    try:
        return msgspec.json.decode(envelope.data, type=data_type, strict=False)
    except _DECODE_ERRORS as error:
        message = f"an answer without what it promises: {error}"
        trace_id = text_of(envelope.trace_id)
        raise InvalidResponse(message, code=response.status_code, trace_id=trace_id) from None


def _envelope(response: httpx.Response) -> Envelope:
    body = response.content.removeprefix(BOM_UTF8)
    try:
        body.decode()
    except UnicodeDecodeError:  # JSON requires UTF-8, which not every gateway sends
        body = body.decode("gb18030", errors="replace").encode()
    body = _HALF_CHARACTER.sub(lambda found: found[1] or rb"\ufffd", body)
    try:
        return msgspec.json.decode(body, type=Envelope, strict=False)
    except _DECODE_ERRORS:
        return Envelope()


def retry_after_s(response: httpx.Response) -> float | None:
    """Return the seconds of `Retry-After`; None if it is missing or a date."""
    value = response.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _error(
    response: httpx.Response, envelope: Envelope, redactor: Callable[[str], str]
) -> ServiceError | InvalidResponse:
    status = response.status_code
    if envelope.code is None:
        # The gateway before the service answers in JSON that has a message but no code.
        said = text_of(envelope.message)
        shown = said or f"HTTP {status} {response.reason_phrase}".rstrip()
        message = redactor(shown)[:MAX_MESSAGE_LENGTH]
        if status not in (401, 403, 429):
            return InvalidResponse(message, code=status)
        return _error_type(status, said or response.text, status)(message, code=status)
    code = status if envelope.code == OK else envelope.code
    raw = text_of(envelope.message)
    error_type = _error_type(code, raw, status)
    trace_id = text_of(envelope.trace_id)[:MAX_MESSAGE_LENGTH]
    return error_type(redactor(raw)[:MAX_MESSAGE_LENGTH], code=code, trace_id=trace_id)


def _error_type(code: int, message: str, status: int) -> type[ServiceError]:
    if status == 429:
        return RateLimited
    if 401 in (status, code):
        return TokenRefused
    fact = find_fact(code, message, http_status=status)
    return fact.error if fact else RequestRejected


def text_of(value: msgspec.Raw) -> str:
    """Return a value that should be text: any other value as JSON, null as ""."""
    try:
        return msgspec.json.decode(value, type=str | None) or ""
    except msgspec.ValidationError:
        return bytes(value).decode()


def parse_time(text: str) -> float | None:
    """Return a time of the service in Unix seconds, None if `text` is not a time."""
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=SERVICE_ZONE)).timestamp()
    except (ValueError, OverflowError):
        return None
