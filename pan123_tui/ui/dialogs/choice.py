"""Dialog that lets the user pick one of a few choices by key, arrow or mouse."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click, Key
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.styled_text import plain_block, plain_content

Choice = tuple[str, str, str]
"""Key, label and explanation (may be empty) of a choice; key and label are required."""


class ChoiceScreen(Dialog[str | None]):
    """Returns the key of the selected choice, or None if cancelled.

    A key of one character is also the shortcut of its choice; longer keys get the digits 1–9.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", N_("back"), id="choice.cancel"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        current: str | None = None,
        text: str = "",
    ) -> None:
        """`text` stands above the choices; the choice `current` is marked and has the cursor.

        All texts may come from outside: none is read as markup.
        """
        super().__init__()
        self._heading = title
        self._choices = choices
        self._current = current
        self._text = text
        self._shortcuts = _shortcuts(choices)

    def compose(self) -> ComposeResult:
        with VerticalGroup(classes="dialog") as box:
            box.border_title = plain_content(self._heading)
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
        return " ✓ " if key == self._current else "   "

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
