"""Turns an HTTP response into the data that the call promises, or into an error of the tree."""

from codecs import BOM_UTF8
from collections.abc import Callable
from typing import TypeVar

import httpx
import msgspec

from pan123_tui.api.schemas import Envelope, text_of
from pan123_tui.domain.errors import (
    InvalidResponse,
    RateLimited,
    RequestRejected,
    ServiceError,
    TokenRefused,
)
from pan123_tui.domain.sanitize import redact
from pan123_tui.domain.service_facts import find_fact

OK = 0
MAX_MESSAGE_LENGTH = 1000
_DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

T = TypeVar("T")


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
    envelope = _decode_envelope(response)
    if envelope is None or envelope.code != OK or response.status_code in (401, 429):
        raise _error(response, envelope, redactor)
    try:
        return msgspec.json.decode(envelope.data, type=data_type, strict=False)
    except _DECODE_ERRORS as error:
        message = f"an answer without what it promises: {error}"
        trace_id = text_of(envelope.trace_id)
        raise InvalidResponse(message, code=response.status_code, trace_id=trace_id) from None


def retry_after_s(response: httpx.Response) -> float | None:
    """Return the seconds of `Retry-After`; None if it is missing or a date."""
    value = response.headers.get("Retry-After", "").strip()
    return float(value) if value.isascii() and value.isdigit() else None


def _body(response: httpx.Response) -> bytes:
    """Return the body in UTF-8, which JSON requires and not every gateway sends."""
    body = response.content.removeprefix(BOM_UTF8)
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace").encode()
    return body


def _decode_envelope(response: httpx.Response) -> Envelope | None:
    try:
        return msgspec.json.decode(_body(response), type=Envelope, strict=False)
    except _DECODE_ERRORS:
        return None


def _error(
    response: httpx.Response, envelope: Envelope | None, redactor: Callable[[str], str]
) -> ServiceError | InvalidResponse:
    status = response.status_code
    if envelope is None or envelope.code is None:
        # The gateway before the service answers in JSON that has a message but no code.
        said = text_of(envelope.message) if envelope else ""
        message = redactor(said or f"HTTP {status} {response.reason_phrase}".rstrip())
        message = message[:MAX_MESSAGE_LENGTH]
        if status not in (401, 403, 429):
            return InvalidResponse(message, code=status)
        return _error_type(status, message, status)(message, code=status)
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
