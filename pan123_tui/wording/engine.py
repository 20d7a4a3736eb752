"""Texts for the program that runs the engine."""

from pan123_tui.i18n import _


def program_name(program: str, pid: int | None) -> str:
    """Return the program of a lock's holder in words."""
    names = {
        "dashboard": _("the dashboard"),
        "watch": "pan123-tui watch",
        "engine": "pan123-tui engine",
    }
    name = names.get(program, _("another pan123-tui"))
    return _("{program} (pid {pid})").format(program=name, pid=pid or "?")
