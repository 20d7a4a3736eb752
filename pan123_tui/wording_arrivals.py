"""In words: what arrived in the target folder."""

from collections.abc import Mapping

from pan123_tui.domain.arrival import Arrival, ArrivalVerdict
from pan123_tui.domain.visible import visible
from pan123_tui.i18n import N_, _
from pan123_tui.wording import size

_ARRIVALS: Mapping[ArrivalVerdict, str] = {
    ArrivalVerdict.FOUND: N_("arrived"),
    ArrivalVerdict.NOT_FOUND: N_("reported done, not found in the folder"),
    ArrivalVerdict.ERROR_PAGE: N_("a web page arrived in its place"),
    ArrivalVerdict.TOO_SMALL: N_("far too small for such a file"),
}
_ARRIVAL_WORDS: Mapping[ArrivalVerdict, str] = {
    ArrivalVerdict.FOUND: N_("arrived"),
    ArrivalVerdict.NOT_FOUND: N_("not found"),
    ArrivalVerdict.ERROR_PAGE: N_("web page"),
    ArrivalVerdict.TOO_SMALL: N_("too small"),
}
_ADVICE: Mapping[ArrivalVerdict, str] = {
    ArrivalVerdict.NOT_FOUND: N_("Look for it on the drive: it may have another name there."),
    ArrivalVerdict.ERROR_PAGE: N_("Most likely an error or a login: add a fresh link."),
    ArrivalVerdict.TOO_SMALL: N_("It may be an error page under its name: open it and see."),
}
DOUBT_SIGN = "!"
"""Stands before what is wrong with a file that was reported done; one cell wide, and ASCII."""


def arrival_text(arrival: Arrival) -> str:
    """Say what lies in the folder: "arrived: film.mkv, 1.5 GiB"."""
    text = _(_ARRIVALS[arrival.verdict])
    if arrival.verdict is ArrivalVerdict.NOT_FOUND:
        return text
    return _("{verdict}: {name}, {size}").format(
        verdict=text, name=visible(arrival.name, 200), size=size(arrival.size)
    )


def arrival_word(verdict: ArrivalVerdict) -> str:
    """Say in at most two words what became of a file that was reported done."""
    return _(_ARRIVAL_WORDS[verdict])


def arrival_doubt(verdict: ArrivalVerdict) -> tuple[str, str]:
    """Say what is wrong with what arrived, and what to do; empty where nothing is."""
    if verdict is ArrivalVerdict.FOUND:
        return "", ""
    return _(_ARRIVALS[verdict]), _(_ADVICE[verdict])
