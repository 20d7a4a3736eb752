"""What the status bar says of the engine where it cannot be reached."""

from collections.abc import Iterator

from pan123_tui.client.updates import Attachment, AttachmentState
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _
from pan123_tui.ui.task_actions import lost_word
from pan123_tui.ui.widgets.styled_text import StatusItem
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.formats import number
from pan123_tui.wording.problems import explain_problem

_S = AttachmentState


def connection_item(attachment: Attachment) -> StatusItem | None:
    """Return what stands instead of the connection to the service; None if that is known."""
    if attachment.is_reachable:
        return None
    style = "$text-muted" if attachment.state is _S.STARTING else "bold $text-error"
    return StatusItem(90, (lost_word(attachment),), style)


def trouble_items(attachment: Attachment, *, key: str, host: str = "") -> Iterator[StatusItem]:
    """Yield why commands are not carried out now; `key` starts an engine that was ended."""
    texts: tuple[str, ...]
    if attachment.is_reachable:
        if attachment.trouble:
            text = explain_problem(attachment.trouble).text
            yield StatusItem(98, (text, _("another account")), "bold $text-error")
        return
    if attachment.state is _S.STARTING:
        yield StatusItem(98, (_("Starting the engine…"), _("starting…")), "$text-muted")
        return
    holder = program_name(attachment.program, attachment.pid)
    if attachment.state is _S.LOST and host:
        texts = (
            _(
                "Connection to {host} lost, connecting. The rows are as they were. If ssh has to "
                "ask something, leave and start again."
            ),
            _("Connection to {host} lost, connecting. The rows are as they were."),
            _("connection to {host} lost"),
        )
    elif attachment.trouble and attachment.trouble.kind is ProblemKind.ENGINE_FULL:
        texts = (
            _("Too many screens: {holder} takes no more. Close one; this one is trying again."),
            _("too many screens: close one"),
        )
    elif attachment.trouble:
        reason = sanitize(attachment.trouble.message.strip().rpartition("\n")[2], 60)
        short = _("The engine cannot be started: {reason}").format(reason=reason)
        said = explain_problem(attachment.trouble).text
        texts = (said, *([short] if reason else []), _("The engine cannot be started."))
        yield StatusItem(98, texts, "bold $text-error")
        return
    elif attachment.state is _S.LOST:
        texts = (
            _("The engine was lost and is being started again. The rows are as they were."),
            _("engine lost, starting it again"),
        )
    elif attachment.state is _S.SILENT:
        texts = (
            _("The engine does not answer: {holder} may be suspended. The rows are as they were."),
            _("engine does not answer"),
        )
    else:
        texts = (
            _("The engine was ended, so nothing is sent or checked. {key} starts it again."),
            _("engine ended: {key} starts it again"),
        )
    variants = tuple(text.format(holder=holder, key=key, host=sanitize(host, 30)) for text in texts)
    yield StatusItem(98, variants, "bold $text-error")


def loading_items(count: int) -> list[StatusItem]:
    """Return that more tasks than the `count` that are here are still to come."""
    text = _("loading, {count} tasks so far…").format(count=number(count))
    return [StatusItem(97, (text, _("loading…")), "bold $text-warning")]
