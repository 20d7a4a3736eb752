"""The field for a secret: it is never shown, never copied, and its blanks are left out."""

from textual.events import Paste
from textual.widgets import Input


class SecretInput(Input):
    """Takes what is typed or pasted, in one line or in several, and shows only how long it is."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(password=True, compact=True, id=id)

    @property
    def secret(self) -> str:
        """What was typed, without blanks around it and without the word before a token."""
        return self.value.strip().removeprefix("Bearer ").strip()

    def on_paste(self, event: Paste) -> None:
        """Take a secret that a terminal has broken into lines."""
        event.stop()
        event.prevent_default()
        self.insert_text_at_cursor("".join(event.text.split("\n")).replace("\r", "").strip())

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        """Copy nothing; delete what is selected."""
        self.delete_selection()
