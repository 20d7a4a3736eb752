"""The filter expression: `state:failed host:example.com age<2d -name~sample "quoted text"`.

An expression is a row of terms that must all match; `-` before a term negates it. A term is a
field, an operator and a value; or a word or quoted text that must occur somewhere in the task,
where a state's word finds the tasks in this state too. Values may be quoted, and a link is a word.
Parts that cannot be parsed are reported as errors with their position and match every task.
Fields, states and units may be in Chinese (`状态:失败`).
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from unicodedata import normalize
from urllib.parse import unquote

from msgspec import Struct

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.filter_words import (
    FIELD_SYNONYMS,
    FIELD_WORDS,
    FLAG_WORDS,
    HALF_WIDTH,
    KNOWN_FIELDS,
    OPERATORS,
    UNIT_WORDS,
    is_last_batch,
    split_list,
    to_english,
    with_plain_quotes,
)
from pan123_tui.domain.forecast import forecast, is_stalled
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.state_words import state_tests
from pan123_tui.domain.task import Task, times_queued_again

_CACHE_SIZE = 1 << 15


def split_words(search: str) -> tuple[str, ...]:
    """Split a search into casefolded words."""
    return tuple(search.casefold().split())


def words_predicate(search: str, folder_names: Mapping[int, str]) -> Callable[[Task], bool]:
    """Return a predicate that holds for a task in which all words of `search` occur."""
    words = split_words(search)

    def occurs(task: Task) -> bool:
        text = searchable_text(task, folder_names)
        return all(word in text for word in words)

    return occurs


def searchable_text(task: Task, folder_names: Mapping[int, str]) -> str:
    """Return the searched texts of `task`, casefolded, one a line."""
    text = _folded_name_and_url(task.name, task.url)
    extra = [task.fail_reason] if task.fail_reason else []
    if task.problem is not None:
        extra += [task.problem.message, task.problem.trace_id]
    if task.folder_id is not None:
        extra += [str(task.folder_id), folder_names.get(task.folder_id, "")]
    if task.task_id is not None:
        extra.append(str(task.task_id))
    return "\n".join((text, *extra)).casefold() if extra else text


@lru_cache(maxsize=_CACHE_SIZE)
def _folded_name_and_url(name: str, url: str) -> str:
    """Omit the guessed name if it is part of the decoded link, which needs UTF-8."""
    readable = unquote(url) if "%" in url else ""
    shown = display_name(name, url) if "\ufffd" in readable else name
    return "\n".join((shown, url, readable)).casefold()


_TOKEN = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_TERM = re.compile(
    rf"([A-Za-z_]+(?=[<>=:~：])|{KNOWN_FIELDS}|[\u3400-\u9fff]+(?=[<>=~]))"
    rf"({OPERATORS})(?!//)(.*)",
    re.DOTALL | re.IGNORECASE,
)
_DURATION = re.compile(rf"(\d{{1,9}}(?:\.\d{{1,3}})?)([smhdw分]|{'|'.join(UNIT_WORDS.values())})")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "分": 60}
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,6})?")
_INTEGER = re.compile(r"\d{1,19}")
_COMPARISONS = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, ":": eq}


class FilterContext(Struct, frozen=True):
    """What a predicate needs besides the task; `now` in Unix seconds."""

    now: float
    folder_names: Mapping[int, str]
    last_batch: str = ""
    """The name of the newest batch."""


Predicate = Callable[[Task, FilterContext], bool]
_FieldParser = Callable[[str, str], Predicate]
"""Makes a predicate of an operator and a casefolded value; raises `FilterSyntaxError`."""


class FilterErrorReason(StrEnum):
    """What is wrong with a part of an expression; worded where it is shown."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_FLAG = "unknown_flag"
    VALUE_MISSING = "value_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DURATION = "not_a_duration"
    """Not a number with a unit, such as 30s, 5m, 2h, 3d or 1w."""
    OPERATOR_MISMATCH = "operator_mismatch"
    """Text cannot be greater or less."""
    UNCLOSED_QUOTE = "unclosed_quote"
    NOTHING_NEGATED = "nothing_negated"


class FilterSyntaxError(ValueError):
    """A term that cannot be parsed."""

    def __init__(self, reason: FilterErrorReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Term(Struct, frozen=True):
    """A part of an expression that must match: `text[start:end]`."""

    start: int
    end: int
    is_negated: bool
    predicate: Predicate
    field: str = ""
    """The English name of its field; empty for a word."""

    def matches(self, task: Task, context: FilterContext) -> bool:
        return self.predicate(task, context) is not self.is_negated


class FilterError(Struct, frozen=True):
    """A part of an expression that cannot be parsed: underline `text[start:end]`."""

    start: int
    end: int
    reason: FilterErrorReason


class Filter(Struct, frozen=True):
    """A parsed expression."""

    terms: tuple[Term, ...] = ()
    errors: tuple[FilterError, ...] = ()

    @property
    def is_of_batches(self) -> bool:
        """Whether it selects whole batches."""
        return bool(self.terms) and all(term.field == "batch" for term in self.terms)

    def predicate(self, context: FilterContext) -> Callable[[Task], bool]:
        """Return a predicate that holds for a task that all terms match."""
        terms = self.terms
        return lambda task: all(term.matches(task, context) for term in terms)


@lru_cache(maxsize=64)
def parse(text: str) -> Filter:
    """Parse `text`; never raises."""
    terms: list[Term] = []
    errors: list[FilterError] = []
    for match in _TOKEN.finditer(with_plain_quotes(text)):
        token = match[0]
        is_negated = token.startswith("-") or (token.startswith("－") and len(token) > 1)
        try:
            field, predicate = _parse_term(token[1:] if is_negated else token)
        except FilterSyntaxError as error:
            errors.append(FilterError(match.start(), match.end(), error.reason))
        else:
            terms.append(Term(match.start(), match.end(), is_negated, predicate, field))
    return Filter(tuple(terms), tuple(errors))


def _parse_term(token: str) -> tuple[str, Predicate]:
    """Return field and predicate of a term without its sign. Raises `FilterSyntaxError`."""
    if token.count('"') % 2:
        raise FilterSyntaxError(FilterErrorReason.UNCLOSED_QUOTE)
    parts = _TERM.fullmatch(token)
    if parts is None:
        return "", _word(token)
    field = to_english(parts[1].casefold(), FIELD_WORDS)
    field = FIELD_SYNONYMS.get(field, field)
    operator, value = parts[2].translate(HALF_WIDTH), parts[3].replace('"', "").casefold()
    if field not in _FIELD_PARSERS:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_FIELD)
    if not value:
        raise FilterSyntaxError(FilterErrorReason.VALUE_MISSING)
    try:
        return field, _FIELD_PARSERS[field](operator, value)
    except FilterSyntaxError as error:
        if error.reason is FilterErrorReason.OPERATOR_MISMATCH and parts[2][0] in "《》":
            return "", _word(token)  # a title in its brackets
        raise


def _word(token: str) -> Predicate:
    word = token.replace('"', "").casefold()
    if not word:
        raise FilterSyntaxError(
            FilterErrorReason.VALUE_MISSING if token else FilterErrorReason.NOTHING_NEGATED
        )
    states = state_tests(word) if word == token.casefold() or " " in word else ()
    return lambda task, context: (
        any(is_so(task) for is_so in states) or word in searchable_text(task, context.folder_names)
    )


def _flag(operator: str, value: str) -> Predicate:
    _require_text_operator(operator)
    flag = to_english(value, FLAG_WORDS)
    if flag not in _FLAG_PREDICATES:
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_FLAG)
    return _FLAG_PREDICATES[flag]


def _state(operator: str, value: str) -> Predicate:
    _require_text_operator(operator)
    tests = [state_tests(word) for word in split_list(value)]
    if not all(tests):
        raise FilterSyntaxError(FilterErrorReason.UNKNOWN_STATE)
    return lambda task, _: any(is_so(task) for of_word in tests for is_so in of_word)


def _host(operator: str, value: str) -> Predicate:
    """`~` matches any part of the host; `:` and `=` match it or one of its parent domains."""
    _require_text_operator(operator)
    if operator == "~":
        return lambda task, _: value in host_of(task.url).casefold()
    return lambda task, _: f".{host_of(task.url).casefold()}".endswith(f".{value}")


def _folder(operator: str, value: str) -> Predicate:
    """A number is an id; anything else is a part of the name."""
    _require_text_operator(operator)
    if operator != "~" and _INTEGER.fullmatch(value):
        number = int(value)
        return lambda task, _: task.folder_id == number
    return lambda task, context: (
        task.folder_id is not None
        and value in context.folder_names.get(task.folder_id, "").casefold()
    )


def _batch(operator: str, value: str) -> Predicate:
    """`last` is the newest one; `:` and `~` match any part of the name, `=` the whole."""
    if operator == ":" and is_last_batch(value):
        return lambda task, context: batch_name(task) == context.last_batch
    return _text(batch_name)(operator, value)


def _text(read: Callable[[Task], str]) -> _FieldParser:
    """`:` and `~` match any part, `=` the whole."""

    def make(operator: str, value: str) -> Predicate:
        _require_text_operator(operator)
        if operator == "=":
            return lambda task, _: read(task).casefold() == value
        return lambda task, _: value in read(task).casefold()

    return make


def _number(read: Callable[[Task], float | None]) -> _FieldParser:
    def make(operator: str, value: str) -> Predicate:
        number = normalize("NFKC", value).removesuffix("%")
        if not _NUMBER.fullmatch(number):
            raise FilterSyntaxError(FilterErrorReason.NOT_A_NUMBER)
        return _compare(lambda task, _: read(task), operator, float(number))

    return make


def _duration(read: Callable[[Task, float], float | None]) -> _FieldParser:
    def make(operator: str, value: str) -> Predicate:
        parts = _DURATION.fullmatch(normalize("NFKC", value))
        if parts is None:
            raise FilterSyntaxError(FilterErrorReason.NOT_A_DURATION)
        limit = float(parts[1]) * _UNIT_S[to_english(parts[2], UNIT_WORDS)]
        return _compare(lambda task, context: read(task, context.now), operator, limit)

    return make


def _compare(
    read: Callable[[Task, FilterContext], float | None], operator: str, limit: float
) -> Predicate:
    """Compare with `limit`; an unknown value is neither greater nor less."""
    if operator not in _COMPARISONS:
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_MISMATCH)
    compare = _COMPARISONS[operator]

    def predicate(task: Task, context: FilterContext) -> bool:
        value = read(task, context)
        return value is not None and compare(value, limit)

    return predicate


def _require_text_operator(operator: str) -> None:
    if operator not in (":", "~", "="):
        raise FilterSyntaxError(FilterErrorReason.OPERATOR_MISMATCH)


def _elapsed_s(at: float | None, now: float) -> float | None:
    return None if at is None else now - at


def _message(task: Task) -> str:
    message = task.problem.message if task.problem is not None else ""
    return f"{task.fail_reason}\n{message}" if task.fail_reason else message


def _tries_again(task: Task) -> int:
    """Return how often the service has retried `task`, and the user since."""
    return task.retries + times_queued_again(task)


_FLAG_PREDICATES: Mapping[str, Predicate] = {
    "stalled": lambda task, _: is_stalled(task),
    "full": lambda task, _: task.is_active and task.percent >= 100,
    "backwards": lambda task, context: forecast(task, context.now).went_backwards,
    "doubtful": lambda task, _: task.is_doubtful,
    "named": lambda task, _: bool(task.name),
    "retried": lambda task, _: _tries_again(task) > 0,
}
_FIELD_PARSERS: Mapping[str, _FieldParser] = {
    "state": _state,
    "is": _flag,
    "host": _host,
    "name": _text(lambda task: display_name(task.name, task.url)),
    "url": _text(lambda task: task.url),
    "folder": _folder,
    "batch": _batch,
    "message": _text(_message),
    "percent": _number(lambda task: task.percent),
    "retries": _number(_tries_again),
    "id": _number(lambda task: task.id),
    "taskid": _number(lambda task: task.task_id),
    "age": _duration(lambda task, now: now - task.created_at),
    "checked": _duration(lambda task, now: _elapsed_s(task.checked_at, now)),
    "finished": _duration(lambda task, now: _elapsed_s(task.finished_at, now)),
    "left": _duration(lambda task, now: forecast(task, now).eta_s),
}
FIELDS = tuple(_FIELD_PARSERS)
"""All fields, in the order of help and completion."""
FLAGS = tuple(_FLAG_PREDICATES)
"""What may follow `is:`."""
