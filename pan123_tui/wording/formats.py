"""The words for states, times, sizes and counts, in the language in use; plain strings."""

import time
from collections.abc import Mapping

from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.wording.problems import Explanation, explain_problem

__all__ = [
    "STALLED_GLYPH",
    "Explanation",
    "age",
    "ago",
    "count_links",
    "count_tasks",
    "duration",
    "eta",
    "explain_problem",
    "freshness",
    "moment",
    "number",
    "pace",
    "percent",
    "size",
    "stalled_word",
    "state_glyph",
    "state_label",
]

MINUTE, HOUR, DAY = 60, 3600, 86400


STALLED_GLYPH = "⋯"
_S = TaskState
_GLYPHS: Mapping[TaskState, str] = {
    _S.QUEUED: "◌",
    _S.SUBMITTING: "⇡",
    _S.UNCONFIRMED: "?",
    _S.REJECTED: "⊘",
    _S.RUNNING: "▸",
    _S.RETRYING: "↻",
    _S.SUCCEEDED: "✓",
    _S.FAILED: "✗",
    _S.MISSING: "∅",
}
_WORDS: Mapping[TaskState, str] = {
    _S.QUEUED: N_("queued"),
    _S.SUBMITTING: N_("submitting"),
    _S.UNCONFIRMED: N_("unconfirmed"),
    _S.REJECTED: N_("rejected"),
    _S.RUNNING: N_("running"),
    _S.RETRYING: N_("retrying"),
    _S.SUCCEEDED: N_("succeeded"),
    _S.FAILED: N_("failed"),
    _S.MISSING: N_("missing"),
}


def state_label(state: TaskState) -> str:
    """Name `state`."""
    return _(_WORDS[state])


def stalled_word() -> str:
    """Name what is no state of the service's: running, but without progress for long."""
    return _("stalled")


def state_glyph(state: TaskState) -> str:
    """Return the sign of `state`: one cell wide in every font, no emoji, no ambiguous width."""
    return _GLYPHS[state]


def duration(seconds: float) -> str:
    """Say a span of time with its two greatest units: "2 h 10 min"."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return _("{seconds} s").format(seconds=whole)
    if whole < HOUR:
        return _("{minutes} min").format(minutes=whole // MINUTE)
    if whole < DAY:
        hours, minutes = whole // HOUR, whole % HOUR // MINUTE
        if not minutes:
            return _("{hours} h").format(hours=hours)
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    days, hours = whole // DAY, whole % DAY // HOUR
    if not hours:
        return _("{days} d").format(days=days)
    return _("{days} d {hours} h").format(days=days, hours=hours)


def age(seconds: float) -> str:
    """Say how old, in few steps, so that a screen full of ages seldom changes: "20 min"."""
    steps = [step for step in _AGE_STEPS if step * MINUTE <= seconds < HOUR]
    return _one_unit(steps[-1] * MINUTE if steps else seconds)


def freshness(seconds: float) -> str:
    """Say how long ago something was asked that is asked again and again: "now" up to 2 min."""
    return _("now") if seconds < 2 * MINUTE else age(seconds)


def ago(seconds: float) -> str:
    """Say how long ago in a sentence's words: "7 min ago"."""
    if seconds < MINUTE:
        return _("just now")
    return _("{time} ago").format(time=_one_unit(seconds))


_AGE_STEPS = (1, 2, 5, 10, 20, 30, 45)


def _one_unit(seconds: float) -> str:
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        return _("{minutes} min").format(minutes=int(seconds // MINUTE))
    if seconds < DAY:
        return _("{hours} h").format(hours=int(seconds // HOUR))
    return _("{days} d").format(days=int(seconds // DAY))


def eta(seconds: float) -> str:
    """Say a guess at the time that is left, no finer than it can be trusted: "~2 h 10 min"."""
    if seconds < MINUTE:
        return _("< 1 min")
    grain = next(grain for limit, grain in _ETA_GRAINS if seconds < limit)
    return _("~{time}").format(time=duration(max(1, round(seconds / grain)) * grain))


_ETA_GRAINS = ((20 * MINUTE, MINUTE), (HOUR, 5 * MINUTE), (DAY, 10 * MINUTE), (float("inf"), HOUR))


_YEAR_10000 = 253_402_214_400
"""The last day before it, so that no time zone passes it."""


def moment(unix: float, now: float) -> str:
    """Say a point in time by the local clock, with the date unless it is today's.

    A time that no calendar knows, from a clock gone wrong or a spoiled file, is a dash.
    """
    if not 0 <= unix < _YEAR_10000:
        return "-"
    then, today = time.localtime(unix), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    if then.tm_year == today.tm_year:
        return time.strftime("%m-%d %H:%M", then)
    return time.strftime("%Y-%m-%d %H:%M", then)


def size(count: float) -> str:
    """Say a number of bytes in the unit that suits it: "1.5 GiB"."""
    if count < 1024:
        return _("{count} B").format(count=int(count))
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        count /= 1024
        if count < 999.5 or unit == "TiB":
            break
    return f"{count:.1f} {unit}" if count < 99.95 else f"{count:,.0f} {unit}"


def percent(value: float, *, decimals: int = 0) -> str:
    """Say a percentage, cut and not rounded: "100%" is never said before it is true."""
    grain = 10**decimals
    return f"{int(value * grain + 1e-9) / grain:.{decimals}f}%"


def pace(percent_per_s: float) -> str:
    """Say how fast the percentage grows, by the minute or, where that is little, by the hour."""
    per_minute = percent_per_s * MINUTE
    if per_minute >= 1:
        return _("{pace}%/min").format(pace=_rough(per_minute))
    per_hour = percent_per_s * HOUR
    if per_hour < 0.1:
        return _("< 0.1%/h")
    return _("{pace}%/h").format(pace=_rough(per_hour))


def number(count: int) -> str:
    """Write a number with its thousands apart: "12,345"."""
    return f"{count:,}"


def count_links(count: int) -> str:
    """Say how many links."""
    return ngettext("{count} link", "{count} links", count).format(count=number(count))


def count_tasks(count: int) -> str:
    """Say how many tasks."""
    return ngettext("{count} task", "{count} tasks", count).format(count=number(count))


def _rough(value: float) -> str:
    """Write `value` with about two digits that count."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
