"""Which tasks a command is for: `12 15-18`, `state:failed batch:last`, `all`."""

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from pan123_tui.domain.filter import (
    Filter,
    FilterContext,
    FilterSyntaxError,
    Term,
    parse_term,
    split_terms,
    with_plain_signs,
)
from pan123_tui.domain.task import Task

ALL_WORDS = ("all", "全部")
_IDS = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?")


class Selection(Struct, frozen=True):
    """A task must have one of the ids, if there are any, and fit the rest."""

    ranges: tuple[range, ...] = ()
    filter: Filter = Filter()
    is_all: bool = False
    words: tuple[str, ...] = ()

    @property
    def is_choice(self) -> bool:
        """Whether there is a word that does not only leave tasks out."""
        is_named = self.is_all or bool(self.ranges)
        return is_named or not all(term.is_negated for term in self.filter.terms)

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids that stand alone, each once, in the order they were named."""
        return tuple(dict.fromkeys(it.start for it in self.ranges if len(it) == 1))

    def missing(self, tasks: Mapping[int, Task]) -> list[int]:
        return [number for number in self.ids if number not in tasks]

    def select(
        self,
        tasks: Mapping[int, Task],
        *,
        now: float,
        folder_names: Mapping[int, str],
        note: Callable[[Task], str],
    ) -> list[Task]:
        context = FilterContext(now, folder_names, tasks, note)
        fits, ranges = self.filter.predicate(context), self.ranges
        ids = (i for i in tasks if not ranges or any(i in it for it in ranges))
        return [task for i in ids if fits(task := tasks[i])]


def parse_selection(words: Sequence[str]) -> Selection:
    """Parse the words of a command line, one term each unless it has quotes of its own.

    Raises `FilterSyntaxError` with the word that is wrong.
    """
    ranges: list[range] = []
    terms: list[Term] = []
    is_all = False
    for word in words:
        plain = with_plain_signs(word).strip()
        if ids := _IDS.fullmatch(word):
            first, last = sorted((int(ids[1]), int(ids[2] or ids[1])))
            ranges.append(range(first, last + 1))
        elif word.casefold() in ALL_WORDS:
            is_all = True
        else:
            parts = [text for _, text in split_terms(plain)] if '"' in plain else [plain]
            try:
                terms += map(parse_term, parts)
            except FilterSyntaxError as error:
                raise FilterSyntaxError(error.reason, word) from None
    return Selection(tuple(ranges), Filter(tuple(terms)), is_all, tuple(words))
