"""Texts for rejected links, file names and fields, and for the review of links."""

from typing import Literal

from pan123_tui.domain.filter_words import is_last_batch
from pan123_tui.domain.links.file_names import FieldProblem, NameProblem
from pan123_tui.domain.links.review import ReviewCounts, ReviewRow, ReviewStatus
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import N_, _
from pan123_tui.wording.formats import ago, state_label

Focus = Literal["list", "editor", "dialog", "field"]
"""Where the focus is on the input screen."""
_REJECTION_TEXTS = {
    RejectionReason.BLANK: N_("empty"),
    RejectionReason.NOT_HTTP: N_("the service takes http/https only"),
    RejectionReason.NO_SCHEME: N_("a link begins with http:// or https://"),
    RejectionReason.NO_LINK: N_("no link in this line"),
    RejectionReason.NO_HOST: N_("no host after http(s)://"),
    RejectionReason.BAD_HOST: N_("not a host that can exist"),
    RejectionReason.BAD_PORT: N_("the port is not between 1 and 65535"),
    RejectionReason.BAD_ENCODING: N_("holds characters that were lost on the way; copy it again"),
    RejectionReason.HAS_BLANKS: N_("a link has no blanks in it"),
    RejectionReason.TOO_LONG: N_("too long for a link"),
    RejectionReason.THUNDER_UNREADABLE: N_("this thunder:// link holds no readable link"),
    RejectionReason.FLASHGET_UNREADABLE: N_("this flashget:// link holds no readable link"),
    RejectionReason.QQDL_UNREADABLE: N_("this qqdl:// link holds no readable link"),
}
_NAME_TEXTS = {
    NameProblem.TOO_LONG: N_("a name has at most 255 characters"),
    NameProblem.FORBIDDEN: N_('none of " \\ / : * ? | > < may be in a name'),
    NameProblem.BLANK: N_("a name is more than blanks"),
    NameProblem.NOT_AN_IMAGE: N_("the service asks for an image extension; others often work"),
}
_FIELD_TEXTS = {
    FieldProblem.FOLDER_NOT_A_NUMBER: N_("a folder's id is a positive whole number"),
    FieldProblem.FOLDER_NAME: N_("a folder is an id, or a path of names such as 影视/动画"),
    FieldProblem.FOLDER_ROOT: N_("files cannot go into the root folder (0)"),
    FieldProblem.TEMPLATE_UNKNOWN: N_("a template knows {stem}, {ext}, {name} and {n} only"),
    FieldProblem.TEMPLATE_NOT_UNIQUE: N_("several links need {n}, {stem} or {name} in their name"),
}
_DOUBTFUL_END_TEXTS = {
    "list": N_("held: which end? Press t"),
    "editor": N_("held: which end? Tab, then t"),
    "dialog": N_("held: which end? Esc, then t"),
    "field": N_("held: which end? Use t in the list"),
}
"""What to press, by where the focus is."""
_DUPLICATES_HINTS = {
    "list": N_("D keeps the duplicates"),
    "editor": N_("tab, then D keeps the duplicates"),
    "field": N_("in this list, D keeps the duplicates"),
}
_ENDS_HINTS = {
    "list": N_("t takes the longer or the shorter link"),
    "editor": N_("tab, then t takes the longer or the shorter link"),
    "field": N_("in this list, t takes the longer or the shorter link"),
}


def review_hint(counts: ReviewCounts, focus: Focus) -> str:
    """Return what settles doubtful links, else keeps duplicates, by where the next key goes."""
    if counts.doubtful:
        return _(_ENDS_HINTS[focus])
    return _(_DUPLICATES_HINTS[focus]) if counts.skipped_duplicates else ""


def rejection_text(reason: RejectionReason) -> str:
    """Return why a text is rejected, as a clause."""
    return _(_REJECTION_TEXTS[reason])


def name_problem_text(problem: NameProblem) -> str:
    """Return what is wrong with a file name, as a clause."""
    return _(_NAME_TEXTS[problem])


def field_problem_text(problem: FieldProblem) -> str:
    """Return what is wrong with a field, as a clause."""
    return _(_FIELD_TEXTS[problem])


def review_status_text(
    row: ReviewRow,
    duplicate: Task | None,
    *,
    now: float,
    focus: Focus = "field",
) -> str:
    """Return the review's result for `row`; `duplicate` is the task with the same link, if any.

    `focus` is where the next key goes: the keys of the list work in the list only.
    """
    if row.is_mere_text and row.reason is not None:
        return rejection_text(row.reason)
    if row.status is ReviewStatus.REJECTED and row.reason is not None:
        return _("refused: {reason}").format(reason=rejection_text(row.reason))
    if row.status is ReviewStatus.REPEATED:
        return _("same as link {number} above").format(number=row.duplicate_of)
    if row.status is ReviewStatus.KNOWN:
        return _same_as_task(row, duplicate, now)
    if row.status is ReviewStatus.DOUBTFUL:
        return _(_DOUBTFUL_END_TEXTS[focus])
    new = _("new, but on a private host") if row.is_private else _("new")
    return new if row.keep else _("skipped")


def _same_as_task(row: ReviewRow, duplicate: Task | None, now: float) -> str:
    if duplicate is None:
        return _("same as task {number}").format(number=row.duplicate_of)
    state = state_label(duplicate.state)
    if duplicate.state is TaskState.SUCCEEDED and duplicate.finished_at is not None:
        time = ago(now - duplicate.finished_at)
        return _("same as task {number}, {state} {time}").format(
            number=duplicate.id, state=state, time=time
        )
    return _("same as task {number}, {state}").format(number=duplicate.id, state=state)


def label_error(label: str) -> str:
    """Return why a batch cannot have this label, "" if it can."""
    text = _("{name} always means the newest batch: choose another name.")
    return text.format(name=label) if is_last_batch(label) else ""
