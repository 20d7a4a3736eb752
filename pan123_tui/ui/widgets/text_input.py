"""The input that all fields for one line of text are."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class TextInput(Input):
    """An input in which ctrl+a selects everything, as in lists and in the links."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+a", "select_all", show=False),  # `Input` has the first place for it
    ]
