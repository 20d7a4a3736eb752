"""Bodies that are not what the specification promises: pure, the right answer in, text out."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pan123_tui.simulator.faults import FaultKind

Answer = dict[str, Any]


def as_text(answer: Any) -> str:
    """Write JSON as the service does; NaN comes out as the bare word."""
    return json.dumps(answer, ensure_ascii=False)


def cut(answer: Answer) -> str:
    """End the JSON in the middle."""
    text = as_text(answer)
    return text[: len(text) // 2]


def _changed(**changes: Any) -> Callable[[Answer], str]:
    return lambda answer: as_text({**answer, **changes})


def _percent(value: Any) -> Callable[[Answer], str]:
    return lambda answer: as_text({**answer, "data": {**(answer["data"] or {}), "process": value}})


def _wrong_types(answer: Answer) -> str:
    data = answer["data"] or {}
    return as_text({**answer, "data": {name: _wrong(value) for name, value in data.items()}})


def _wrong(value: Any) -> Any:
    """Give a word in place of a number, an object in place of a word."""
    return {"unexpected": value} if isinstance(value, str) else "unexpected"


def _without_trace_id(answer: Answer) -> str:
    return as_text({name: value for name, value in answer.items() if name != "x-traceID"})


SPOILT: Mapping[FaultKind, Callable[[Answer], str]] = {
    FaultKind.EMPTY_BODY: lambda _answer: "",
    FaultKind.NOT_JSON: lambda _answer: "<html><body>请登录</body></html>",
    FaultKind.NOT_AN_OBJECT: lambda answer: as_text([answer]),
    FaultKind.CUT_JSON: cut,
    FaultKind.WRONG_TYPES: _wrong_types,
    FaultKind.DATA_NULL: _changed(data=None),
    FaultKind.DATA_EMPTY: _changed(data={}),
    FaultKind.CODE_AS_TEXT: lambda answer: as_text({**answer, "code": str(answer["code"])}),
    FaultKind.PERCENT_150: _percent(150),
    FaultKind.PERCENT_MINUS_3: _percent(-3),
    FaultKind.PERCENT_NAN: _percent(float("nan")),
    FaultKind.PERCENT_TEXT: _percent("85.5"),
    FaultKind.TRACE_ID_MISSING: _without_trace_id,
}
"""For each kind of fault that only changes the body: how it does."""
