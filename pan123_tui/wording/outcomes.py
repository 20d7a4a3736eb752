"""In words: what arrived in the target folder."""

import re
from collections.abc import Mapping

from pan123_tui.domain.link_probe import ProbeResult, ProbeStatus
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ArrivalCheck, ArrivalStatus
from pan123_tui.i18n import N_, _, join_list, with_parenthetical
from pan123_tui.wording.formats import size

_V = ProbeStatus
_LINKS: Mapping[ProbeStatus, str] = {
    _V.REACHABLE: N_("It can be fetched from here: retry, the host may keep the service out."),
    _V.NOT_FOUND: N_("The file is no longer there: look for another link."),
    _V.FORBIDDEN: N_("The host forbids it: it may want a login, a referrer or another country."),
    _V.EXPIRED: N_("The signature in the link has expired: copy a fresh link."),
    _V.LOGIN_PAGE: N_("A page answers instead of a file, most likely a login."),
    _V.NO_SUCH_HOST: N_("No such host: the name does not resolve from here."),
    _V.NOT_CONNECTED: N_("The host does not accept the connection."),
    _V.BAD_CERTIFICATE: N_("The host's certificate cannot be trusted."),
    _V.TIMED_OUT: N_("The host does not answer in time."),
    _V.TOO_BUSY: N_("The host is too busy: retry later."),
    _V.SERVER_ERROR: N_("The host has an error of its own: retry later."),
    _V.PRIVATE: N_("A private address: the service cannot reach it."),
    _V.UNEXPECTED: N_("The host answers something that is no file."),
}
_LINK_WORDS: Mapping[ProbeStatus, str] = {
    _V.REACHABLE: N_("reachable"),
    _V.NOT_FOUND: N_("not found"),
    _V.FORBIDDEN: N_("forbidden"),
    _V.EXPIRED: N_("expired"),
    _V.LOGIN_PAGE: N_("login page"),
    _V.NO_SUCH_HOST: N_("no such host"),
    _V.NOT_CONNECTED: N_("no connection"),
    _V.BAD_CERTIFICATE: N_("bad certificate"),
    _V.TIMED_OUT: N_("timed out"),
    _V.TOO_BUSY: N_("too busy"),
    _V.SERVER_ERROR: N_("host error"),
    _V.PRIVATE: N_("private"),
    _V.UNEXPECTED: N_("no file"),
}
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), hint)
    for pattern, hint in (
        (
            r"expired?\b|signature|过期|失效|签名",
            N_("The link was good for a while only: copy a fresh one and edit this task."),
        ),
        (
            r"\b(?:404|410)\b|not found|no such file|不存在|找不到",
            N_("The host no longer has the file: look for another link."),
        ),
        (
            r"\b40[13]\b|forbidden|unauthori[sz]ed|denied|无权|禁止|拒绝访问",
            N_("The host keeps the service out: it may want a login, a referrer or a cookie."),
        ),
        (
            r"\b429\b|too many|频繁|限流",
            N_("The host allows only so many downloads: retry later, few at a time."),
        ),
        (
            r"time[d -]*out|超时",
            N_("The host was too slow for the service: retry when it is less busy."),
        ),
        (
            r"no such host|dns|resolve|域名|解析",
            N_("The service could not find the host: see whether its name is spelt right."),
        ),
        (
            r"certificate|x509|\b(?:tls|ssl)\b|证书",
            N_("The service does not trust the host: try the same link with http."),
        ),
        (
            r"refused|reset|unreachable|断开|无法连接|连接失败",
            N_("The host did not let the service connect: retry later, or use a mirror."),
        ),
        (
            r"\b50[0-9]\b|server error|源站",
            N_("The host had an error of its own: retry later."),
        ),
        (
            r"space|quota|空间|容量",
            N_("There may be no room on the drive: make some, then retry."),
        ),
    )
)
"""What the reasons that came with callbacks may mean, the most telling first."""


def link_check_text(check: ProbeResult) -> str:
    """Say what the test of a link found, with what the host said about the file."""
    facts = [
        f"HTTP {check.http_status}" if check.http_status else "",
        sanitize(check.content_type, 60),
        size(check.size) if check.size is not None else "",
        sanitize(check.host, 80),
    ]
    return with_parenthetical(_(_LINKS[check.status]), join_list(facts))


def link_check_word(verdict: ProbeStatus) -> str:
    """Say in at most three words what the test of a link found."""
    return _(_LINK_WORDS[verdict])


def reason_hint(reason: str) -> str:
    """Say what the service's `reason` (outside text) suggests to do; empty if it is unknown."""
    return next((_(hint) for pattern, hint in _REASONS if pattern.search(reason[:400])), "")


_ARRIVALS: Mapping[ArrivalStatus, str] = {
    ArrivalStatus.FOUND: N_("arrived"),
    ArrivalStatus.NOT_FOUND: N_("reported done, not found in the folder"),
    ArrivalStatus.ERROR_PAGE: N_("a web page arrived in its place"),
    ArrivalStatus.TOO_SMALL: N_("far too small for such a file"),
}
_ARRIVAL_WORDS: Mapping[ArrivalStatus, str] = {
    ArrivalStatus.FOUND: N_("arrived"),
    ArrivalStatus.NOT_FOUND: N_("not found"),
    ArrivalStatus.ERROR_PAGE: N_("web page"),
    ArrivalStatus.TOO_SMALL: N_("too small"),
}
_ADVICE: Mapping[ArrivalStatus, str] = {
    ArrivalStatus.NOT_FOUND: N_("Look for it on the drive: it may have another name there."),
    ArrivalStatus.ERROR_PAGE: N_("Most likely an error or a login: add a fresh link."),
    ArrivalStatus.TOO_SMALL: N_("It may be an error page under its name: open it and see."),
}
DOUBT_SIGN = "!"
"""Stands before what is wrong with a file that was reported done; one cell wide, and ASCII."""


def arrival_text(arrival: ArrivalCheck) -> str:
    """Say what lies in the folder: "arrived: film.mkv, 1.5 GiB"."""
    text = _(_ARRIVALS[arrival.status])
    if arrival.status is ArrivalStatus.NOT_FOUND:
        return text
    return _("{verdict}: {name}, {size}").format(
        verdict=text, name=sanitize(arrival.name, 200), size=size(arrival.size)
    )


def arrival_word(verdict: ArrivalStatus) -> str:
    """Say in at most two words what became of a file that was reported done."""
    return _(_ARRIVAL_WORDS[verdict])


def arrival_warning(verdict: ArrivalStatus) -> tuple[str, str]:
    """Say what is wrong with what arrived, and what to do; empty where nothing is."""
    if verdict is ArrivalStatus.FOUND:
        return "", ""
    return _(_ARRIVALS[verdict]), _(_ADVICE[verdict])
