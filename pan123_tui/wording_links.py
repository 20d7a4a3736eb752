"""In words: the verdict on each link, why a text gives none, and what is wrong with a field."""

from pan123_tui.domain.fields import FieldFault
from pan123_tui.domain.naming import NameFault
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.domain.tray import TrayRow, Verdict
from pan123_tui.domain.url import RefusalReason
from pan123_tui.i18n import N_, _
from pan123_tui.wording import ago, state_word

_REFUSALS = {
    RefusalReason.BLANK: N_("nothing is there"),
    RefusalReason.NOT_HTTP: N_("the service takes http/https only"),
    RefusalReason.NO_SCHEME: N_("a link begins with http:// or https://"),
    RefusalReason.NO_LINK: N_("no link in this line"),
    RefusalReason.NO_HOST: N_("no host after http(s)://"),
    RefusalReason.BAD_HOST: N_("not a host that can exist"),
    RefusalReason.BAD_PORT: N_("the port is not between 1 and 65535"),
    RefusalReason.BAD_ENCODING: N_("holds characters that were lost on the way; copy it again"),
    RefusalReason.HAS_BLANKS: N_("a link has no blanks in it"),
    RefusalReason.TOO_LONG: N_("too long for a link"),
    RefusalReason.THUNDER_UNREADABLE: N_("this thunder:// link holds no readable link"),
    RefusalReason.FLASHGET_UNREADABLE: N_("this flashget:// link holds no readable link"),
    RefusalReason.QQDL_UNREADABLE: N_("this qqdl:// link holds no readable link"),
}
_NAME_FAULTS = {
    NameFault.TOO_LONG: N_("a name has at most 255 characters"),
    NameFault.FORBIDDEN: N_('none of these may be in a name: " \\ / : * ? | > <'),
    NameFault.BLANK: N_("a name is more than blanks"),
    NameFault.NOT_AN_IMAGE: N_("the service asks for an image extension; others often work"),
}
_FIELD_FAULTS = {
    FieldFault.FOLDER_NO_NUMBER: N_("a folder's id is a positive whole number"),
    FieldFault.FOLDER_ROOT: N_("files cannot go into the root folder (0)"),
    FieldFault.TEMPLATE_UNKNOWN: N_("a template knows {stem}, {ext}, {name} and {n} only"),
    FieldFault.TEMPLATE_SAME: N_("several links need {n}, {stem} or {name} in their name"),
}


def explain_refusal(reason: RefusalReason) -> str:
    """Say why a text is refused, as half a sentence."""
    return _(_REFUSALS[reason])


def explain_name_fault(fault: NameFault) -> str:
    """Say what is wrong with a file name, as half a sentence."""
    return _(_NAME_FAULTS[fault])


def explain_field_fault(fault: FieldFault) -> str:
    """Say what is wrong with a field, as half a sentence."""
    return _(_FIELD_FAULTS[fault])


def verdict_text(row: TrayRow, twin: Task | None, *, now: float) -> str:
    """Say what the review found about `row`; `twin` is the task that has its link, if any."""
    if row.verdict is Verdict.REFUSED and row.reason is not None:
        return _("refused: {reason}").format(reason=explain_refusal(row.reason))
    if row.verdict is Verdict.REPEATED:
        return _("same as link {number} above").format(number=row.twin)
    if row.verdict is Verdict.KNOWN:
        return _same_as_task(row, twin, now)
    return _("cut at a blank? write %20 for it") if row.is_cut else _("new")


def _same_as_task(row: TrayRow, twin: Task | None, now: float) -> str:
    if twin is None:
        return _("same as task {number}").format(number=row.twin)
    state = state_word(twin.state)
    if twin.state is TaskState.SUCCEEDED and twin.finished_at is not None:
        time = ago(now - twin.finished_at)
        return _("same as task {number}, {state} {time}").format(
            number=twin.id, state=state, time=time
        )
    return _("same as task {number}, {state}").format(number=twin.id, state=state)
