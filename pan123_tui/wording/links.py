"""Texts for rejected links and file names, and for the review of links."""

from pan123_tui.domain.batches import is_last
from pan123_tui.domain.links.file_names import NameProblem, TemplateProblem
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus
from pan123_tui.domain.links.share_pages import share_page
from pan123_tui.domain.links.url import Look, RejectionReason
from pan123_tui.domain.shown import shown_state
from pan123_tui.domain.task import Task
from pan123_tui.i18n import N_, _, join_sentences, language
from pan123_tui.wording.formats import shown_label

_REJECTION_TEXTS = {
    RejectionReason.NOT_HTTP: N_("123pan takes http and https only"),
    RejectionReason.WEB_PAGE_ONLY: N_("123pan's website takes these, the open API does not"),
    RejectionReason.WRAPS_OTHER: N_(
        "it holds an ed2k, magnet or ftp link: 123pan's website takes these, the open API does not"
    ),
    RejectionReason.UNREADABLE: N_("this thunder:// link holds no readable link"),
    RejectionReason.NO_SCHEME: N_("a link begins with http:// or https://"),
    RejectionReason.NO_LINK: N_("no link in this line"),
    RejectionReason.BAD_HOST: N_("invalid host name or port"),
    RejectionReason.BAD_ENCODING: N_("contains corrupted characters; copy it again"),
    RejectionReason.HAS_BLANKS: N_("a link cannot contain spaces"),
    RejectionReason.TOO_LONG: N_("too long for a link"),
}
_OTHER_PROTOCOLS = {
    RejectionReason.NOT_HTTP,
    RejectionReason.WEB_PAGE_ONLY,
    RejectionReason.WRAPS_OTHER,
    RejectionReason.UNREADABLE,
}
_SHORT_LOOKS = {
    Look.END: N_("look: does it end here?"),
    Look.OPTION: N_("look: an option's value?"),
    Look.SCHEME: N_("look: https:// added?"),
    Look.WRAPPED: N_("look: was a line cut?"),
    Look.SHARE_PAGE: N_("look: a share page"),
    Look.CODE: N_("look: a share page?"),
    Look.PRIVATE: N_("look: private host"),
}
_LOOKS = {
    Look.END: N_("It is unclear whether the link ends here."),
    Look.OPTION: N_("It stands in an option of the command: is it to be downloaded?"),
    Look.SCHEME: N_("https:// was missing and has been added."),
    Look.WRAPPED: N_("Two lines were joined, because the first seems to be cut off."),
    Look.CODE: N_("There is an access code beside the link: is it a share page, not the file?"),
    Look.PRIVATE: N_("Its host is in a private network, which 123pan cannot reach."),
}
_NAME_TEXTS = {
    NameProblem.TOO_LONG: N_("a name has at most 255 characters"),
    NameProblem.FORBIDDEN: N_('a name cannot contain " \\ / : * ? | > <'),
    NameProblem.BLANK: N_("a name cannot be blank"),
}
_TEMPLATE_TEXTS = {
    TemplateProblem.UNKNOWN_FIELD: N_("a template may use only {stem}, {ext}, {name} and {n}"),
    TemplateProblem.NOT_UNIQUE: N_("several links need {n}, {stem} or {name} in their name"),
}


def rejection_text(reason: RejectionReason) -> str:
    """Return why a text is rejected, as a clause."""
    return _(_REJECTION_TEXTS[reason])


def name_problem_text(problem: NameProblem) -> str:
    """Return what is wrong with a file name, as a clause."""
    return _(_NAME_TEXTS[problem])


def template_problem_text(problem: TemplateProblem) -> str:
    """Return what is wrong with a name template, as a clause."""
    return _(_TEMPLATE_TEXTS[problem])


def verdict_text(row: ReviewRow, duplicate: Task | None = None) -> str:
    """Return what becomes of `row`, in about 24 cells; `duplicate` is the task with its link."""
    if row.status is ReviewStatus.REJECTED:
        return _short_rejection(row)
    if row.look is not None:
        return _with_scheme(_(_SHORT_LOOKS[row.look]), row)
    if row.keep:
        return _("new")
    if row.status is ReviewStatus.REPEATED:
        return _("same as above")
    if row.status is ReviewStatus.KNOWN:
        state = shown_label(shown_state(duplicate)) if duplicate else ""
        return _("in the list: {state}").format(state=state) if state else _("in the list")
    return _("skipped")


def _short_rejection(row: ReviewRow) -> str:
    if row.is_mere_text:
        return _("other text")
    if row.reason in _OTHER_PROTOCOLS:
        protocol = row.text.partition(":")[0].lower()
        return _("refused: {protocol}").format(protocol=protocol)
    return _("refused: bad address")


def look_text(row: ReviewRow) -> str:
    """Return why `row` must be looked at, as a sentence."""
    if row.look is Look.SHARE_PAGE:
        return share_page_text(row.text)
    return _with_scheme(_(_LOOKS[row.look]), row) if row.look else ""


def _with_scheme(text: str, row: ReviewRow) -> str:
    """Return `text`, which may speak of https://, with the scheme of `row`."""
    return text if row.text.lower().startswith("https") else text.replace("https://", "http://")


def share_page_text(link: str) -> str:
    """Return which page `link` leads to, and what to do instead."""
    page = share_page(link)
    if page is None:
        return ""
    service = page.service_zh if language().startswith("zh") else page.service
    text = _("A page of {service}, not a file: {advice}.")
    return text.format(service=service, advice=_(page.advice))


def reason_text(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, as a sentence, empty for a plain one."""
    if row.reason is not None:
        is_text = row.is_mere_text
        return "" if is_text else _("Refused: {reason}.").format(reason=rejection_text(row.reason))
    return look_text(row)


def explanation(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, and which keys settle it."""
    keys = ""
    if row.reason is not None:
        keys = _("Enter edits it.")
    elif row.look is not None:
        keys = _("Space takes it, enter edits it.")
    elif row.is_duplicate and not row.keep:
        keys = _("Space queues it again.")
    return join_sentences(reason_text(row), keys)


def label_error(label: str) -> str:
    """Return why a batch cannot have this label, "" if it can."""
    text = _("{name} always means the newest batch: choose another name.")
    return text.format(name=label) if is_last(label.casefold()) else ""
