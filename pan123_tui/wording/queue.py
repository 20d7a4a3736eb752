"""Texts on what the user does to the queue."""

from pan123_tui.i18n import _


def paused_text() -> str:
    """Return that sending is paused, and which command resumes it."""
    return _("Sending is paused: “pan123-tui resume” goes on.")


def resumed_text() -> str:
    """Return that sending goes on."""
    return _("Sending goes on.")


def queued_text(links: str, *, is_paused: bool) -> str:
    """Return that `links` (counted) were queued, and that they wait while sending is paused."""
    text = _("{links} queued; sending is paused") if is_paused else _("{links} queued")
    return text.format(links=links)


def moved_text(links: str, *, to_front: bool) -> str:
    """Return that `links` (counted) were moved."""
    text = _("{links} moved to the front.") if to_front else _("{links} moved to the back.")
    return text.format(links=links)


def held_text(links: str, *, is_held: bool) -> str:
    """Return that `links` (counted) were held or released."""
    text = _("{links} held: not sent until released.") if is_held else _("{links} released.")
    return text.format(links=links)
