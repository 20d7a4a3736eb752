"""The filter expression: `state:failed host:example.com age<2d -name~sample "quoted text"`.

An expression is a row of terms that all must hold; `-` before a term negates it. A term is a
field, an operator and a value, or the word `stalled`, or any word or quoted text, which must then
occur somewhere in the task. Values may be quoted. A link is a word. Every text is an expression:
parts that mean nothing are faults, with their place, and count for nothing.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import eq, ge, gt, le, lt

from msgspec import Struct

from pan123_tui.domain.forecast import forecast, is_stalled
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.search import display_name, searchable_text
from pan123_tui.domain.task import ACTIVE_STATES, FINISHED_STATES, WAITING_STATES, Task, TaskState


class FilterContext(Struct, frozen=True):
    """What a test needs besides the task."""

    now: float
    folder_names: Mapping[int, str]


Predicate = Callable[[Task, FilterContext], bool]


class FilterErrorReason(StrEnum):
    """What is wrong with a part of an expression; worded where it is shown."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_FLAG = "unknown_mark"
    """`is:` something that no task is."""
    VALUE_MISSING = "value_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DURATION = "not_a_span"
    """No span of time, such as 30s, 5m, 2h, 3d or 1w."""
    OPERATOR_MISMATCH = "operator_unfit"
    """Words cannot be greater or less."""
    UNCLOSED_QUOTE = "quote_open"
    NOTHING_NEGATED = "nothing_negated"


class FilterSyntaxError(ValueError):
    """A value or operator does not suit its field."""

    def __init__(self, reason: FilterErrorReason) -> None:
        super().__init__(reason)
        self.reason = reason


FIELDS = (
    "state", "is", "host", "name", "url", "folder", "message",
    "percent", "retries", "id", "age", "checked", "finished", "left",
)  # fmt: skip
"""All fields, as help and completion list them."""
FLAGS = ("stalled", "full", "backwards", "named", "retried")
"""What may follow `is:`; `stalled` also stands alone."""
OPERATORS = ("<=", ">=", "<", ">", "=", ":", "~")
STATE_GROUPS: Mapping[str, frozenset[TaskState]] = {
    **{state.value: frozenset({state}) for state in TaskState},
    "active": ACTIVE_STATES,
    "waiting": WAITING_STATES,
    "finished": FINISHED_STATES,
}
"""What may follow `state:`, several parted by commas."""

_COMPARISONS = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, ":": eq}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw])")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,6})?")
_INTEGER = re.compile(r"\d{1,19}")


def _field(field: str, operator: str, value: str) -> Predicate:
    """Make the test of `field operator value`; raises `Unfit`, and KeyError for no field."""
    make = _FIELD_PARSERS[field]
    if not value:
        raise FilterSyntaxError(FilterErrorReason.VALUE_MISSING)
    return make(operator, value.casefold())


def _word(word: str) -> Predicate:
    """Make the test whether `word` occurs anywhere in a task."""
    folded = word.casefold()
    return lambda task, scene: folded in searchable_text(task, scene.folder_names)


def flag_test(flag: str) -> Predicate | None:
    """Make the test of one of the `FLAGS`."""
    return _FLAG_PREDICATES.get(flag)


_FLAG_PREDICATES: Mapping[str, Predicate] = {
    "stalled": lambda task, _: is_stalled(task),
    "full": lambda task, _: task.is_active and task.percent >= 100,
    "backwards": lambda task, scene: forecast(task, scene.now).went_backwards,
    "named": lambda task, _: bool(task.name),
    "retried": lambda task, _: task.retries > 0,
}


def _flag(operator: str, value: str) -> Predicate:
    _require_text_operator(operator)
    test = flag_test(value)
    if test is None:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_FLAG)
    return test


def _state(operator: str, value: str) -> Predicate:
    _require_text_operator(operator)
    wanted: frozenset[TaskState] = frozenset()
    for word in value.split(","):
        if word not in STATE_GROUPS:
            raise FilterSyntaxError(FilterErrorReason.UNKNOWN_STATE)
        wanted |= STATE_GROUPS[word]
    return lambda task, _: task.state in wanted


def _host(operator: str, value: str) -> Predicate:
    """`:` takes the host and all below it; `~` any part of it."""
    _require_text_operator(operator)
    if operator == "~":
        return lambda task, _: value in host_of(task.url).casefold()
    below = f".{value}"

    def is_there(task: Task, _: FilterContext) -> bool:
        host = host_of(task.url).casefold()
        return host == value or host.endswith(below)

    return is_there


def _folder(operator: str, value: str) -> Predicate:
    """A number is an id; anything else a part of the name."""
    _require_text_operator(operator)
    if operator != "~" and _INTEGER.fullmatch(value):
        number = int(value)
        return lambda task, _: task.folder_id == number
    return lambda task, scene: (
        task.folder_id is not None
        and value in scene.folder_names.get(task.folder_id, "").casefold()
    )


def _text(read: Callable[[Task], str]) -> Callable[[str, str], Predicate]:
    """`:` and `~` take any part, `=` the whole."""

    def make(operator: str, value: str) -> Predicate:
        _require_text_operator(operator)
        if operator == "=":
            return lambda task, _: read(task).casefold() == value
        return lambda task, _: value in read(task).casefold()

    return make


def _number(read: Callable[[Task], float | None]) -> Callable[[str, str], Predicate]:
    def make(operator: str, value: str) -> Predicate:
        if not _NUMBER.fullmatch(value.removesuffix("%")):
            raise FilterSyntaxError(FilterErrorReason.NOT_A_NUMBER)
        return _compare(lambda task, _: read(task), operator, float(value.removesuffix("%")))

    return make


def _duration(read: Callable[[Task, float], float | None]) -> Callable[[str, str], Predicate]:
    def make(operator: str, value: str) -> Predicate:
        parts = _DURATION.fullmatch(value)
        if parts is None:
            raise FilterSyntaxError(FilterErrorReason.NOT_A_DURATION)
        limit = float(parts[1]) * _UNIT_S[parts[2]]
        return _compare(lambda task, scene: read(task, scene.now), operator, limit)

    return make


def _compare(
    read: Callable[[Task, FilterContext], float | None], operator: str, limit: float
) -> Predicate:
    """What is unknown is neither greater nor less."""
    if operator not in _COMPARISONS:
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_MISMATCH)
    compare = _COMPARISONS[operator]

    def test(task: Task, scene: FilterContext) -> bool:
        value = read(task, scene)
        return value is not None and compare(value, limit)

    return test


def _require_text_operator(operator: str) -> None:
    if operator not in (":", "~", "="):
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_MISMATCH)


def _elapsed_s(at: float | None, now: float) -> float | None:
    return None if at is None else now - at


def _message(task: Task) -> str:
    words = task.problem.message if task.problem is not None else ""
    return f"{task.fail_reason}\n{words}" if task.fail_reason else words


_FIELD_PARSERS: Mapping[str, Callable[[str, str], Predicate]] = {
    "state": _state,
    "is": _flag,
    "host": _host,
    "name": _text(lambda task: display_name(task.name, task.url)),
    "url": _text(lambda task: task.url),
    "folder": _folder,
    "message": _text(_message),
    "percent": _number(lambda task: task.percent),
    "retries": _number(lambda task: task.retries),
    "id": _number(lambda task: task.task_id),
    "age": _duration(lambda task, now: now - task.created_at),
    "checked": _duration(lambda task, now: _elapsed_s(task.checked_at, now)),
    "finished": _duration(lambda task, now: _elapsed_s(task.finished_at, now)),
    "left": _duration(lambda task, now: forecast(task, now).eta_s),
}


__all__ = [
    "FIELDS",
    "FLAGS",
    "OPERATORS",
    "Filter",
    "FilterContext",
    "FilterError",
    "FilterErrorReason",
    "Term",
    "parse",
]  # fmt: skip

_TOKEN = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_TERM = re.compile(r"([A-Za-z_]+)(<=|>=|[<>=:~])(?!//)(.*)", re.DOTALL)
_LONE_FLAG = "stalled"


class Term(Struct, frozen=True):
    """A part of an expression that must hold: `text[start:end]`."""

    start: int
    end: int
    is_negated: bool
    predicate: Predicate

    def matches(self, task: Task, context: FilterContext) -> bool:
        return self.predicate(task, context) is not self.is_negated


class FilterError(Struct, frozen=True):
    """A part of an expression that means nothing: underline `text[start:end]`."""

    start: int
    end: int
    reason: FilterErrorReason


class Filter(Struct, frozen=True):
    """A parsed expression."""

    terms: tuple[Term, ...] = ()
    errors: tuple[FilterError, ...] = ()

    def predicate(self, context: FilterContext) -> Callable[[Task], bool]:
        """Give the test whether all terms hold for a task."""
        terms = self.terms
        return lambda task: all(term.matches(task, context) for term in terms)


@lru_cache(maxsize=64)
def parse(text: str) -> Filter:
    """Parse `text`; never raises."""
    terms: list[Term] = []
    faults: list[FilterError] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        is_negated = token.startswith("-")
        try:
            test = _parse_term(token[1:] if is_negated else token)
        except FilterSyntaxError as unfit:
            faults.append(FilterError(match.start(), match.end(), unfit.reason))
        else:
            terms.append(Term(match.start(), match.end(), is_negated, test))
    return Filter(tuple(terms), tuple(faults))


def _parse_term(token: str) -> Predicate:
    """Make the test of a term without its sign; raises `Unfit`."""
    if token.count('"') % 2:
        raise FilterSyntaxError(FilterErrorReason.UNCLOSED_QUOTE)
    lone = flag_test(token.casefold()) if token.casefold() == _LONE_FLAG else None
    if lone is not None:
        return lone
    parts = _TERM.fullmatch(token)
    if parts is None:
        word = token.replace('"', "")
        if not word:
            raise FilterSyntaxError(
                FilterErrorReason.VALUE_MISSING if token else FilterErrorReason.NOTHING_NEGATED
            )
        return _word(word)
    field = parts[1].casefold()
    if field not in FIELDS:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_FIELD)
    return _field(field, parts[2], parts[3].replace('"', ""))
