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
from pan123_tui.domain.search import searched_text, shown_name
from pan123_tui.domain.task import ACTIVE_STATES, FINISHED_STATES, WAITING_STATES, Task, TaskState


class FilterContext(Struct, frozen=True):
    """What a test needs besides the task."""

    now: float
    folder_names: Mapping[int, str]


Test = Callable[[Task, FilterContext], bool]


class FilterErrorReason(StrEnum):
    """What is wrong with a part of an expression; worded where it is shown."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_MARK = "unknown_mark"
    """`is:` something that no task is."""
    VALUE_MISSING = "value_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_SPAN = "not_a_span"
    """No span of time, such as 30s, 5m, 2h, 3d or 1w."""
    OPERATOR_UNFIT = "operator_unfit"
    """Words cannot be greater or less."""
    QUOTE_OPEN = "quote_open"
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
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw])")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,6})?")
_INTEGER = re.compile(r"\d{1,19}")


def field_test(field: str, operator: str, value: str) -> Test:
    """Make the test of `field operator value`; raises `Unfit`, and KeyError for no field."""
    make = _MAKERS[field]
    if not value:
        raise FilterSyntaxError(FilterErrorReason.VALUE_MISSING)
    return make(operator, value.casefold())


def word_test(word: str) -> Test:
    """Make the test whether `word` occurs anywhere in a task."""
    folded = word.casefold()
    return lambda task, scene: folded in searched_text(task, scene.folder_names)


def flag_test(flag: str) -> Test | None:
    """Make the test of one of the `FLAGS`."""
    return _FLAG_TESTS.get(flag)


_FLAG_TESTS: Mapping[str, Test] = {
    "stalled": lambda task, _: is_stalled(task),
    "full": lambda task, _: task.is_active and task.percent >= 100,
    "backwards": lambda task, scene: forecast(task, scene.now).went_backwards,
    "named": lambda task, _: bool(task.name),
    "retried": lambda task, _: task.retries > 0,
}


def _flag(operator: str, value: str) -> Test:
    _need_words(operator)
    test = flag_test(value)
    if test is None:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_MARK)
    return test


def _state(operator: str, value: str) -> Test:
    _need_words(operator)
    wanted: frozenset[TaskState] = frozenset()
    for word in value.split(","):
        if word not in STATE_GROUPS:
            raise FilterSyntaxError(FilterErrorReason.UNKNOWN_STATE)
        wanted |= STATE_GROUPS[word]
    return lambda task, _: task.state in wanted


def _host(operator: str, value: str) -> Test:
    """`:` takes the host and all below it; `~` any part of it."""
    _need_words(operator)
    if operator == "~":
        return lambda task, _: value in host_of(task.url).casefold()
    below = f".{value}"

    def is_there(task: Task, _: FilterContext) -> bool:
        host = host_of(task.url).casefold()
        return host == value or host.endswith(below)

    return is_there


def _folder(operator: str, value: str) -> Test:
    """A number is an id; anything else a part of the name."""
    _need_words(operator)
    if operator != "~" and _INTEGER.fullmatch(value):
        number = int(value)
        return lambda task, _: task.folder_id == number
    return lambda task, scene: (
        task.folder_id is not None
        and value in scene.folder_names.get(task.folder_id, "").casefold()
    )


def _text(read: Callable[[Task], str]) -> Callable[[str, str], Test]:
    """`:` and `~` take any part, `=` the whole."""

    def make(operator: str, value: str) -> Test:
        _need_words(operator)
        if operator == "=":
            return lambda task, _: read(task).casefold() == value
        return lambda task, _: value in read(task).casefold()

    return make


def _number(read: Callable[[Task], float | None]) -> Callable[[str, str], Test]:
    def make(operator: str, value: str) -> Test:
        if not _NUMBER.fullmatch(value.removesuffix("%")):
            raise FilterSyntaxError(FilterErrorReason.NOT_A_NUMBER)
        return _compared(lambda task, _: read(task), operator, float(value.removesuffix("%")))

    return make


def _span(read: Callable[[Task, float], float | None]) -> Callable[[str, str], Test]:
    def make(operator: str, value: str) -> Test:
        parts = _SPAN.fullmatch(value)
        if parts is None:
            raise FilterSyntaxError(FilterErrorReason.NOT_A_SPAN)
        limit = float(parts[1]) * _UNIT_S[parts[2]]
        return _compared(lambda task, scene: read(task, scene.now), operator, limit)

    return make


def _compared(
    read: Callable[[Task, FilterContext], float | None], operator: str, limit: float
) -> Test:
    """What is unknown is neither greater nor less."""
    if operator not in _COMPARISONS:
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_UNFIT)
    compare = _COMPARISONS[operator]

    def test(task: Task, scene: FilterContext) -> bool:
        value = read(task, scene)
        return value is not None and compare(value, limit)

    return test


def _need_words(operator: str) -> None:
    if operator not in (":", "~", "="):
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_UNFIT)


def _since(at: float | None, now: float) -> float | None:
    return None if at is None else now - at


def _message(task: Task) -> str:
    words = task.problem.message if task.problem is not None else ""
    return f"{task.fail_reason}\n{words}" if task.fail_reason else words


_MAKERS: Mapping[str, Callable[[str, str], Test]] = {
    "state": _state,
    "is": _flag,
    "host": _host,
    "name": _text(lambda task: shown_name(task.name, task.url)),
    "url": _text(lambda task: task.url),
    "folder": _folder,
    "message": _text(_message),
    "percent": _number(lambda task: task.percent),
    "retries": _number(lambda task: task.retries),
    "id": _number(lambda task: task.task_id),
    "age": _span(lambda task, now: now - task.created_at),
    "checked": _span(lambda task, now: _since(task.checked_at, now)),
    "finished": _span(lambda task, now: _since(task.finished_at, now)),
    "left": _span(lambda task, now: forecast(task, now).eta_s),
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
    test: Test

    def holds(self, task: Task, scene: FilterContext) -> bool:
        return self.test(task, scene) is not self.is_negated


class FilterError(Struct, frozen=True):
    """A part of an expression that means nothing: underline `text[start:end]`."""

    start: int
    end: int
    reason: FilterErrorReason


class Filter(Struct, frozen=True):
    """A parsed expression."""

    terms: tuple[Term, ...] = ()
    errors: tuple[FilterError, ...] = ()

    def test(self, scene: FilterContext) -> Callable[[Task], bool]:
        """Give the test whether all terms hold for a task."""
        terms = self.terms
        return lambda task: all(term.holds(task, scene) for term in terms)


@lru_cache(maxsize=64)
def parse(text: str) -> Filter:
    """Parse `text`; never raises."""
    terms: list[Term] = []
    faults: list[FilterError] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        is_negated = token.startswith("-")
        try:
            test = _test(token[1:] if is_negated else token)
        except FilterSyntaxError as unfit:
            faults.append(FilterError(match.start(), match.end(), unfit.reason))
        else:
            terms.append(Term(match.start(), match.end(), is_negated, test))
    return Filter(tuple(terms), tuple(faults))


def _test(token: str) -> Test:
    """Make the test of a term without its sign; raises `Unfit`."""
    if token.count('"') % 2:
        raise FilterSyntaxError(FilterErrorReason.QUOTE_OPEN)
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
        return word_test(word)
    field = parts[1].casefold()
    if field not in FIELDS:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_FIELD)
    return field_test(field, parts[2], parts[3].replace('"', ""))
