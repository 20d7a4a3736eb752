"""Which tasks a command is for: `12 15-18`, `state:failed batch:last`, `all`."""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from pan123_tui.domain.batches import last_batch
from pan123_tui.domain.filter import (
    Filter,
    FilterContext,
    FilterErrorReason,
    FilterSyntaxError,
    Term,
    parse_term,
)
from pan123_tui.domain.filter_words import split_term, split_terms, with_plain_quotes
from pan123_tui.domain.task import Task

ALL_WORDS = ("all", "全部")
_IDS = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?")
_CHINESE_FIELD = re.compile(r"[-－]?[\u3400-\u9fff]+:")
"""Meant as a field, in a command; the search line, which shows what it finds, takes it as text."""


class SelectionError(ValueError):
    """A word that cannot be parsed."""

    def __init__(self, word: str, reason: FilterErrorReason) -> None:
        super().__init__(word, reason)
        self.word = word
        self.reason = reason


class Selection(Struct, frozen=True):
    """A parsed selection: a task has one of the ids, where there are any, and fits the rest."""

    ranges: tuple[range, ...] = ()
    filter: Filter = Filter()
    is_all: bool = False
    """Whether `all` is among the words."""

    @property
    def only_leaves_out(self) -> bool:
        """Whether all words are exclusions, so that none says what to select."""
        is_said = self.is_all or self.ranges or not self.filter.terms
        return not is_said and all(term.is_negated for term in self.filter.terms)

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids that stand alone, each once, in the order they were named."""
        return tuple(dict.fromkeys(it.start for it in self.ranges if len(it) == 1))

    def missing(self, tasks: Mapping[int, Task]) -> list[int]:
        """Return the ids that stand alone and that no task has."""
        return [number for number in self.ids if number not in tasks]

    def select(
        self, tasks: Mapping[int, Task], *, now: float, folder_names: Mapping[int, str]
    ) -> list[Task]:
        """Return the chosen ones of `tasks`, all without a word; `now` in Unix seconds."""
        context = FilterContext(now, folder_names, last_batch(tasks) if self.filter.terms else "")
        fits = self.filter.predicate(context)
        return [task for i in self._candidates(tasks) if fits(task := tasks[i])]

    def _candidates(self, tasks: Mapping[int, Task]) -> Iterable[int]:
        """Leave tasks with other ids undecoded."""
        ranges = self.ranges
        return (i for i in tasks if any(i in it for it in ranges)) if ranges else tasks


def parse_selection(words: Sequence[str]) -> Selection:
    """Parse the words of a command line. Raises `SelectionError`.

    A word with blanks is one term, as the shell has taken its quotes: `"batch:my night"`; unless
    it has quotes or fields of its own: `"state:failed host:example.com"`.
    """
    ranges: list[range] = []
    terms: list[Term] = []
    for word in words:
        if ids := _IDS.fullmatch(word):
            first, last = int(ids[1]), int(ids[2] or ids[1])
            if last < first:
                raise SelectionError(word, FilterErrorReason.RANGE_BACKWARDS)
            ranges.append(range(first, last + 1))
        elif word.casefold() not in ALL_WORDS:
            terms += _terms(word)
    is_all = any(word.casefold() in ALL_WORDS for word in words)
    return Selection(tuple(ranges), Filter(tuple(terms)), is_all)


def _terms(word: str) -> list[Term]:
    parts = [text for _, text in split_terms(word)]
    is_line = '"' in word or any(split_term(text.lstrip("-－")) for text in parts[1:])
    texts = parts if is_line else [with_plain_quotes(word.strip())]
    try:
        terms = [parse_term(text) for text in texts]
    except FilterSyntaxError as error:
        raise SelectionError(word, error.reason) from None
    if any(
        not it.field and _CHINESE_FIELD.match(text) for it, text in zip(terms, texts, strict=True)
    ):
        raise SelectionError(word, FilterErrorReason.UNKNOWN_FIELD)
    return terms
