"""Dialog that asks for confirmation; the harmless answer has the focus."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click
from textual.widgets import Button, Static

from pan123_tui.i18n import N_
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.styled_text import plain_block, plain_content


class ConfirmScreen(Dialog[bool]):
    """Returns True for yes, and False for no, escape and a click outside the box."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", N_("yes"), id="confirm.yes"),
        Binding("n,escape", "answer(False)", N_("no"), id="confirm.no"),
        Binding("left,up,h,k", "app.focus_previous", show=False),
        Binding("right,down,l,j", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, *, yes: str, no: str, detail: str = "") -> None:
        """`yes` and `no` label the buttons; `detail` names the consequences below the question.

        All texts may come from outside: none is read as markup.
        """
        super().__init__()
        self._question = question
        self._detail = detail
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        with VerticalGroup(classes="dialog"):
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield Static(plain_block(self._question), classes="dialog-title")
                if self._detail:
                    yield Static(plain_block(self._detail), classes="dialog-detail")
            with Horizontal(classes="dialog-buttons"):
                yield Button(_button_label("n", self._no), id="no", compact=True)
                yield Button(_button_label("y", self._yes), id="yes", compact=True)

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.action_answer(False)

    def action_answer(self, agreed: bool) -> None:
        self.close(agreed)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(event.button.id == "yes")


def _button_label(key: str, label: str) -> Content:
    return Content.assemble((key, "bold underline"), "  ", plain_content(label))
