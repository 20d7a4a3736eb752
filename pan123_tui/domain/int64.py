"""Whole numbers from outside: 64 bits, which the messages to a screen can hold."""

from typing import Annotated, Any

from msgspec import Meta

_LEAST, _GREATEST = -(2**63), 2**63 - 1
Int64 = Annotated[int, Meta(ge=_LEAST, le=_GREATEST)]
"""A number that does not fit makes its answer, file or message an invalid one."""
PositiveInt64 = Annotated[int, Meta(gt=0, le=_GREATEST)]


def without_greater(value: Any) -> Any:
    """Return decoded JSON without the fields whose numbers do not fit into 64 bits."""
    match value:
        case dict():
            return {key: without_greater(item) for key, item in value.items() if _fits(item)}
        case list():
            return [without_greater(item) for item in value]
    return value


def _fits(value: object) -> bool:
    return not isinstance(value, int) or _LEAST <= value <= _GREATEST
