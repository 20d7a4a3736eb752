"""The input for one address on the input screen."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Paste

from pan123_tui.i18n import N_
from pan123_tui.ui.widgets.text_input import TextInput


class AddressInput(TextInput):
    """An input for one address; a paste becomes rows at once."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("add to the rows"), id="add.typed"),
        Binding("down", "screen.focus('#add-review')", N_("rows"), id="add.rows", show=False),
    ]

    def on_paste(self, event: Paste) -> None:
        """Leave the paste to the screen, unless it is a part of an address."""
        if "\n" in event.text or "\r" in event.text or "." in event.text or ":" in event.text:
            event.prevent_default()

    def action_cut(self) -> None:
        if self.selection.is_empty:
            self.call_next(self.run_action, "screen.empty")
        else:
            super().action_cut()
