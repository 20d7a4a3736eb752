"""Texts for rejected links and file names, and for the review of links."""

from pan123_tui.domain.links.file_names import NameProblem
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
    RejectionReason.TASK_ID: N_("is it a taskID? `pan123-tui add --task-id` watches its task"),
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
_LOOKS = {
    Look.END: (
        N_("look: does it end here?"),
        N_("It is unclear whether the link ends here."),
    ),
    Look.SHORTENED: (
        N_("look: shortened?"),
        N_("An ellipsis or an open query: a part of the link may be missing."),
    ),
    Look.OPTION: (
        N_("look: an option's value?"),
        N_("It belongs to an option of the command: should it be downloaded?"),
    ),
    Look.PATTERN: (
        N_("look: a pattern?"),
        N_("The command fills in a part of it, such as [1-9] or $name; 123pan does not."),
    ),
    Look.SCHEME: (
        N_("look: {scheme} added?"),
        N_("{scheme} was missing and has been added."),
    ),
    Look.WRAPPED: (
        N_("look: was a line cut?"),
        N_("Two lines were joined, because the first seems to be cut off."),
    ),
    Look.SHARE_PAGE: (
        N_("look: a share page"),
        N_("A page of {service}, not a file: {advice}."),
    ),
    Look.PAGE: (
        N_("look: a web page"),
        N_("It is the address of a website, not of a file."),
    ),
    Look.LOG_IN: (
        N_("look: needs a log-in?"),
        N_("The command sends cookies, a log-in or data, which 123pan does not."),
    ),
    Look.CODE: (
        N_("look: a share page?"),
        N_("There is an access code beside the link: is it a share page, not the file?"),
    ),
    Look.PRIVATE: (
        N_("look: private host"),
        N_("Its host is in a private network, which 123pan cannot reach."),
    ),
}
"""What is doubtful about a link, in a few words and as a sentence."""
_NAME_TEXTS = {
    NameProblem.TOO_LONG: N_("a name has at most 255 characters"),
    NameProblem.FORBIDDEN: N_('a name cannot contain " \\ / : * ? | > <'),
    NameProblem.BLANK: N_("a name cannot be blank"),
    NameProblem.UNKNOWN_FIELD: N_("a template may use only {stem}, {ext}, {name} and {n}"),
    NameProblem.NOT_UNIQUE: N_("several links need {n}, {stem} or {name} in their name"),
}


def rejection_text(reason: RejectionReason) -> str:
    """Return why a text is rejected, as a clause."""
    return _(_REJECTION_TEXTS[reason])


def name_problem_text(problem: NameProblem) -> str:
    """Return what is wrong with a file name or a template, as a clause."""
    return _(_NAME_TEXTS[problem])


def verdict_text(row: ReviewRow, duplicate: Task | None = None) -> str:
    """Return what becomes of `row`, in about 24 cells; `duplicate` is the task with its link."""
    text = _("skipped")
    if row.is_mere_text:
        text = _("other text")
    elif row.reason in _OTHER_PROTOCOLS:
        text = _("refused: {protocol}").format(protocol=row.text.partition(":")[0].lower())
    elif row.reason is RejectionReason.TASK_ID:
        text = _("refused: a taskID?")
    elif row.reason is not None:
        text = _("refused: bad address")
    elif row.look is not None:
        text = _(_LOOKS[row.look][0]).format(scheme=_scheme(row.text))
    elif row.keep:
        text = _("new")
    elif row.status is ReviewStatus.REPEATED:
        text = _("same as above")
    elif row.status is ReviewStatus.KNOWN and duplicate is not None:
        text = _("in the list: {state}").format(state=shown_label(shown_state(duplicate)))
    elif row.status is ReviewStatus.KNOWN:
        text = _("in the list")
    return text


def _scheme(link: str) -> str:
    return link[: link.find("//") + 2].lower()


def look_text(row: ReviewRow) -> str:
    """Return why `row` must be looked at, as a sentence."""
    if row.look is None:
        return ""
    service = advice = ""
    if page := share_page(row.text):
        service = page.service_zh if language().startswith("zh") else page.service
        advice = _(page.advice)
    text = _(_LOOKS[row.look][1])
    return text.format(scheme=_scheme(row.text), service=service, advice=advice)


def reason_text(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, as a sentence, empty for a plain one."""
    if row.reason is None:
        return look_text(row)
    text = "" if row.is_mere_text else _("Refused: {reason}.")
    return text.format(reason=rejection_text(row.reason))


def explanation(row: ReviewRow) -> str:
    """Return what the verdict on `row` means, and which keys settle it."""
    keys = ""
    if row.reason is not None:
        keys = _("Enter edits it.")
    elif row.look is not None:
        keys = _("Space takes it, enter edits it.")
    elif row.is_duplicate and not row.keep:
        keys = _("Space queues it again.")
    left_out = _("Left out of its command: {options}.") if row.left_out else ""
    return join_sentences(reason_text(row), left_out.format(options=row.left_out), keys)
