"""Links that were pasted where nothing takes them, kept for the next screen that does."""

from typing import Any

from textual import events
from textual.app import App

from pan123_tui.i18n import _


class HeldPastes:
    """Holds pastes over a dialog or into a filter until a screen takes them."""

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._texts: list[str] = []

    def hold(self, text: str) -> None:
        """Keep `text`, which has addresses, and say so."""
        self._texts.append(text)
        self._app.notify(_("Your paste is kept until this dialog is closed."), markup=False)

    def deliver(self) -> None:
        """Give the pastes to the top screen once it is shown."""
        if self._texts:
            self._app.call_after_refresh(self._deliver)

    def _deliver(self) -> None:
        if self._texts and hasattr(self._app.screen, "on_paste"):
            self._app.screen.post_message(events.Paste("\n".join(self._texts)))
            self._texts.clear()
