"""Texts on what the user does to the queue."""

from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import count_links, number


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


def waiting_text(count: int, key: str) -> str:
    """Return that `count` rows wait for a look, and which key shows them."""
    text = ngettext(
        "{count} link waits for a look: {key}", "{count} links wait for a look: {key}", count
    )
    return text.format(count=number(count), key=key)


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
