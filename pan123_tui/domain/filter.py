"""The search line: `404 state:failed host:example.com age<2d -name~sample "quoted text"`.

A line is a row of terms that must all match; `-` before a term negates it. A term is a field, an
operator and a value; or a word or quoted text that must occur somewhere in the task, where a
state's word finds the tasks in this state too. Values may be quoted, and a link is a word. Parts
that cannot be parsed are reported as errors with their position and match every task. Fields,
states and units may be in Chinese (`状态:失败`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from urllib.parse import unquote

from msgspec import Struct

from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.filter_words import (
    UNIT_WORDS,
    folded,
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
    NOT_A_SIZE = "not_a_size"
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
        """Whether a new task may change which other tasks the filter selects."""
        return any(it.field == "batch" and is_last_batch(it.value) for it in self.terms)

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
    field, operator, value = parts[0], parts[1], folded(parts[2])
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
    word = folded(text)
    if not word:
        is_bare_minus = is_negated and not text
        raise FilterSyntaxError(_R.NOTHING_NEGATED if is_bare_minus else _R.VALUE_MISSING)
    is_so = None if '"' in text else _state_test(word)

    def occurs(task: Task, context: FilterContext) -> bool:
        return (is_so is not None and is_so(task)) or word in _texts(task, context.folder_names)

    return Term(occurs, is_negated, value=word)


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
    return "\n".join((text, *map(folded, extra))) if extra else text


@lru_cache(maxsize=_CACHE_SIZE)
def _folded_name_and_url(name: str, url: str) -> str:
    """Omit the guessed name if it is part of the decoded link, which needs UTF-8."""
    readable = unquote(url) if "%" in url else ""
    shown = display_name(name, url) if "\ufffd" in readable else name
    return folded("\n".join((shown, url, readable)))


def _reason(task: Task) -> str:
    message = task.problem.message if task.problem is not None else ""
    return f"{task.fail_reason}\n{message}" if task.fail_reason else message


_IN_VIEW: Mapping[str, frozenset[Shown]] = {
    "active": frozenset({Shown.QUEUED, Shown.SENDING, Shown.RUNNING}),
    "trouble": frozenset({Shown.FAILED, Shown.UNSURE}),
} | {shown.value: frozenset({shown}) for shown in Shown}


def _state_test(word: str) -> Callable[[Task], bool] | None:
    """Return the test for a word of the list, of a tab, or of the JSON; the list's goes first."""
    word = to_english(word)
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
    if operator != "=":
        return lambda task, _: value in host_of(task.url).casefold()
    return lambda task, _: f".{host_of(task.url).casefold()}".endswith(f".{value}")


def _folder(operator: str, value: str) -> Predicate:
    """A number is an id; anything else is a part of the name."""
    _require(operator, _LIKE)
    if operator != "~" and _INTEGER.fullmatch(value):
        number = int(value)
        return lambda task, _: task.folder_id == number
    return lambda task, context: (
        task.folder_id is not None and value in folded(context.folder_names.get(task.folder_id, ""))
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
            return lambda task, _: folded(read(task)) == value
        return lambda task, _: value in folded(read(task))

    return make


_INTEGER = re.compile(r"\d{1,19}")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COMPARISONS = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, ":": eq}
_ORDER, _LIKE = ("<", ">", "<=", ">="), (":", "~", "=")


def _require(operator: str, known: Iterable[str]) -> None:
    if operator not in known:
        raise FilterSyntaxError(_R.NOT_COMPARABLE if known is _LIKE else _R.NOT_TEXT)


class _Measure(Struct, frozen=True):
    """How a number with a unit is written."""

    pattern: re.Pattern[str]
    reason: FilterErrorReason
    """What is wrong with a value that does not fit."""
    factor: Callable[[str], float]
    """Returns what its unit stands for."""
    operators: Iterable[str] = _ORDER


_NUMBER = _Measure(
    re.compile(r"(\d{1,19}(?:\.\d{1,6})?)(%?)"), _R.NOT_A_NUMBER, lambda _: 1.0, _COMPARISONS
)
_DURATION = _Measure(
    re.compile(rf"(\d{{1,9}}(?:\.\d{{1,3}})?)\s?([smhdw分]|{'|'.join(UNIT_WORDS.values())})"),
    _R.NOT_A_DURATION,
    lambda unit: _UNIT_S[to_english(unit)],
)
_SIZE = _Measure(
    re.compile(r"(\d{1,15}(?:\.\d{1,3})?)\s?([kmgt]?)(?:i?b)?(?<!\d)"),
    _R.NOT_A_SIZE,
    lambda unit: 1024.0 ** " kmgt".index(unit or " "),
)
"""KB and KiB are the same."""


def _compared(measure: _Measure, read: Callable[[Task, float], float | None]) -> _FieldParser:
    """Compare what `read` returns of a task now; an unknown value is neither greater nor less."""

    def make(operator: str, value: str) -> Predicate:
        _require(operator, measure.operators)
        match = measure.pattern.fullmatch(value)
        if match is None:
            raise FilterSyntaxError(measure.reason)
        limit, compare = float(match[1]) * measure.factor(match[2]), _COMPARISONS[operator]

        def predicate(task: Task, context: FilterContext) -> bool:
            found = read(task, context.now)
            return found is not None and compare(found, limit)

        return predicate

    return make


_FIELDS: Mapping[str, _FieldParser] = {
    "state": _state,
    "host": _host,
    "name": _text(lambda task: display_name(task.name, task.url)),
    "url": _text(lambda task: task.url),
    "folder": _folder,
    "batch": _batch,
    "reason": _text(_reason),
    "size": _compared(_SIZE, lambda task, _: (task.arrival and task.arrival.size) or None),
    "percent": _compared(_NUMBER, lambda task, _: task.percent),
    "retries": _compared(_NUMBER, lambda task, _: task.retries + times_queued_again(task)),
    "id": _compared(_NUMBER, lambda task, _: task.id),
    "age": _compared(_DURATION, lambda task, now: now - task.created_at),
    "finished": _compared(
        _DURATION, lambda task, now: None if task.finished_at is None else now - task.finished_at
    ),
    "left": _compared(_DURATION, lambda task, now: forecast(task, now).eta_s),
}
FIELDS = tuple(_FIELDS)
"""All fields, in the order of help and completion."""
