"""The input that all fields for one line of text are."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Paste
from textual.widgets import Input


class TextInput(Input):
    """An input in which ctrl+a selects everything, as in lists and in the links."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "select_all", show=False),  # `Input` has the first place for it
    ]


class NameInput(TextInput):
    """An input for a name or a path; links that are pasted by mistake are left to the screen."""

    def on_paste(self, event: Paste) -> None:
        """Let pasted links bubble, of which an input would keep the first line only."""
        if "://" in event.text and not event.text.casefold().startswith("file://"):
            event.prevent_default()
