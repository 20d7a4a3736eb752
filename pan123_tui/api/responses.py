"""What an HTTP response means: the data that was promised, or one of the errors of the tree."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from pan123_tui.api.schemas import Envelope
from pan123_tui.domain.errors import (
    InvalidResponse,
    LinkNotParsed,
    RateLimited,
    RequestRejected,
    ServiceError,
    TaskUnknown,
    TokenRefused,
    TooManyTasks,
)
from pan123_tui.domain.sanitize import redact

OK = 0
LONGEST_MESSAGE = 1000
_LIMITED_CODES = frozenset({429, 42902, 42903})
_WORDS: tuple[tuple[str, int | None, type[ServiceError]], ...] = (
    ("超出最大限制", 2, TooManyTasks),
    ("解析失败", 2, LinkNotParsed),
    ("token is expired", None, TokenRefused),
    ("tokens number has exceeded the limit", None, TokenRefused),
    ("未找到任务id", None, TaskUnknown),
    ("not found task id", None, TaskUnknown),
    ("频繁", None, RateLimited),
    ("请稍后", None, RateLimited),
)
"""Words of a message in lower case, the code that they need (None: any), and what they mean."""
_BROKEN_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

T = TypeVar("T")


def parse_response(
    response: httpx.Response,
    promised: type[T],
    *,
    strict: bool = True,
    tidy: Callable[[str], str] = redact,
) -> T:
    """Give what the call promised; the body decides, whatever the HTTP status is.

    Raises a `ServiceError` where the service said no, its message as `tidy` leaves it, and
    `BadAnswer` where the answer is not the API's.
    """
    envelope = _envelope(response)
    if envelope is None or envelope.code != OK or response.status_code in (401, 429):
        raise _error(response, envelope, tidy)
    try:
        return msgspec.json.decode(envelope.data, type=promised, strict=strict)
    except _BROKEN_JSON as error:
        message = f"an answer without what it promises: {error}"
        raise invalid_response(response, message, trace_id=envelope.trace_id or "") from None


def is_token_refusal(response: httpx.Response) -> bool:
    """Tell whether the service refused the access token, in the body or by the HTTP status."""
    envelope = _envelope(response)
    if envelope is not None and envelope.code == OK and response.status_code != 401:
        return False
    return isinstance(_error(response, envelope, redact), TokenRefused)


def invalid_response(
    response: httpx.Response, message: str, *, trace_id: str = ""
) -> InvalidResponse:
    """Make the error for an answer that is not the API's.

    After a success or a failure inside the service it may have acted; after a redirect or a
    refusal at its door it did not.
    """
    status = response.status_code
    return InvalidResponse(
        message,
        code=status,
        trace_id=trace_id,
        may_have_taken_effect=status < 300 or status >= 500,
    )


def retry_after_s(response: httpx.Response, *, now: float) -> float | None:
    """Read the `Retry-After` header, which is seconds or a date; `now` in Unix seconds."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _envelope(response: httpx.Response) -> Envelope | None:
    try:
        return msgspec.json.decode(response.content, type=Envelope)
    except _BROKEN_JSON:
        return None


def _error(
    response: httpx.Response, envelope: Envelope | None, tidy: Callable[[str], str]
) -> ServiceError | InvalidResponse:
    status = response.status_code
    if envelope is None and status not in (401, 429):
        return invalid_response(response, f"HTTP {status} {response.reason_phrase}".rstrip())
    code = envelope.code if envelope is not None and envelope.code != OK else status
    raw = (envelope.message or "") if envelope is not None else response.reason_phrase
    trace_id = (envelope.trace_id or "") if envelope is not None else ""
    message = tidy(raw)[:LONGEST_MESSAGE]
    meaning = _meaning(code, raw.casefold(), status)
    return meaning(message, code=code, trace_id=trace_id[:LONGEST_MESSAGE])


def _meaning(code: int, message: str, status: int) -> type[ServiceError]:
    """Tell which error a refusal is: by its code, then by its words, the surest first."""
    if status == 429 or code in _LIMITED_CODES:
        return RateLimited
    if 401 in (status, code):
        return TokenRefused
    for words, needed_code, meaning in _WORDS:
        if words in message and needed_code in (None, code):
            return meaning
    return RequestRejected
