"""Texts for what is wrong with a search line, or with the choice of tasks on a command line."""

from collections.abc import Mapping, Sequence

from pan123_tui.domain.filter import (
    FIELD_WORDS,
    STATE_WORDS,
    FilterErrorReason,
    parse,
    words_in,
)
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.selection import SelectionError
from pan123_tui.i18n import N_, _, join_choices, language

_R = FilterErrorReason
_TEXTS: Mapping[FilterErrorReason, str] = {
    _R.UNKNOWN_FIELD: N_("no such field; use quotes to search for the text, or one of {fields}"),
    _R.UNKNOWN_STATE: N_("no such state; the states are {states}"),
    _R.VALUE_MISSING: N_("a value is missing"),
    _R.NOT_A_NUMBER: N_("this must be a number"),
    _R.NOT_A_DURATION: N_("this must be a time such as 30s, 5m, 2h, 3d or 1w"),
    _R.NOT_A_SIZE: N_("this must be a size such as 500MB or 1.5GB"),
    _R.NOT_COMPARABLE: N_("this field takes : = ~ only"),
    _R.NOT_TEXT: N_("compare this field with < or >"),
}


def filter_error_text(reason: FilterErrorReason) -> str:
    states, fields = (join_choices(words_in(it, language())) for it in (STATE_WORDS, FIELD_WORDS))
    return _(_TEXTS[reason]).format(states=states, fields=fields)


def filter_faults(line: str) -> Sequence[tuple[int, int, str]]:
    """Return the errors of a search line as (start, end, reason)."""
    return [(it.start, it.end, filter_error_text(it.reason)) for it in parse(line).errors]


def selection_error_text(error: SelectionError, example: str) -> str:
    """Return what is wrong with a word that was to choose tasks; `example` is a command."""
    reason = filter_error_text(error.reason)
    text = _("“{word}”: {reason}. Example: {example}")
    return text.format(word=sanitize(error.word, 40), reason=reason, example=example)
