"""Another language while the program runs: every open screen says itself anew."""

from typing import Any, Protocol, runtime_checkable

from textual.app import App

from pan123_tui import i18n


@runtime_checkable
class Rewritable(Protocol):
    """A screen that keeps what it shows when it is made anew."""

    async def rewrite(self) -> None:
        """Say everything anew, in the language that is in use now."""


def speak(app: App[Any], language: str) -> None:
    """Speak `language` from now on: "en", "zh", or "auto" for what the environment asks for.

    Each screen does it in its own turn, so that nothing reaches it while it is in pieces.
    """
    i18n.use(i18n.from_environment() if language == "auto" else language)
    for screen in app.screen_stack:
        screen.call_later(screen.rewrite if isinstance(screen, Rewritable) else screen.recompose)
        screen.call_later(screen.refresh_bindings)
