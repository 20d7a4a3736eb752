"""Full-screen text to select with the terminal's mouse where no clipboard is available."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.widgets.styled_text import plain_block, plain_content


class TextScreen(Dialog[None]):
    """Shows `text` alone in its lines, so that nothing else is selected with it."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "cancel", N_("back"), id="text.close"),
        Binding("j", "scroll(1)", N_("down"), id="text.down", show=False),
        Binding("k", "scroll(-1)", N_("up"), id="text.up", show=False),
    ]

    def __init__(
        self, title: str, text: str, *, release_mouse: Callable[[bool], None] | None = None
    ) -> None:
        """Call `release_mouse(True)` on mount and `release_mouse(False)` on unmount.

        In between the terminal handles the mouse. Both texts may come from outside.
        """
        super().__init__()
        self._heading = title
        self._text = text
        self._release_mouse = release_mouse

    def compose(self) -> ComposeResult:
        yield Static(plain_content(self._heading), id="text-title")
        with VerticalScroll():
            yield Static(plain_block(self._text), id="text-body")
        yield Static(self._hint(), id="text-hint", markup=False)

    def on_mount(self) -> None:
        if self._release_mouse:
            self._release_mouse(True)

    def on_unmount(self) -> None:
        if self._release_mouse:
            self._release_mouse(False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _hint(self) -> str:
        if self._release_mouse:
            text = _("Select with the mouse and copy as your terminal does; {key} goes back.")
        else:
            text = _(
                "Select with shift and the mouse, copy as your terminal does; {key} goes back."
            )
        return text.format(key=key_of(self, "text.close"))
