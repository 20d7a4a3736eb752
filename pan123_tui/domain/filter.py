"""The filter expression: `state:failed host:example.com age<2d -name~sample "quoted text"`.

An expression is a row of terms that all must hold; `-` before a term negates it. A term is a
field, an operator and a value, or the word `stalled`, or any word or quoted text, which must then
occur somewhere in the task. Values may be quoted. A link is a word. Every text is an expression:
parts that mean nothing are faults, with their place, and count for nothing.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct

from pan123_tui.domain.filter_fields import (
    FIELDS,
    FLAGS,
    OPERATORS,
    FaultReason,
    Scene,
    Test,
    Unfit,
    field_test,
    flag_test,
    word_test,
)
from pan123_tui.domain.task import Task

__all__ = [
    "FIELDS", "FLAGS", "OPERATORS",
    "FaultReason", "Filter", "FilterFault", "Scene", "Term", "parse",
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

    def holds(self, task: Task, scene: Scene) -> bool:
        return self.test(task, scene) is not self.is_negated


class FilterFault(Struct, frozen=True):
    """A part of an expression that means nothing: underline `text[start:end]`."""

    start: int
    end: int
    reason: FaultReason


class Filter(Struct, frozen=True):
    """A parsed expression."""

    terms: tuple[Term, ...] = ()
    faults: tuple[FilterFault, ...] = ()

    def test(self, scene: Scene) -> Callable[[Task], bool]:
        """Give the test whether all terms hold for a task."""
        terms = self.terms
        return lambda task: all(term.holds(task, scene) for term in terms)


@lru_cache(maxsize=64)
def parse(text: str) -> Filter:
    """Parse `text`; never raises."""
    terms: list[Term] = []
    faults: list[FilterFault] = []
    for match in _TOKEN.finditer(text):
        token = match[0]
        is_negated = token.startswith("-")
        try:
            test = _test(token[1:] if is_negated else token)
        except Unfit as unfit:
            faults.append(FilterFault(match.start(), match.end(), unfit.reason))
        else:
            terms.append(Term(match.start(), match.end(), is_negated, test))
    return Filter(tuple(terms), tuple(faults))


def _test(token: str) -> Test:
    """Make the test of a term without its sign; raises `Unfit`."""
    if token.count('"') % 2:
        raise Unfit(FaultReason.QUOTE_OPEN)
    lone = flag_test(token.casefold()) if token.casefold() == _LONE_FLAG else None
    if lone is not None:
        return lone
    parts = _TERM.fullmatch(token)
    if parts is None:
        word = token.replace('"', "")
        if not word:
            raise Unfit(FaultReason.VALUE_MISSING if token else FaultReason.NOTHING_NEGATED)
        return word_test(word)
    field = parts[1].casefold()
    if field not in FIELDS:
        raise Unfit(FaultReason.UNKNOWN_FIELD)
    return field_test(field, parts[2], parts[3].replace('"', ""))
