"""What the status bar says of the engine where that is in another process."""

from collections.abc import Iterator
from time import localtime, strftime

from pan123_tui import __version__
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.engine.client import Attachment, AttachmentState
from pan123_tui.i18n import _, begin_sentence
from pan123_tui.ui.disabled_reasons import lost_word
from pan123_tui.ui.widgets.styled_text import StatusItem
from pan123_tui.wording.engine import program_name
from pan123_tui.wording.formats import number

_S = AttachmentState


def connection_item(attachment: Attachment) -> StatusItem | None:
    """Return what stands instead of the connection to the service; None if that is known."""
    if attachment.is_reachable:
        return None
    return StatusItem(90, (lost_word(attachment),), "bold $text-error")


def trouble_items(attachment: Attachment, *, key: str, host: str = "") -> Iterator[StatusItem]:
    """Yield why commands are not carried out now; `key` takes over, except from another `host`."""
    texts: tuple[str, ...]
    if attachment.is_reachable:
        return
    holder = program_name(attachment.program, attachment.pid)
    if attachment.state is _S.LOST and host:
        texts = (
            _(
                "Connection to {host} lost, connecting. The rows are as they were. If ssh has to "
                "ask something, quit and start again."
            ),
            _("Connection to {host} lost, connecting. The rows are as they were."),
            _("connection to {host} lost"),
        )
    elif attachment.state is _S.LOST and attachment.can_take_over:
        holder = begin_sentence(holder)
        texts = (
            _("{holder} has ended. {key} goes on here, with all tasks."),
            _("engine ended: {key} goes on here"),
        )
    elif attachment.state is _S.LOST:
        texts = (
            _("Engine lost, connecting to {holder}. The rows are as they were."),
            _("engine lost, connecting"),
        )
    elif attachment.state is _S.FULL:
        texts = (
            _("Too many screens: {holder} takes no more. Close one; this one is trying again."),
            _("too many screens: close one"),
        )
    elif attachment.state is _S.SILENT:
        texts = (
            _("The engine does not answer: {holder} may be stopped. The rows are as they were."),
            _("engine does not answer"),
        )
    else:
        holder = begin_sentence(holder)
        texts = (
            _(
                "{holder} is version {other}, this is {own}: the list is read only, as stored. "
                "{key} ends that program and goes on here."
            ),
            _("other version: read only, {key} goes on here"),
        )
    other = sanitize(attachment.version, 20)
    variants = tuple(
        text.format(holder=holder, key=key, other=other, own=__version__, host=sanitize(host, 30))
        for text in texts
    )
    yield StatusItem(98, variants, "bold $text-error")


def attached_items(attachment: Attachment) -> Iterator[StatusItem]:
    """Yield to which program this screen is attached."""
    if attachment.state is not _S.ATTACHED:
        return
    holder = program_name(attachment.program, attachment.pid)
    time = strftime("%H:%M", localtime(attachment.since))
    full = _("attached to {holder}, since {time}").format(holder=holder, time=time)
    short = _("attached to {holder}").format(holder=holder)
    yield StatusItem(42, (full, short, _("attached"), ""), "$text-muted")


def loading_items(count: int) -> list[StatusItem]:
    """Return that more tasks than the `count` that are here are still to come."""
    text = _("loading, {count} tasks so far…").format(count=number(count))
    return [StatusItem(97, (text, _("loading…")), "bold $text-warning")]


def take_over_reason(attachment: Attachment, *, host: str = "") -> str:
    """Return why the tasks cannot be taken over here from a `host`; empty if they can."""
    if attachment.can_take_over:
        return ""
    if attachment.is_reachable:
        return _("The engine works: there is nothing to take over.")
    if host:
        text = _("The connection to {host} is cut: wait until it is back.")
        return text.format(host=sanitize(host))
    return _("Another program holds the tasks: wait until it answers or ends.")
