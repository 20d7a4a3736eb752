"""The faults of a filter expression: where each is, and the reason in words."""

from collections.abc import Mapping, Sequence

from pan123_tui.domain.filter import FIELDS, FLAGS, FaultReason, parse
from pan123_tui.i18n import N_, _

_REASONS: Mapping[FaultReason, str] = {
    FaultReason.UNKNOWN_FIELD: N_("no such field; there are {fields}"),
    FaultReason.UNKNOWN_STATE: N_("no such state"),
    FaultReason.UNKNOWN_MARK: N_("after is: comes one of {flags}"),
    FaultReason.VALUE_MISSING: N_("a value is missing"),
    FaultReason.NOT_A_NUMBER: N_("this must be a number"),
    FaultReason.NOT_A_SPAN: N_("this must be a time such as 30s, 5m, 2h, 3d or 1w"),
    FaultReason.OPERATOR_UNFIT: N_("words cannot be greater or less: use : or ~"),
    FaultReason.QUOTE_OPEN: N_("a quotation mark is missing"),
    FaultReason.NOTHING_NEGATED: N_("nothing follows the minus"),
}


def filter_faults(text: str) -> Sequence[tuple[int, int, str]]:
    """Give the faults of `text` as (from, up to, why)."""
    return [(fault.start, fault.end, _reason(fault.reason)) for fault in parse(text).faults]


def _reason(reason: FaultReason) -> str:
    return _(_REASONS[reason]).format(fields=", ".join(FIELDS), flags=", ".join(FLAGS))
