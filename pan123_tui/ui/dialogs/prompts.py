"""Dialogs for a yes/no question, a choice among a few, and a text to read."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click, Key
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.widgets.styled_text import plain_block, plain_content
from pan123_tui.ui.widgets.text_scroll import TextScroll


class TextScreen(Dialog[None]):
    """Shows `text` alone in its lines, so that nothing else is selected with it."""

    AUTO_FOCUS = "TextScroll"
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
        with TextScroll():
            yield Static(plain_block(self._text), id="text-body")
        yield Static(self._hint(), id="text-hint", markup=False)

    def on_mount(self) -> None:
        if self._release_mouse:
            self._release_mouse(True)

    def on_unmount(self) -> None:
        if self._release_mouse:
            self._release_mouse(False)

    def action_scroll(self, lines: int) -> None:
        self.query_one(TextScroll).scroll_relative(y=lines)

    def _hint(self) -> str:
        if self._release_mouse:
            text = _("Select with the mouse and copy as your terminal does; {key} goes back.")
        else:
            text = _(
                "Select with shift and the mouse, copy as your terminal does; {key} goes back."
            )
        return text.format(key=key_of(self, "text.close"))


Choice = tuple[str, str, str]
"""Key, label and explanation (may be empty) of a choice; key and label are required."""


class ChoiceScreen(Dialog[str | None]):
    """Returns the key of the selected choice, or None if cancelled.

    A key of one character is also the shortcut of its choice; longer keys get the digits 1–9.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", N_("back"), id="choice.cancel"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        current: str | None = None,
        text: str = "",
        preview: Callable[[str], object] | None = None,
    ) -> None:
        """`text` stands above the choices; the choice `current` is marked and has the cursor.

        `preview` is called with the key of each choice that the cursor comes to.
        All texts may come from outside: none is read as markup.
        """
        super().__init__()
        self._heading = title
        self._choices = choices
        self._current = current
        self._text = text
        self._preview = preview
        self._shortcuts = _shortcuts(choices)

    def compose(self) -> ComposeResult:
        with VerticalGroup(classes="dialog") as box:
            box.border_title = plain_content(self._heading)
            hint = _("{key} closes").format(key=key_of(self, "choice.cancel"))
            box.border_subtitle = Content(hint)
            if self._text:
                with VerticalScroll(classes="dialog-text", can_focus=False):
                    yield Static(plain_block(self._text))
            yield OptionList(*self._options(), compact=True, markup=False)

    def on_mount(self) -> None:
        keys = [key for key, _, _ in self._choices]
        if self._current in keys:
            self.query_one(OptionList).highlighted = keys.index(self._current)

    def on_key(self, event: Key) -> None:
        options = self.query_one(OptionList)
        if event.character in self._shortcuts:
            event.stop()  # Else the screen below handles the key too.
            self.close(self._shortcuts[event.character])
        elif event.key == "j":
            options.action_cursor_down()
        elif event.key == "k":
            options.action_cursor_up()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        # Of a burst of keys, only where the cursor is now.
        if self._preview and event.option_list.highlighted == event.option_index:
            self._preview(self._choices[event.option_index][0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.close(self._choices[event.option_index][0])

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()

    def _mark(self, key: str) -> str:
        """Return the mark in front of a choice; blank if no current one was given."""
        if self._current is None:
            return "  "
        return " √ " if key == self._current else "   "

    def _options(self) -> list[Option]:
        characters = {key: character for character, key in self._shortcuts.items()}
        labels = [plain_content(label) for _, label, _ in self._choices]
        width = max((label.cell_length for label in labels), default=0)
        return [
            Option(
                Content.assemble(
                    (characters.get(key, " "), "bold"),
                    self._mark(key),
                    label.pad_right(width - label.cell_length),
                    "  ",
                    (sanitize(detail), "$text-muted"),
                )
            )
            for label, (key, _, detail) in zip(labels, self._choices, strict=True)
        ]


def _shortcuts(choices: Sequence[Choice]) -> dict[str, str]:
    """Map each shortcut character to the key of its choice."""
    taken = {key: key for key, _, _ in choices if len(key) == 1}
    digits = (digit for digit in "123456789" if digit not in taken)
    long_keys = (key for key, _, _ in choices if len(key) != 1)
    return taken | dict(zip(digits, long_keys, strict=False))


class ConfirmScreen(Dialog[bool]):
    """Returns True for yes, and False for no, escape and a click outside the box."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", N_("yes"), id="confirm.yes"),
        Binding("n,escape", "answer(False)", N_("no"), id="confirm.no"),
        # No letters: those of a burst that was meant for a list would choose the other button.
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
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
                yield from self.buttons()

    def buttons(self) -> Iterator[Button]:
        """Yield the buttons from left to right."""
        yield Button(button_label("n", self._no), id="no", compact=True)
        yield Button(button_label("y", self._yes), id="yes", compact=True)

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.action_answer(False)

    def action_answer(self, agreed: bool) -> None:
        self.close(agreed)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_answer(event.button.id == "yes")


def button_label(key: str, label: str) -> Content:
    """Return `label` behind the letter that presses the button."""
    return Content.assemble((key, "bold underline"), "  ", plain_content(label))
