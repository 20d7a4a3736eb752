"""Format states, times, sizes and counts as plain text in the current language."""

import time
from collections.abc import Mapping, Sequence
from math import ceil, inf

from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.query import View
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown
from pan123_tui.i18n import N_, _, ngettext, with_parenthetical

MINUTE, HOUR, DAY = 60, 3600, 86400
_ETA_STEPS = ((20 * MINUTE, MINUTE), (57 * MINUTE, 5 * MINUTE), (DAY, HOUR), (inf, DAY))
"""Below this many seconds, an estimate is given in steps of that many."""
_YEAR_10000 = 253_402_214_400
"""A day before the year 10,000, so that no time zone reaches that year."""

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
missing from Noto and Hack, `✗` from Cascadia and Fira Code too, and `▸` from Fira Code. The Linux
console's font lacks more, so ASCII is drawn there.
"""
LOOKING_GLYPH = "·"
"""The glyph of a done task while its file is being looked for, or is in doubt."""


def account_label(kind: AccountKind, nickname: str) -> str:
    """Return the account's name if it is known, and how it is logged in."""
    way = _(ACCOUNT_LABELS[kind])
    is_named = nickname and kind is not AccountKind.NONE
    return with_parenthetical(nickname, way) if is_named else with_parenthetical(way, nickname)


def shown_label(shown: Shown) -> str:
    return _(_SHOWN[shown][1])


def shown_glyph(shown: Shown) -> str:
    """Return the glyph: one cell wide in every font, no emoji, no ambiguous width."""
    return _SHOWN[shown][0]


def duration(seconds: float) -> str:
    """Format a duration: "35 s", in steps of five so that it rarely changes, or "2 h 10 min"."""
    if seconds < MINUTE:
        return _("{seconds} s").format(seconds=max(0, ceil(seconds / 5) * 5))
    minutes, hours = round(seconds) % HOUR // MINUTE, round(seconds) % DAY // HOUR
    days = round(seconds) // DAY
    if days and hours:
        return _("{days} d {hours} h").format(days=days, hours=hours)
    if hours and minutes and not days:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _one_unit(round(seconds))


def coarse_ago(seconds: float) -> str:
    """Format an age for a column: "20 min", in Chinese "20 分钟前"."""
    return _("now") if seconds < MINUTE else _("{age}").format(age=_one_unit(seconds))


def ago(seconds: float) -> str:
    """Format an age for a sentence: "7 min ago"."""
    if seconds < MINUTE:
        return _("just now")
    return _("{time} ago").format(time=_one_unit(seconds))


def _one_unit(seconds: float) -> str:
    if seconds < HOUR:
        return _("{minutes} min").format(minutes=int(seconds // MINUTE))
    if seconds < DAY:
        return _("{hours} h").format(hours=int(seconds // HOUR))
    return _("{days} d").format(days=int(seconds // DAY))


def eta(seconds: float) -> str:
    """Format an estimate of the remaining time, no more precise than it is: "~2 h left"."""
    if seconds < MINUTE:
        return _("< 1 min left")
    step = next(step for limit, step in _ETA_STEPS if seconds < limit)
    return _("~{time} left").format(time=_one_unit(round(seconds / step) * step))


def moment(unix: float, now: float) -> str:
    """Format a Unix time in local time, with the date unless it is today; "-" if out of range."""
    if not 0 <= unix < _YEAR_10000:
        return "-"
    then, today = time.localtime(unix), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    is_this_year = then.tm_year == today.tm_year
    return time.strftime("%m-%d %H:%M" if is_this_year else "%Y-%m-%d %H:%M", then)


def day_and_hour(unix: float, now: float) -> str:
    """Format a Unix time without seconds: "14:05", "yesterday 23:10", "11-24 14:05"."""
    # From noon, since a day on which the clocks change has 23 or 25 hours.
    noon = time.mktime((*time.localtime(now)[:3], 12, 0, 0, 0, 0, -1))
    text, of_yesterday = moment(unix, now), moment(unix, noon - DAY)
    if of_yesterday.count(":") == 2:
        return _("yesterday {time}").format(time=of_yesterday[:-3])
    return text[:-3] if text.count(":") == 2 else text


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


def number(count: int) -> str:
    """Format a number with thousands separators: "12,345"."""
    return f"{count:,}"


def count_downloads(count: int) -> str:
    return ngettext("{count} download", "{count} downloads", count)


def count_links(count: int) -> str:
    return ngettext("{count} link", "{count} links", count)


def count_tasks(count: int) -> str:
    return ngettext("{count} task", "{count} tasks", count)


def folder_name(folder_id: int, names: Mapping[int, str]) -> str:
    return names.get(folder_id, f"ID {folder_id}")


def missing_folders_text(folder_ids: Sequence[int], names: Mapping[int, str]) -> str:
    if len(folder_ids) > 1:
        return ngettext(
            "{count} folder is missing: its links wait.",
            "{count} folders are missing: their links wait.",
            len(folder_ids),
        )
    name = folder_name(folder_ids[0], names)
    return _("The folder {folder} is gone: its links wait.").format(folder=sanitize(name, 60))
