"""The private names of Textual that only tests use."""

from typing import Any

from textual.app import App
from textual.strip import Strip
from textual.widgets._toast import Toast

__all__ = ["Toast", "has_animations", "messages", "painted"]


def painted(app: App[Any]) -> list[Strip]:
    """Return the lines of the screen as the compositor holds them."""
    return app.screen._compositor.render_strips()


def messages(app: App[Any]) -> list[str]:
    """Return the messages of the notifications that are shown."""
    return [str(note.message) for note in app._notifications]


def has_animations(app: App[Any]) -> bool:
    """Return whether anything moves or is going to."""
    return bool(app.animator._animations or app.animator._scheduled)
