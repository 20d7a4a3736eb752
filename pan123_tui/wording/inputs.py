"""Texts about what a user enters: rows of the review, paths of folders, search lines."""

import time
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

from pan123_tui.domain.events import Account
from pan123_tui.domain.filter import (
    FIELD_WORDS,
    STATE_WORDS,
    FilterErrorReason,
    FilterSyntaxError,
    Term,
    parse,
    words_in,
)
from pan123_tui.domain.folders import FolderFault, FolderSearch
from pan123_tui.domain.links.file_names import NameFault
from pan123_tui.domain.links.probes import ProbeStatus
from pan123_tui.domain.links.review import ReviewRow, Verdict
from pan123_tui.domain.links.share_pages import redirect_target, share_page
from pan123_tui.domain.links.url import Doubt, RejectionReason, address_doubts, expired_at
from pan123_tui.domain.sanitize import hide_password, sanitize
from pan123_tui.domain.task import SHOWN_AS, SentLink, Task, shown_state
from pan123_tui.i18n import N_, _, join_choices, join_sentences, language
from pan123_tui.wording.formats import shown_label, size
from pan123_tui.wording.link_tests import link_check_text

_R, _L, _F = RejectionReason, Doubt, FilterErrorReason
_REJECTIONS = {
    _R.NOT_HTTP: N_("the open API takes http and https only"),
    _R.WEB_PAGE_ONLY: N_("123pan's website takes these; the open API does not"),
    _R.WRAPS_OTHER: N_(
        "it holds an ed2k, magnet or ftp link: 123pan's website takes these; the open API does not"
    ),
    _R.UNREADABLE: N_("this thunder:// link cannot be decoded"),
    _R.NO_SCHEME: N_("a link begins with http:// or https://"),
    _R.NO_LINK: N_("no link in this line"),
    _R.BAD_HOST: N_("invalid host name or port"),
    _R.BAD_ENCODING: N_("it contains corrupted characters; copy it again"),
    _R.HAS_BLANKS: N_("a link cannot contain spaces"),
    _R.TOO_LONG: N_("too long for a link"),
}
_PROTOCOLS = {"magnet": N_("magnet"), "thunder": N_("thunder")}
_OTHER_PROTOCOLS = {_R.NOT_HTTP, _R.WEB_PAGE_ONLY, _R.WRAPS_OTHER, _R.UNREADABLE}
_NO_FILE = N_("A page on {service}, not a file: {advice}.")
_DOUBTS = {
    _L.END: (N_("look: may be incomplete"), N_("It is unclear whether the link ends here.")),
    _L.SHORTENED: (
        N_("look: shortened?"),
        N_("Ellipsis or unfinished query: part of the link may be missing."),
    ),
    _L.COMMAND: (
        N_("look: with options"),
        N_("123pan gets only the link: no header, login or other option, and no $name filled in."),
    ),
    _L.SCHEME: (
        N_("look: add {scheme}?"),
        N_("{scheme} was missing, or stood apart."),
    ),
    _L.WRAPPED: (
        N_("look: was a line cut?"),
        N_("The link may go on in the next line."),
    ),
    _L.SHARE_PAGE: (N_("look: a share page"), _NO_FILE),
    _L.REDIRECT: (N_("look: a redirect"), _NO_FILE),
    _L.PAGE: (N_("look: a web page"), N_("This is the address of a website, not of a file.")),
    _L.CODE: (
        N_("look: a share page?"),
        N_("There is an access code beside the link: is it a share page rather than the file?"),
    ),
    _L.PASSWORD: (
        N_("look: has a password"),
        N_("The link has a user name and a password, which 123pan would get."),
    ),
    _L.PRIVATE: (
        N_("look: private host"),
        N_("The host is on a private network, which 123pan cannot reach."),
    ),
    _L.EXPIRED: (N_("look: expired"), N_("The link expired on {day}.")),
    _L.LIST: (
        N_("look: a list"),
        N_("This is a list, not the file: 123pan downloads the list only."),
    ),
    _L.RANGE: (
        N_("look: a range of files?"),
        N_("The link may stand for several files: 123pan needs one link for each."),
    ),
    _L.SHORT: (
        N_("look: a short link"),
        N_("A short link leads to another one: open it once to see where it leads."),
    ),
    _L.TEST: (
        N_("not a file"),
        N_("There is no file at this link: look for another one."),
    ),
    _L.GBK: (
        N_("look: GBK name?"),
        N_("This thunder:// link was read as GBK: check that its name is right."),
    ),
}
"""What may be wrong with a link, in a few words and as a sentence."""
_TESTS = {
    ProbeStatus.EXPIRED: N_("expired"),
    ProbeStatus.NO_SUCH_HOST: N_("no such host"),
    ProbeStatus.NOT_CONNECTED: N_("no answer"),
    ProbeStatus.BAD_CERTIFICATE: N_("bad certificate"),
    ProbeStatus.PRIVATE: N_("your network: not tested"),
    ProbeStatus.ENVIRONMENT_UNUSABLE: N_("not tested"),
}

_FAULTS: Mapping[Enum, str] = {
    NameFault.TOO_LONG: N_("a name has at most 255 characters"),
    NameFault.FORBIDDEN: N_('a name cannot contain " \\ / : * ? | > <'),
    NameFault.BLANK: N_("a name cannot be blank"),
    NameFault.UNKNOWN_FIELD: N_("a template may use only {stem}, {ext}, {name} and {n}"),
    NameFault.NOT_UNIQUE: N_("several links need {n}, {stem} or {name} in their name"),
    FolderFault.NOT_A_NUMBER: N_("a folder's id is a positive whole number"),
    FolderFault.NAME: N_("a folder is an id, or a path of names such as 影视/动画"),
    FolderFault.ROOT: N_("files cannot go into the root folder (0)"),
    _F.UNKNOWN_FIELD: N_("no such field; use quotes to search for the text, or one of {fields}"),
    _F.UNKNOWN_STATE: N_("no such state; the states are {states}"),
    _F.VALUE_MISSING: N_("a value is missing"),
    _F.NOT_A_NUMBER: N_("this must be a number"),
    _F.NOT_A_DURATION: N_("this must be a time such as 30s, 5m, 2h, 3d or 1w"),
    _F.NOT_A_SIZE: N_("this must be a size such as 500MB or 1.5GB"),
    _F.NOT_COMPARABLE: N_("this field takes : = ~ only"),
    _F.NOT_TEXT: N_("compare this field with < or >"),
}
_ADVICE = {
    "save": N_("on that page, save the file to your own drive"),
    "app": N_("only its own page or app can download the file"),
    "dl1": N_("change dl=0 to dl=1 to get the file"),
    "raw": N_("change blob to raw to get the file"),
    "resolve": N_("change blob to resolve to get the file"),
    "add_download": N_("add /download at its end to get the file"),
    "repo": N_("copy the link of the file itself"),
    "button": N_("copy the link of its download button instead"),
    "video": N_("the video in its player has no link of its own"),
    "article": N_("it has text, but no file to download"),
    "redirect": N_("it redirects to another link; use that one instead"),
    "short": N_("open it once to see where it leads"),
}
"""What to do instead of sending the link of a page, by its kind."""


def fault_text(fault: NameFault | FolderFault) -> str:
    return _(_FAULTS[fault])


def rejection_text(reason: RejectionReason) -> str:
    return _(_REJECTIONS[reason])


def verdict_text(row: ReviewRow, duplicate: Task | None = None) -> str:
    """Return what becomes of `row`, in about 24 cells; `duplicate` is the task with its link."""
    text = _("skipped")
    if row.is_mere_text:
        text = _("other text")
    elif row.reason in _OTHER_PROTOCOLS:
        scheme = row.text.partition(":")[0].lower()
        protocol = _(_PROTOCOLS[scheme]) if scheme in _PROTOCOLS else scheme
        text = _("refused: {protocol}").format(protocol=protocol)
    elif row.reason is not None:
        text = _("refused: bad address")
    elif word := test_word(row):
        text = word
    elif row.doubt is not None and not row.is_accepted:
        known = _("look: duplicate") if row.known_as else row.sent and _("look: sent before")
        text = known or _(_DOUBTS[row.doubt][0])
        text = text.format(scheme=_scheme(row.text))
    elif row.keep:
        text = _("kept") if row.doubt else _("new")
        text = _("again") if row.is_known else text
    elif row.is_repeated:
        text = _("duplicate: a mirror") if row.is_mirror else _("duplicate")
    elif duplicate is not None:
        text = _("duplicate: {state}").format(state=shown_label(shown_state(duplicate)))
    elif row.known_as or row.sent:
        text = sent_text(row.sent, _("sent {day}, {state}")) if row.sent else _("duplicate")
    return text


def test_word(row: ReviewRow) -> str:
    """Return what a test of `row` has shown; empty: the verdict has another reason."""
    test = row.test
    reason = Verdict.DOUBTFUL if row.doubt is _L.TEST else Verdict.KEPT
    if test is None or row.verdict is not reason:
        return ""
    if test.status is ProbeStatus.REACHABLE:
        return _("size unknown") if test.size is None else size(test.size)
    if test.status is ProbeStatus.LOGIN_PAGE:
        return _("asks for a login") if test.http_status in (401, 407) else _("a web page")
    word = _TESTS.get(test.status)
    return _(word) if word else str(test.http_status or "")


def sent_text(sent: SentLink, text: str, **words: str) -> str:
    """Return `text` with `words`, the `day` of a link sent before, and the `state` it came to."""
    day, today = (time.strftime("%Y-%m-%d", time.localtime(it)) for it in (sent.at, time.time()))
    day = day[5:] if day[:4] == today[:4] else day
    return text.format(day=day, state=shown_label(SHOWN_AS[sent.state]), **words)


def size_texts(rows: Iterable[ReviewRow], account: Account | None) -> tuple[str, str]:
    """Return how much the tested links are together, and what is free if that is less."""
    total = sum(row.test.size or 0 for row in rows if row.keep and row.test)
    free = max(account.space_total - account.space_used, 0) if account else total
    text = _("{size} in all").format(size=size(total)) if total else ""
    few = _("only {size} free on the drive").format(size=size(free)) if total > free else ""
    return text, few


def _scheme(link: str) -> str:
    return link[: link.find("//") + 2].lower()


def reason_text(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, or what was overruled; empty if it is plain."""
    if row.reason is not None:
        text = "" if row.is_mere_text else _("Refused: {reason}.")
        return text.format(reason=rejection_text(row.reason))
    again = ""
    if row.is_known:
        again = _("This link is already in the list.")
        if row.is_repeated:
            again = _("Another row has this link already.")
        if row.sent is not None:
            again = sent_text(row.sent, _("This link was sent before: {day}, {state}."))
    if row.is_mirror:
        again = _("Another row has another address of this file.")
    if row.doubt in (_L.TEST, _L.SHORT) and row.test is not None:
        leads = _("The link leads to {target}.") if row.test.url else ""
        target = sanitize(hide_password(row.test.url), 80, truncate_at="middle")
        return join_sentences(again, leads.format(target=target), link_check_text(row.test))
    if row.doubt is None:
        return again
    service = advice = ""
    page = share_page(row.text) if row.doubt is not _L.SHORT else None
    if page:
        service = page.service_zh if language().startswith("zh") else page.service
        advice = _(_ADVICE[page.kind])
        if target := redirect_target(row.text):
            target = sanitize(hide_password(target), 80, truncate_at="middle")
            advice = _("it redirects; use {target} instead").format(target=target)
    day = time.strftime("%Y-%m-%d", time.localtime(expired_at(row.text)))
    words = {"scheme": _scheme(row.text), "service": service, "advice": advice, "day": day}
    others = [] if page else [it for it in address_doubts(row.text) if it is not row.doubt]
    texts = [_NO_FILE] if page else [_DOUBTS[it][1] for it in (row.doubt, *others)]
    more = row.longer.removeprefix(row.text)
    longer = _("It may go on with “{text}”.").format(text=sanitize(more, 60)) if more else ""
    return join_sentences(again, *(_(it).format_map(words) for it in texts), longer)


def explanation(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, and which keys settle it."""
    keys = ""
    if row.reason is not None:
        keys = _("{review.edit} edits it.")
    elif row.is_undecided and row.longer:
        keys = _("{review.toggle} keeps it; {review.edit}, then → adds the rest.")
    elif row.is_undecided and row.doubt is _L.SHORT and row.test is None:
        keys = _("{add.test} shows where it leads, {review.toggle} keeps it.")
    elif row.is_undecided and row.doubt is _L.SHORT and row.test and row.test.url:
        keys = _("{review.edit} takes that link, {review.toggle} keeps the short one.")
    elif row.is_undecided:
        keys = _("{review.toggle} keeps it, {review.edit} edits it.")
    elif row.is_repeated and not (row.keep or row.duplicate_of):
        keys = _("The other row with this link is skipped: {review.toggle} keeps this one.")
    elif row.keep:
        keys = _("{review.toggle} leaves it out.")
    elif row.has_link:
        keys = _("{review.toggle} sends it again.") if row.sent else _("{review.toggle} keeps it.")
    return join_sentences(reason_text(row), keys)


def path_text(names: Iterable[str]) -> str:
    return sanitize("/".join(names), 200)


def not_found_text(search: FolderSearch, advice: str = "") -> str:
    """Return why a path leads to no folder, and what to do; `advice` makes what is missing."""
    text = _("There is no folder “{name}” in “{where}”.")
    if not search.found:
        text = _("There is no folder “{name}”.")
    what = text.format(name=path_text(search.missing[:1]), where=path_text(search.found))
    if search.problem is not None:
        advice = _("The folder cannot be made: {reason}.").format(reason=fault_text(search.problem))
    close = search.closest and _("Did you mean “{name}”?")
    close = close.format(name=path_text((*search.found, search.closest)))
    return join_sentences(what, close, advice)


def _error_text(reason: FilterErrorReason) -> str:
    states, fields = (join_choices(words_in(it, language())) for it in (STATE_WORDS, FIELD_WORDS))
    return _(_FAULTS[reason]).format(states=states, fields=fields)


def filter_faults(line: str, *, is_typed: bool = False) -> Sequence[tuple[int, int, str]]:
    """Return errors as (start, end, reason); `is_typed`: the last value may still come."""
    begun = (len(line), FilterErrorReason.VALUE_MISSING) if is_typed else ()
    errors = (it for it in parse(line).errors if it[1:] != begun)
    return [(it.start, it.end, _error_text(it.reason)) for it in errors]


def guesses_text(terms: Iterable[Term]) -> str:
    """Return which states the parts of words in `terms` are taken for; "" if there are none."""
    texts = []
    for part, found in (guess for term in terms for guess in term.guesses):
        states = join_choices(words_in({it: STATE_WORDS[it] for it in found}, language()))
        text = _("“{word}” is taken for {states}.")
        texts.append(text.format(word=sanitize(part, 20), states=states))
    return join_sentences(*texts)


def selection_error_text(error: FilterSyntaxError, example: str) -> str:
    """Return what is wrong with a word that should choose tasks; `example` is a command."""
    text, reason = _("“{word}”: {reason}. Example: {example}"), _error_text(error.reason)
    return text.format(word=sanitize(error.word, 40), reason=reason, example=example)
