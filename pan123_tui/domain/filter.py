"""The search line: `404 state:failed host:example.com age<2d -name~sample "quoted text"`.

All terms must match, negated by `-`; one of the values with commas between them must fit. A word
must occur somewhere in the task, or be that of its state. Terms that cannot be parsed match every
task. Fields, states and units may be in Chinese (`状态:失败`), and signs full-width.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from enum import Enum, auto
from functools import cached_property, lru_cache
from operator import eq, ge, gt, le, lt
from os.path import commonprefix
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import unquote

from msgspec import Struct

from pan123_tui.domain.batches import LAST_WORDS, batch_name
from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.links.url import host_of
from pan123_tui.domain.query import Query, View, predicate_for
from pan123_tui.domain.task import Task, shown_state


class FilterContext(Struct, dict=True):
    """What a predicate needs besides the task; `now` is in Unix seconds."""

    now: float
    folder_names: Mapping[int, str]
    tasks: Mapping[int, Task] = {}
    """All tasks, which may decide what a batch is called."""
    note: Callable[[Task], str] = lambda _task: ""
    """Returns what the list says of a task in trouble."""
    _latest: tuple[Task | None, str] = None, ""

    @cached_property
    def last_batch(self) -> str:
        return batch_name(self.tasks[max(self.tasks)]) if self.tasks else ""

    @cached_property
    def batches(self) -> Set[str]:
        return {folded(batch_name(task)) for task in self.tasks.values()}

    def text_of(self, task: Task) -> str:
        """Return the folded text in which words are looked for; that of the latest is kept."""
        if self._latest[0] is not task:
            problem = task.problem
            texts = (
                *(display_name(task.name, task.url), task.url, unquote(task.url)),
                *(str(task.task_id or ""), str(task.folder_id or "")),
                *(_reasons(task, self), problem.trace_id if problem is not None else ""),
                self.folder_names.get(task.folder_id or 0, ""),
            )
            self._latest = task, folded("\n".join(texts))
        return self._latest[1]


Predicate = Callable[[Task, FilterContext], bool]
FieldParser = Callable[[str, str], Predicate]
"""Takes a sign and a folded value; raises `FilterSyntaxError`."""


class FilterErrorReason(Enum):
    UNKNOWN_FIELD = auto()
    UNKNOWN_STATE = auto()
    VALUE_MISSING = auto()
    NOT_A_NUMBER = auto()
    NOT_A_DURATION = auto()
    NOT_A_SIZE = auto()
    NOT_COMPARABLE = auto()
    NOT_TEXT = auto()


class FilterSyntaxError(ValueError):
    def __init__(self, reason: FilterErrorReason, word: str = "") -> None:
        """`word`: the one of a command line that is wrong."""
        super().__init__(reason, word)
        self.reason = reason
        self.word = word


_R = FilterErrorReason


class Term(Struct, frozen=True):
    predicate: Predicate
    is_negated: bool = False
    field: str = ""
    """The English name of its field; empty for a word."""
    guesses: tuple[tuple[str, Sequence[str]], ...] = ()
    """The parts of states' words in it, and the English words that they are taken for."""

    def matches(self, task: Task, context: FilterContext) -> bool:
        return self.predicate(task, context) is not self.is_negated


class FilterError(NamedTuple):
    """`line[start:end]` cannot be parsed."""

    start: int
    end: int
    reason: FilterErrorReason


class Filter(Struct, frozen=True):
    terms: tuple[Term, ...] = ()
    errors: tuple[FilterError, ...] = ()

    @property
    def is_of_batches(self) -> bool:
        """Whether the filter selects whole batches."""
        return bool(self.terms) and all(term.field == "batch" for term in self.terms)

    def predicate(self, context: FilterContext) -> Callable[[Task], bool]:
        return lambda task: all(term.matches(task, context) for term in self.terms)


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """Casefolded, half-width, without quotes."""
    if text.isascii():
        return text.replace('"', "").casefold()
    return re.sub('[“”"]', "", normalize("NFKC", text)).casefold()


STATE_WORDS: Mapping[str, str] = {
    "queued": "排队中",
    "sending": "提交中",
    "running": "下载中",
    "done": "完成",
    "failed": "失败",
    "unsure": "待确认",
    "active": "进行中",
    "trouble": "有问题",
}
"""The words of the state column, then the tabs that are not states; all in Chinese too."""
_CHINESE_STATES = {chinese: word for word, chinese in STATE_WORDS.items()} | {
    "已完成": "done",
    "成功": "done",
    "异常": "trouble",
}


def _states_with(part: str) -> Sequence[str]:
    """Return the English words of the states whose word has `part`, in either language."""
    words = {**dict.fromkeys(STATE_WORDS), **_CHINESE_STATES}
    return list(dict.fromkeys(word or text for text, word in words.items() if part in text))


def _state_test(word: str) -> Callable[[Task], bool] | None:
    """Return the test for a word of the list or of a tab; None: `word` is neither."""
    word = _CHINESE_STATES.get(word, word)
    if word in (View.ACTIVE, View.TROUBLE):
        return predicate_for(View(word))
    return (lambda task: shown_state(task) == word) if word in STATE_WORDS else None


def _state(_sign: str, value: str) -> Predicate:
    words = [value] if _state_test(value) else _states_with(value)
    tests = [test for word in words if (test := _state_test(word))]
    if not tests:
        raise FilterSyntaxError(_R.UNKNOWN_STATE)
    return lambda task, _: any(is_so(task) for is_so in tests)


def _folder(sign: str, value: str) -> Predicate:
    """A number is an id; anything else is part of a name."""
    if sign != "~" and value.isdecimal():
        return lambda task, _: str(task.folder_id) == value
    return _text(lambda task, context: context.folder_names.get(task.folder_id or 0, ""))(
        sign, value
    )


def _batch(sign: str, value: str) -> Predicate:
    """`last` is the newest one; `:` matches a part of a name only if no batch is called so."""
    if sign == ":" and value in (*LAST_WORDS, *LAST_WORDS.values()):
        return lambda task, context: batch_name(task) == context.last_batch
    part, whole = (_text(lambda task, _: batch_name(task))(it, value) for it in "~=")
    if sign == ":":
        return lambda task, context: (whole if value in context.batches else part)(task, context)
    return whole if sign == "=" else part


def _text(read: Callable[[Task, FilterContext], str]) -> FieldParser:
    """`:` and `~` match any part, `=` a whole line."""

    def make(sign: str, value: str) -> Predicate:
        if sign == "=":
            return lambda task, context: value in folded(read(task, context)).split("\n")
        return lambda task, context: value in folded(read(task, context))

    return make


_COMPARISONS = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq, ":": eq}
_LIKE, _LESS, _MORE = (":", "~", "="), ("<", ">", "<=", ">="), (">", "<", ">=", "<=")
_PERCENT = {"": 1.0, "%": 1.0}
_SECONDS = {
    **dict.fromkeys(("s", "秒"), 1.0),
    **dict.fromkeys(("m", "分", "分钟"), 60.0),
    **dict.fromkeys(("h", "小时"), 3600.0),
    **dict.fromkeys(("d", "天"), 86_400.0),
    **dict.fromkeys(("w", "周"), 604_800.0),
}
_BYTES = {f"{it}{end}": 1024.0**i for i, it in enumerate("bkmgt") for end in ("", "b", "ib")}


def _measured(units: Mapping[str, float], reason: FilterErrorReason) -> Callable[[str], float]:
    """Return a function that reads a number with one of `units`."""

    def read(value: str) -> float:
        match = re.fullmatch(r"(\d{1,19}(?:\.\d{1,6})?)\s?(\D*)", value)
        if match is None or match[2] not in units:
            raise FilterSyntaxError(reason)
        return float(match[1]) * units[match[2]]

    return read


_number = _measured(_PERCENT, _R.NOT_A_NUMBER)
_seconds = _measured(_SECONDS, _R.NOT_A_DURATION)
_bytes = _measured(_BYTES, _R.NOT_A_SIZE)


def _compared(
    read: Callable[[Task, float], float | None], parse_value: Callable[[str], float]
) -> FieldParser:
    """Compare what `read` returns for a task now; an unknown value is neither greater nor less."""

    def make(sign: str, value: str) -> Predicate:
        limit, compare = parse_value(value), _COMPARISONS[sign]
        return lambda task, context: (
            (found := read(task, context.now)) is not None and compare(found, limit)
        )

    return make


def _reasons(task: Task, context: FilterContext) -> str:
    """Return a line for each reason that is known, and what the list says of it."""
    texts = [task.fail_reason, task.problem.message if task.problem is not None else ""]
    if task.problem is not None or task.needs_user:  # the notes of others take long
        texts.append(context.note(task))
    return "\n".join(filter(None, texts))


def _age(read: Callable[[Task], float | None]) -> FieldParser:
    return _compared(lambda task, now: (at := read(task)) and now - at, _seconds)


class SearchField(NamedTuple):
    words: str
    """Its Chinese name, then other words for it."""
    signs: Sequence[str]
    """Completion adds the first."""
    parse: FieldParser


FIELDS: Mapping[str, SearchField] = {
    "state": SearchField("状态", _LIKE, _state),
    "host": SearchField("源站 主机", _LIKE, _text(lambda task, _: host_of(task.url))),
    "name": SearchField(
        "文件名 名称 标题", _LIKE, _text(lambda task, _: display_name(task.name, task.url))
    ),
    "url": SearchField("链接", _LIKE, _text(lambda task, _: f"{task.url}\n{unquote(task.url)}")),
    "folder": SearchField("文件夹", _LIKE, _folder),
    "batch": SearchField("批次", _LIKE, _batch),
    "reason": SearchField("原因 消息 message", _LIKE, _text(_reasons)),
    "size": SearchField(
        "大小",
        _MORE,
        _compared(
            lambda task, _: task.arrival.size if task.arrival and task.arrival.name else None,
            _bytes,
        ),
    ),
    "percent": SearchField(
        "进度 百分比 progress",
        (*_MORE, "=", ":"),
        _compared(lambda task, _: int(task.percent), _number),
    ),
    "id": SearchField("编号", (":", "=", *_MORE), _compared(lambda task, _: task.id, _number)),
    "age": SearchField("添加时间 添加于 添加 added", _LESS, _age(lambda task: task.created_at)),
    "finished": SearchField("结束时间 结束于 完成于", _LESS, _age(lambda task: task.finished_at)),
}
"""By their English names, in the order of help and completion."""
FIELD_WORDS = {name: field.words.split()[0] for name, field in FIELDS.items()}
_ENGLISH = {word: name for name, it in FIELDS.items() for word in (name, *it.words.split())}
_SIGN = "[<>＜＞][=＝]?|[=:~＝：～]"
# As texts these are compiled on first use. Full-width signs are text after what is no field.
_TERM = r"(?:\"[^\"]*\"?|[^\s\"])+"
_PARTS = (
    rf"(?is)((?:{'|'.join(_ENGLISH)})(?={_SIGN})|[a-z_]+(?=[<>=:~：])|[\u3400-\u9fff]+(?=[<>=:~]))"
    rf"({_SIGN})(?!//)(.*)"
)
_OTHER_SYNTAX = r"(?i)(or|and|not|&&?|或者?|且|并且|非)$|[!！].|.*[|｜]"
_COMMAS = ",，、"
"""Signs between the values of a field, outside quotes."""
_VALUE = rf"(?:\"[^\"]*\"?|[^\"{_COMMAS}])+"
_PLAIN_SIGNS = str.maketrans("“”－", '""-')


def with_plain_signs(line: str) -> str:
    """Return `line`, equally long, with plain quotes and minus signs for Chinese ones."""
    return line.translate(_PLAIN_SIGNS)


def split_terms(line: str) -> Sequence[tuple[int, str]]:
    """Return the start of each term in `line`, and the term with plain signs."""
    return [(it.start(), it[0]) for it in re.finditer(_TERM, with_plain_signs(line))]


def other_syntax(line: str) -> str:
    """Return a term that would join or negate others elsewhere, but is text here; "" if none."""
    terms = (text for _, text in split_terms(line) if '"' not in text)
    return next((it for it in terms if re.match(_OTHER_SYNTAX, it)), "")


def split_term(term: str) -> tuple[str, str, str] | None:
    """Return the English field, the sign and the value of `term`; None for a word."""
    parts = re.fullmatch(_PARTS, term)
    return parts and (field_of(parts[1]), normalize("NFKC", parts[2]), parts[3])


def field_of(word: str) -> str:
    return _ENGLISH.get(word.casefold(), word.casefold())


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
    """Parse one term with plain signs. Raises `FilterSyntaxError`."""
    is_negated, body = text.startswith("-"), text.removeprefix("-")
    field, sign, raw = split_term(body) or ("", "", body)
    if field and field not in FIELDS:
        raise FilterSyntaxError(_R.UNKNOWN_FIELD)
    parts = re.findall(_VALUE, raw) if field else [raw]
    if not (values := [*filter(None, (folded(part.strip()) for part in parts))]):
        raise FilterSyntaxError(_R.VALUE_MISSING)
    if field and sign not in FIELDS[field].signs:
        raise FilterSyntaxError(_R.NOT_COMPARABLE if FIELDS[field].signs is _LIKE else _R.NOT_TEXT)
    if not field:
        word = values[0]
        is_so = None if '"' in body else _state_test(word)
        return Term(
            lambda task, of: (is_so is not None and is_so(task)) or word in of.text_of(task),
            is_negated,
        )
    tests = [FIELDS[field].parse(sign, value) for value in values]
    parts = [it for it in values if field == "state" and not _state_test(it)]
    guesses = tuple((part, _states_with(part)) for part in parts)
    return Term(lambda *of: any(fits(*of) for fits in tests), is_negated, field, guesses)


def predicate_of(query: Query, context: FilterContext) -> Callable[[Task], bool]:
    """Return a predicate that is true of the tasks `query` selects."""
    matches = parse(query.search).predicate(context)
    if query.view is View.ALL:
        return matches
    in_view = predicate_for(query.view)
    return lambda task: in_view(task) and matches(task)


def words_in(words: Mapping[str, str], language: str) -> Iterable[str]:
    return words.values() if language.startswith("zh") else words


def complete(text: str, language: str, batches: Iterable[str] = ()) -> tuple[str, Sequence[str]]:
    """Complete the last word of `text`, a field or the value of `state:` or `batch:`.

    Return the text with it as far as is certain, and the possible words.
    """
    term = split_terms(text)[-1][1].removeprefix("-") if text[-1:].strip() else ""
    field, _sign, value = split_term(term) or ("", "", term)
    words = {"": FIELD_WORDS, "state": STATE_WORDS, "batch": LAST_WORDS}.get(field, {})
    typed = value.removeprefix('"').casefold()
    possible = [*words, *words.values()] if typed else [*words_in(words, language)]
    possible += batches if field == "batch" else ()
    fitting = [word for word in possible if word.casefold().startswith(typed)]
    quoted = [f'"{word}"' if re.search(rf"[\s{_COMMAS}]", word) else word for word in fitting]
    candidates = quoted if field else [f"{it}{FIELDS[_ENGLISH[it]].signs[0]}" for it in fitting]
    start = len(text) - len(value)
    certain = commonprefix(candidates) or text[start:]  # noqa: RUF071 - words
    return text[:start] + certain, candidates
