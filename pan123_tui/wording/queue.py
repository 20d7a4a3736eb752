"""Texts on what the user does to the queue."""

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import count_links, number, rounded_duration


def paused_text() -> str:
    """Return that sending is paused, and which command resumes it."""
    return _("Sending is paused: “pan123-tui resume” goes on.")


def resumed_text() -> str:
    """Return that sending goes on."""
    return _("Sending goes on.")


def queued_text(queued: int, skipped: int, *, is_paused: bool) -> str:
    """Return how many links were queued, and wait while sending is paused, and were skipped."""
    text = _("{links} queued; sending is paused.") if is_paused else _("{links} queued.")
    texts = [text.format(links=count_links(queued))] if queued else []
    return "\n".join([*texts, added_meanwhile_text(skipped)] if skipped else texts)


def left_text(count: int, key: str) -> str:
    """Return that `count` rows stay as the draft, and which key shows them."""
    return _("{count} left in the draft: {key}").format(count=number(count), key=key)


def added_meanwhile_text(count: int) -> str:
    """Return that `count` links are not queued because they came into the list before."""
    text = ngettext(
        "{count} link was added meanwhile and is skipped.",
        "{count} links were added meanwhile and are skipped.",
        count,
    )
    return text.format(count=number(count))


def moved_text(links: str) -> str:
    """Return that `links` (counted) were moved to the front."""
    return _("{links} moved to the front.").format(links=links)


def unmoved_text(count: int) -> str:
    """Return that `count` links are at the front of the queue already."""
    return ngettext("It is the first already.", "They are the first already.", count)


def poll_text(status: Status, *, now: float) -> str:
    """Return what happens when the user asks for a check now."""
    if status.hold is not None and not status.is_paused:
        wait_s = (status.hold_until or now) - now
        if status.hold.kind is ProblemKind.RATE_LIMITED and wait_s > 0:
            text = _("Checking all tasks; the service takes links again in {time}.")
            return text.format(time=rounded_duration(wait_s))
        return _("Checking all tasks, and trying to send…")
    return _("Checking all tasks…")
