"""The search line: `404 state:failed host:example.com age<2d -name~sample "quoted text"`.

A line is a row of terms that must all match; `-` before a term negates it. A term is a field, an
operator and a value; or a word or quoted text that must occur somewhere in the task, where a
state's word finds the tasks in this state too. Values may be quoted, and a link is a word. Parts
that cannot be parsed are reported as errors with their position and match every task. Fields,
states and units may be in Chinese (`状态:失败`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from unicodedata import normalize
from urllib.parse import unquote

from msgspec import Struct

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.filter_words import (
    UNIT_WORDS,
    is_last_batch,
    split_list,
    split_term,
    split_terms,
    to_english,
)
from pan123_tui.domain.forecast import forecast, is_stalled
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState, times_queued_again

_CACHE_SIZE = 1 << 15


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
    """What is wrong with a part of a line; worded where it is shown."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_STATE = "unknown_state"
    VALUE_MISSING = "value_missing"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DURATION = "not_a_duration"
    """Not a number with a unit, such as 30s, 5m, 2h, 3d or 1w."""
    NOT_A_SIZE = "not_a_size"
    """Not a number with a unit, such as 500MB or 1.5GB."""
    NOT_COMPARABLE = "not_comparable"
    """Text cannot be greater or less."""
    NOT_TEXT = "not_text"
    """Numbers have no parts, and times and sizes are hardly ever equal."""
    UNCLOSED_QUOTE = "unclosed_quote"
    NOTHING_NEGATED = "nothing_negated"
    RANGE_BACKWARDS = "range_backwards"
    """Of ids: the greater one comes first."""


class FilterSyntaxError(ValueError):
    """A term that cannot be parsed."""

    def __init__(self, reason: FilterErrorReason) -> None:
        super().__init__(reason)
        self.reason = reason


_R = FilterErrorReason


class Term(Struct, frozen=True):
    """A part of a line that must match."""

    predicate: Predicate
    is_negated: bool = False
    field: str = ""
    """The English name of its field; empty for a word."""
    value: str = ""
    """Casefolded, without quotes."""

    def matches(self, task: Task, context: FilterContext) -> bool:
        return self.predicate(task, context) is not self.is_negated


class FilterError(Struct, frozen=True):
    """A part of a line that cannot be parsed: underline `text[start:end]`."""

    start: int
    end: int
    reason: FilterErrorReason


class Filter(Struct, frozen=True):
    """A parsed line."""

    terms: tuple[Term, ...] = ()
    errors: tuple[FilterError, ...] = ()

    @property
    def is_of_batches(self) -> bool:
        """Whether it selects whole batches."""
        return bool(self.terms) and all(term.field == "batch" for term in self.terms)

    @property
    def follows_new_tasks(self) -> bool:
        """Whether a new task may change what it selects of the others."""
        return any(it.field == "batch" and is_last_batch(it.value) for it in self.terms)

    @property
    def follows_time(self) -> bool:
        """Whether time alone may change what it selects."""
        return any(term.field in ("age", "finished", "left") for term in self.terms)

    @property
    def words(self) -> tuple[str, ...]:
        """The words that must occur somewhere in a task."""
        return tuple(it.value for it in self.terms if not it.field and not it.is_negated)

    def predicate(self, context: FilterContext) -> Callable[[Task], bool]:
        """Return a predicate that holds for a task that all terms match."""
        terms = self.terms
        return lambda task: all(term.matches(task, context) for term in terms)


@lru_cache(maxsize=64)
def parse(line: str) -> Filter:
    """Parse `line`; never raises."""
    terms: list[Term] = []
    errors: list[FilterError] = []
    for start, text in split_terms(line):
        try:
            terms.append(parse_term(text))
        except FilterSyntaxError as error:
            errors.append(FilterError(start, start + len(text), error.reason))
    return Filter(tuple(terms), tuple(errors))


def parse_term(text: str) -> Term:
    """Parse one term, with plain quotes if any. Raises `FilterSyntaxError`."""
    is_negated = text.startswith("-") or (text.startswith("－") and len(text) > 1)
    body = text[1:] if is_negated else text
    if body.count('"') % 2:
        raise FilterSyntaxError(_R.UNCLOSED_QUOTE)
    parts = split_term(body)
    if parts is None:
        return _word(body, is_negated)
    field, operator, value = parts[0], parts[1], parts[2].replace('"', "").casefold()
    if field not in _FIELDS:
        raise FilterSyntaxError(_R.UNKNOWN_FIELD)
    if not value:
        raise FilterSyntaxError(_R.VALUE_MISSING)
    try:
        return Term(_FIELDS[field](operator, value), is_negated, field, value)
    except FilterSyntaxError as error:
        if error.reason is _R.NOT_COMPARABLE and "《" in body:
            return _word(body, is_negated)  # a title in its brackets
        raise


def _word(text: str, is_negated: bool) -> Term:
    word = text.replace('"', "").casefold()
    has_word = _part(word)
    if not word:
        is_bare_minus = is_negated and not text
        raise FilterSyntaxError(_R.NOTHING_NEGATED if is_bare_minus else _R.VALUE_MISSING)
    is_so = None if '"' in text else _state_test(word)

    def occurs(task: Task, context: FilterContext) -> bool:
        return (is_so is not None and is_so(task)) or has_word(_texts(task, context.folder_names))

    return Term(occurs, is_negated, value=word)


def _part(value: str) -> Callable[[str], bool]:
    """Return the test for casefolded text with `value` in it, as typed or in half-width letters."""
    plain = normalize("NFKC", value).casefold()
    if plain == value or not any(map(str.isalnum, value)):
        return lambda text: value in text
    return lambda text: value in text or plain in text


def _texts(task: Task, folder_names: Mapping[int, str]) -> str:
    """Return the searched texts of `task`, casefolded, one a line."""
    text = _folded_name_and_url(task.name, task.url)
    extra = [_reason(task)] if task.fail_reason or task.problem is not None else []
    if task.problem is not None:
        extra.append(task.problem.trace_id)
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


def _reason(task: Task) -> str:
    message = task.problem.message if task.problem is not None else ""
    return f"{task.fail_reason}\n{message}" if task.fail_reason else message


_IN_VIEW: Mapping[str, frozenset[Shown]] = {
    "active": frozenset({Shown.QUEUED, Shown.SENDING, Shown.RUNNING}),
    "trouble": frozenset({Shown.FAILED, Shown.UNSURE}),
} | {shown.value: frozenset({shown}) for shown in Shown}


def _state_test(word: str) -> Callable[[Task], bool] | None:
    """Return the test for a word of the list, of a tab, or of the JSON; the list's goes first."""
    word = to_english(normalize("NFKC", word))
    if shown := _IN_VIEW.get(word):
        may_stall = word == "trouble"
        return lambda task: shown_state(task) in shown or (may_stall and is_stalled(task))
    return (lambda task: task.state == word) if word in _EXACT_STATES else None


_EXACT_STATES = frozenset(TaskState)


def _state(operator: str, value: str) -> Predicate:
    _require(operator, _LIKE)
    tests = [test for word in split_list(value) if (test := _state_test(word.strip()))]
    if len(tests) < len(split_list(value)):
        raise FilterSyntaxError(_R.UNKNOWN_STATE)
    return lambda task, _: any(is_so(task) for is_so in tests)


def _host(operator: str, value: str) -> Predicate:
    """`:` and `~` match any part of the host, `=` it or one of its parent domains."""
    _require(operator, _LIKE)
    has_value = _part(value)
    if operator != "=":
        return lambda task, _: has_value(host_of(task.url).casefold())
    return lambda task, _: f".{host_of(task.url).casefold()}".endswith(f".{value}")


def _folder(operator: str, value: str) -> Predicate:
    """A number is an id; anything else is a part of the name."""
    _require(operator, _LIKE)
    if operator != "~" and _INTEGER.fullmatch(value):
        number = int(value)
        return lambda task, _: task.folder_id == number
    has_value = _part(value)
    return lambda task, context: (
        task.folder_id is not None
        and has_value(context.folder_names.get(task.folder_id, "").casefold())
    )


def _batch(operator: str, value: str) -> Predicate:
    """`last` is the newest one; `:` and `~` match any part of the name, `=` the whole."""
    if operator == ":" and is_last_batch(value):
        return lambda task, context: batch_name(task) == context.last_batch
    return _text(batch_name)(operator, value)


def _text(read: Callable[[Task], str]) -> _FieldParser:
    """`:` and `~` match any part, `=` the whole."""

    def make(operator: str, value: str) -> Predicate:
        _require(operator, _LIKE)
        if operator == "=":
            return lambda task, _: read(task).casefold() == value
        has_value = _part(value)
        return lambda task, _: has_value(read(task).casefold())

    return make


_INTEGER = re.compile(r"\d{1,19}")
_NUMBER = re.compile(r"(\d{1,19}(?:\.\d{1,6})?)%?")
_DURATION = re.compile(
    rf"(\d{{1,9}}(?:\.\d{{1,3}})?)\s?([smhdw分]|{'|'.join(UNIT_WORDS.values())})"
)
_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s?([kmgt]?)(?:i?b)?(?<!\d)")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COMPARISONS = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, ":": eq}
_EQUAL, _ORDER, _LIKE = (":", "="), ("<", ">", "<=", ">="), (":", "~", "=")


def _require(operator: str, known: Sequence[str]) -> None:
    if operator not in known:
        raise FilterSyntaxError(_R.NOT_COMPARABLE if known is _LIKE else _R.NOT_TEXT)


def _compare(
    read: Callable[[Task, FilterContext], float | None], operator: str, limit: float
) -> Predicate:
    """Compare with `limit`; an unknown value is neither greater nor less."""
    compare = _COMPARISONS[operator]

    def predicate(task: Task, context: FilterContext) -> bool:
        value = read(task, context)
        return value is not None and compare(value, limit)

    return predicate


def _match(pattern: re.Pattern[str], value: str, reason: FilterErrorReason) -> re.Match[str]:
    match = pattern.fullmatch(normalize("NFKC", value))
    if match is None:
        raise FilterSyntaxError(reason)
    return match


def _number(read: Callable[[Task], float | None]) -> _FieldParser:
    def make(operator: str, value: str) -> Predicate:
        _require(operator, (*_ORDER, *_EQUAL))
        number = float(_match(_NUMBER, value, _R.NOT_A_NUMBER)[1])
        return _compare(lambda task, _: read(task), operator, number)

    return make


def _duration(read: Callable[[Task, float], float | None]) -> _FieldParser:
    def make(operator: str, value: str) -> Predicate:
        _require(operator, _ORDER)
        amount, unit = _match(_DURATION, value, _R.NOT_A_DURATION).groups()
        limit = float(amount) * _UNIT_S[to_english(unit)]
        return _compare(lambda task, context: read(task, context.now), operator, limit)

    return make


def _size(operator: str, value: str) -> Predicate:
    """Compare with the size of the file that the arrival check found; KB and KiB are the same."""
    _require(operator, _ORDER)
    amount, unit = _match(_SIZE, value, _R.NOT_A_SIZE).groups()
    limit = float(amount) * 1024 ** " kmgt".index(unit or " ")
    return _compare(lambda task, _: (task.arrival and task.arrival.size) or None, operator, limit)


_FIELDS: Mapping[str, _FieldParser] = {
    "state": _state,
    "host": _host,
    "name": _text(lambda task: display_name(task.name, task.url)),
    "url": _text(lambda task: task.url),
    "folder": _folder,
    "batch": _batch,
    "reason": _text(_reason),
    "size": _size,
    "percent": _number(lambda task: task.percent),
    "retries": _number(lambda task: task.retries + times_queued_again(task)),
    "id": _number(lambda task: task.id),
    "age": _duration(lambda task, now: now - task.created_at),
    "finished": _duration(
        lambda task, now: None if task.finished_at is None else now - task.finished_at
    ),
    "left": _duration(lambda task, now: forecast(task, now).eta_s),
}
FIELDS = tuple(_FIELDS)
"""All fields, in the order of help and completion."""
