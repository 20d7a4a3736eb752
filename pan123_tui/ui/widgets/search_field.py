"""A field whose search shows hits below it: the arrows move there, enter takes one."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from pan123_tui.i18n import N_, _


class SearchField(Input):
    """Tells where the arrows lead; typing and enter are told as any field does."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", N_("choose"), id="folders.choose_hit"),
        Binding("down", "move(1)", N_("next hit"), id="folders.next_hit"),
        Binding("up", "move(-1)", N_("former hit"), id="folders.former_hit", show=False),
    ]

    @dataclass
    class Moved(Message):
        """Another hit is wanted: the next, or the former."""

        step: int

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual has it
        super().__init__(id=id, placeholder=_("search"), compact=True)
        self.set_reactive(Input.cursor_blink, False)

    def action_move(self, step: int) -> None:
        self.post_message(self.Moved(step))
