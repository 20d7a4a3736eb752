"""Texts for link checks, the service's failure reasons and arrival checks."""

import re
from collections.abc import Mapping

from pan123_tui.domain.batches import FoundFiles
from pan123_tui.domain.link_probe import ProbeResult, ProbeStatus
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.shown import Shown
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus
from pan123_tui.i18n import N_, _, join_list, ngettext, with_aside
from pan123_tui.wording.formats import (
    batch_label,
    batch_title,
    day_and_hour,
    eta,
    number,
    shown_label,
    size,
)

_P = ProbeStatus
_PROBE_TEXTS: Mapping[ProbeStatus, str] = {
    _P.REACHABLE: N_("This machine can fetch the file: retry; the host may block the service."),
    _P.NOT_FOUND: N_("The link leads to no file: look for another link."),
    _P.FORBIDDEN: N_(
        "The host forbids the download: it may want a login, a referrer or another country."
    ),
    _P.EXPIRED: N_("The signature in the link has expired: copy a fresh link."),
    _P.LOGIN_PAGE: N_("A web page came instead of a file, probably a login page."),
    _P.NO_SUCH_HOST: N_("No such host: this machine cannot resolve the name."),
    _P.NOT_CONNECTED: N_("The host does not accept the connection."),
    _P.BAD_CERTIFICATE: N_("The host's certificate cannot be trusted."),
    _P.TIMED_OUT: N_("The host does not answer in time."),
    _P.TOO_BUSY: N_("The host is too busy: retry later."),
    _P.SERVER_ERROR: N_("The host has a server error: retry later."),
    _P.PRIVATE: N_("A private address: the service cannot reach it."),
    _P.UNEXPECTED: N_("The host answers with something other than a file."),
}
_REASON_HINTS: Mapping[str, str] = {
    r"expired?\b|signature|过期|失效|签名": N_(
        "The link was only temporary: copy a fresh one and edit this task."
    ),
    r"\b(?:404|410)\b|not found|no such file|不存在|找不到": N_(
        "The host no longer has the file: look for another link."
    ),
    r"\b40[13]\b|forbidden|unauthori[sz]ed|denied|无权|禁止|拒绝访问": N_(
        "The host blocks the service: it may want a login, a referrer or a cookie."
    ),
    r"\b429\b|too many|频繁|限流": N_(
        "The host limits the number of downloads: retry later, a few at a time."
    ),
    r"time[d -]*out|超时": N_("The host was too slow for the service: retry when it is less busy."),
    r"no such host|dns|resolve|域名|主机.{0,6}解析|解析.{0,6}主机": N_(
        "The service could not find the host: check the spelling of its name."
    ),
    r"certificate|x509|\b(?:tls|ssl)\b|证书": N_(
        "The service does not trust the host's certificate: try the same link with http."
    ),
    r"refused|reset|unreachable|断开|无法连接|连接失败": N_(
        "The host did not let the service connect: retry later, or use a mirror."
    ),
    r"\b50[0-9]\b|server error|源站": N_("The host had a server error: retry later."),
    r"space|quota|空间|容量": N_("There may be no room on the drive: make some, then retry."),
}
"""Pattern of a reason that came with a callback → hint; the most specific first."""
_ARRIVALS: Mapping[ArrivalStatus, tuple[str, str]] = {
    ArrivalStatus.NOT_FOUND: (
        N_("not in the folder"),
        N_("Look for it on the drive: it may have another name there."),
    ),
    ArrivalStatus.ERROR_PAGE: (
        N_("a web page, not a file"),
        N_("Probably an error or login page. Edit the link and retry."),
    ),
    ArrivalStatus.TOO_SMALL: (
        N_("too small: {size}"),
        N_("The file may be an error page with the right name: open it to check."),
    ),
    ArrivalStatus.BLOCKED: (
        N_("blocked by 123pan"),
        N_("The file is on the drive, but cannot be opened; the website may say why."),
    ),
}
NO_FILES = FoundFiles()
_MAX_NAME_CELLS = 30
"""Of the name of a batch in the heading of the list."""
DOUBT_SIGN = "!"
"""Sign before a problem with a file that was reported done: ASCII, one cell wide."""


def link_check_text(result: ProbeResult) -> str:
    """Return the result of a link check, with what the host reported about the file."""
    facts = [
        f"HTTP {result.http_status}" if result.http_status else "",
        sanitize(result.content_type, 60),
        size(result.size) if result.size is not None else "",
        sanitize(result.host, 80),
    ]
    return with_aside(_(_PROBE_TEXTS[result.status]), join_list(facts))


def reason_hint(reason: str) -> str:
    """Return what to do about the service's failure `reason`, "" if it is unknown."""
    for pattern, hint in _REASON_HINTS.items():
        if re.search(pattern, reason[:400], re.IGNORECASE):
            return _(hint)
    return ""


def arrival_warning(check: ArrivalCheck) -> tuple[str, str]:
    """Return what is wrong with the file and what to do, ("", "") if nothing is."""
    if check.status not in _ARRIVALS:
        return "", ""
    what, advice = map(_, _ARRIVALS[check.status])
    return what.format(size=size(check.size)), advice


def outcome_text(counts: Mapping[Shown, int]) -> str:
    """Return how tasks have ended: "12 done, 2 failed"."""
    return join_list(shown_counts(counts, Shown.DONE, Shown.FAILED, Shown.UNSURE))


def batch_text(
    name: str, counts: Mapping[Shown, int], now: float, *, files: FoundFiles = NO_FILES
) -> str:
    """Return how a batch stands: "Batch 14:05: 41 done, 18 failed, 38.2 GB in 41 files"."""
    known = join_list(filter(None, (outcome_text(counts), files_text(files))))
    return _("Batch {name}: {counts}").format(name=sanitize(batch_label(name, now)), counts=known)


def files_text(files: FoundFiles) -> str:
    """Return "38.2 GB in 41 files", "" without any."""
    text = ngettext("{size} in {count} file", "{size} in {count} files", files.count)
    return text.format(size=size(files.size)) if files.count else ""


def shown_counts(counts: Mapping[Shown, int], *words: Shown) -> list[str]:
    """Return how many tasks are shown by each of `words`: "3 failed", without those of none."""
    text = _("{count} {word}")
    return [
        text.format(count=number(counts[word]), word=shown_label(word))
        for word in words
        if counts.get(word)
    ]


def batch_progress_text(
    name: str,
    counts: Mapping[Shown, int],
    now: float,
    *,
    left_s: float | None = None,
    files: FoundFiles = NO_FILES,
) -> str:
    """Return how far a batch is: "night: 212 of 300, 3 failed, 38.2 GB in 212 files, ~40 min"."""
    done, total = number(counts.get(Shown.DONE, 0)), number(sum(counts.values()))
    parts = [
        _("{hits} of {total}").format(hits=done, total=total),
        *shown_counts(counts, Shown.FAILED, Shown.UNSURE),
        files_text(files),
        "" if left_s is None else eta(left_s),
    ]
    label = sanitize(batch_title(name, now), _MAX_NAME_CELLS)
    return _("{name}: {counts}").format(name=label, counts=join_list(filter(None, parts)))


def since_text(since: float, counts: Mapping[Shown, int], *, now: float) -> str:
    """Return what has ended while no screen looked: "Since yesterday 23:10: 41 done, 1 unsure"."""
    time = day_and_hour(since, now)
    return _("Since {time}: {counts}").format(time=time, counts=outcome_text(counts))
