"""Format states, times, sizes and counts as plain text in the current language."""

import re
import time
from collections.abc import Mapping, Sequence
from math import ceil

from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.query import View
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import N_, _, ngettext, with_parenthetical

MINUTE, HOUR, DAY = 60, 3600, 86400
_ETA_PRECISION = (
    (20 * MINUTE, MINUTE),
    (HOUR, 5 * MINUTE),
    (DAY, 10 * MINUTE),
    (float("inf"), HOUR),
)
"""Up to so many seconds → precision in seconds."""
_YEAR_10000 = 253_402_214_400
"""A day before the year 10000, so that no time zone reaches it."""

_BATCH_TIME = re.compile(r"(\d{4}-)(\d\d-\d\d )(\d\d:\d\d)(:\d\d)")

VIEW_LABELS: Mapping[View, str] = {
    View.ALL: N_("all"),
    View.ACTIVE: N_("active"),
    View.TROUBLE: N_("trouble"),
    View.DONE: N_("done"),
}
ACCOUNT_LABELS: Mapping[AccountKind, str] = {
    AccountKind.NONE: N_("not logged in"),
    AccountKind.TOKEN: N_("access token"),
    AccountKind.PAIR: N_("client ID and secret"),
    AccountKind.REFRESH: N_("refresh token"),
}

_S = TaskState
_LABELS: Mapping[TaskState, str] = {
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

_SHOWN: Mapping[Shown, tuple[str, str]] = {
    Shown.QUEUED: ("◊", N_("queued")),
    Shown.SENDING: ("»", N_("sending")),
    Shown.RUNNING: ("▸", N_("running")),
    Shown.DONE: ("√", N_("done")),
    Shown.FAILED: ("×", N_("failed")),
    Shown.UNSURE: ("?", N_("unsure")),
}
"""The glyph and the word for how a task is shown.

The glyphs are in DejaVu Sans Mono, Noto Sans Mono, JetBrains Mono, Hack and Cascadia Mono. `✓` is
missing in Noto and Hack, `✗` also in Cascadia and Fira Code, which lacks `▸` too. The Linux
console's font lacks more, so ASCII is drawn there.
"""
LOOKING_GLYPH = "·"
"""Of what is done, while its file is looked for."""


def shown_label(shown: Shown) -> str:
    """Return the word for how a task is shown."""
    return _(_SHOWN[shown][1])


def shown_glyph(shown: Shown) -> str:
    """Return its glyph: one cell wide in every font, no emoji, no ambiguous width."""
    return _SHOWN[shown][0]


def state_label(state: TaskState) -> str:
    """Return the name of `state`."""
    return _(_LABELS[state])


def state_with_status(state: TaskState, status: int) -> str:
    """Return the name of `state` with the service's status: "running (status 13)"."""
    return with_parenthetical(state_label(state), _("status {status}").format(status=status))


def duration(seconds: float) -> str:
    """Format a duration with its two largest units: "2 h 10 min"."""
    whole = max(0, round(seconds))
    if whole < MINUTE:
        return _("{seconds} s").format(seconds=whole)
    hours, minutes = whole % DAY // HOUR, whole % HOUR // MINUTE
    if whole < HOUR or (whole < DAY and not minutes) or not hours:
        return _one_unit(whole)
    if whole < DAY:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _("{days} d {hours} h").format(days=whole // DAY, hours=hours)


def rounded_duration(seconds: float) -> str:
    """Format a duration below a minute in steps of five seconds, so that it changes seldom."""
    return duration(ceil(seconds / 5) * 5 if seconds < MINUTE else seconds)


def age(seconds: float) -> str:
    """Format an age, from ten minutes in steps of five: a screen full of ages seldom changes."""
    is_coarse = 10 * MINUTE <= seconds < HOUR
    return _one_unit(seconds // (5 * MINUTE) * 5 * MINUTE if is_coarse else seconds)


def coarse_ago(seconds: float) -> str:
    """Format an age for a column: "20 min", in Chinese "20 分钟前"."""
    return age(seconds) if seconds < MINUTE else _("{age}").format(age=age(seconds))


def ago(seconds: float) -> str:
    """Format an age for a sentence: "7 min ago"."""
    if seconds < MINUTE:
        return _("just now")
    return _("{time} ago").format(time=_one_unit(seconds))


def _one_unit(seconds: float) -> str:
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        return _("{minutes} min").format(minutes=int(seconds // MINUTE))
    if seconds < DAY:
        return _("{hours} h").format(hours=int(seconds // HOUR))
    return _("{days} d").format(days=int(seconds // DAY))


def eta(seconds: float) -> str:
    """Format an estimate of the remaining time, no more precise than it is: "~2 h 10 min"."""
    if seconds < MINUTE:
        return _("< 1 min")
    precision = next(precision for limit, precision in _ETA_PRECISION if seconds < limit)
    rounded = max(1, round(seconds / precision)) * precision
    return _("~{time}").format(time=duration(rounded))


def moment(unix: float, now: float) -> str:
    """Format a Unix time in local time, with the date unless it is today.

    Times before 1970 or after the year 9999 are "-".
    """
    if not 0 <= unix < _YEAR_10000:
        return "-"
    then, today = time.localtime(unix), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    if then.tm_year == today.tm_year:
        return time.strftime("%m-%d %H:%M", then)
    return time.strftime("%Y-%m-%d %H:%M", then)


def day_and_hour(unix: float, now: float) -> str:
    """Format a Unix time without seconds: "14:05", "yesterday 23:10", "11-24 14:05"."""
    then = time.strftime("%H:%M", time.localtime(unix))
    if time.localtime(unix)[:3] == time.localtime(now - DAY)[:3]:
        return _("yesterday {time}").format(time=then)
    text = moment(unix, now)
    return then if text.count(":") == 2 else text


def batch_label(name: str, now: float) -> str:
    """Format the name of a batch; a time is shortened: "14:05:33", "11-24 14:05"."""
    parts = _BATCH_TIME.fullmatch(name)
    if parts is None:
        return name
    year, day, clock, seconds = parts.groups()
    today = time.strftime("%Y-%m-%d ", time.localtime(now))
    if today == year + day:  # where two may be of one minute
        return clock + seconds
    return day + clock if today.startswith(year) else year + day + clock


def batch_title(name: str, now: float) -> str:
    """Format the name of a batch as a heading: "night", or "Batch 14:05:33" without a label."""
    label = batch_label(name, now)
    return _("Batch {name}").format(name=label) if _BATCH_TIME.fullmatch(name) else label


def size(count: float) -> str:
    """Format a number of bytes as 123pan does, in powers of 1,024: "1.5 GB"."""
    if count < 1024:
        return _("{count} B").format(count=int(count))
    for unit in ("KB", "MB", "GB", "TB"):
        count /= 1024
        if count < 999.5 or unit == "TB":
            break
    return f"{count:.1f} {unit}" if count < 99.95 else f"{count:,.0f} {unit}"


def percent(value: float, *, decimals: int = 0) -> str:
    """Format a percentage, rounded down so that "100%" means complete."""
    factor = 10**decimals
    return f"{int(value * factor + 1e-9) / factor:.{decimals}f}%"


def pace(percent_per_s: float) -> str:
    """Format a progress rate per minute or, if that is small, per hour: "2.5%/min"."""
    per_minute = percent_per_s * MINUTE
    if per_minute >= 1:
        return _("{pace}%/min").format(pace=_rough(per_minute))
    per_hour = percent_per_s * HOUR
    if per_hour < 0.1:
        return _("< 0.1%/h")
    return _("{pace}%/h").format(pace=_rough(per_hour))


def number(count: int) -> str:
    """Format a number with thousands separators: "12,345"."""
    return f"{count:,}"


def count_downloads(count: int) -> str:
    """Return a number of running downloads in words."""
    return ngettext("{count} download", "{count} downloads", count)


def count_links(count: int) -> str:
    """Format a number of links: "3 links"."""
    return ngettext("{count} link", "{count} links", count)


def count_tasks(count: int) -> str:
    """Format a number of tasks: "3 tasks"."""
    return ngettext("{count} task", "{count} tasks", count)


def _rough(value: float) -> str:
    """Format `value` with two significant digits below 10."""
    return f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"


def missing_folders_text(folder_ids: Sequence[int], names: Mapping[int, str]) -> str:
    """Return that folders are missing and their links wait; a single one is named."""
    first, *others = folder_ids
    if others:
        return ngettext(
            "{count} folder is missing: its links wait.",
            "{count} folders are missing: their links wait.",
            len(folder_ids),
        )
    if name := names.get(first):
        shown = with_parenthetical(sanitize(name, 60), str(first))
        return _("The folder {folder} is gone: its links wait.").format(folder=shown)
    return _("The folder {id} is missing: its links wait.").format(id=first)
