"""Dialogs: a choice among a few, a question, and a text to read."""

from collections.abc import Callable, Sequence
from typing import Any

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import VerticalGroup, VerticalScroll
from textual.content import Content
from textual.events import Click, Key
from textual.screen import Screen
from textual.widgets import OptionList, Static

from pan123_tui.domain.sanitize import pad_or_truncate, sanitize, width
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.theme import VERTICAL_BREAKPOINTS
from pan123_tui.ui.widgets.styled_text import plain_block, plain_content


class TextScreen(Dialog[None]):
    """Shows only `text` on its lines, so that nothing else is selected with it."""

    AUTO_FOCUS = "#text-body"
    BINDINGS = [
        Binding("escape,q,enter", "cancel", N_("back"), id="text.close"),
        Binding("j", "scroll(1)", N_("down"), id="text.down", show=False),
        Binding("k", "scroll(-1)", N_("up"), id="text.up", show=False),
    ]

    def __init__(
        self, title: str, text: str, *, release_mouse: Callable[[bool], None] | None = None
    ) -> None:
        """While this is open, `release_mouse` leaves the mouse to the terminal."""
        super().__init__()
        self._heading = title
        self._text = text
        self._release_mouse = release_mouse

    def compose(self) -> ComposeResult:
        yield Static(plain_content(self._heading), id="text-title")
        with VerticalScroll(id="text-body"):
            yield Static(plain_block(self._text))
        hint = _(
            "Select with the mouse, and copy with your terminal's own key; {text.close} goes back."
        )
        yield Static(hint, id="text-hint", markup=False)

    def on_mount(self) -> None:
        if self._release_mouse:
            self._release_mouse(True)

    def on_unmount(self) -> None:
        if self._release_mouse:
            self._release_mouse(False)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#text-body").scroll_relative(y=lines, animate=False)


Choice = tuple[str, str, str]
"""What a choice returns, its label, and its explanation (may be empty)."""


class ChoiceScreen(Dialog[str | None]):
    """Returns the value of the selected choice, or None if cancelled.

    No choice has a key of its own: the screen below may give that key another meaning, and what
    is typed too early would choose.
    """

    AUTO_FOCUS = "OptionList"
    BINDINGS = [
        Binding("escape,q", "cancel", N_("back"), id="choice.cancel"),
        Binding("pagedown", "scroll_text(1)", show=False, priority=True),
        Binding("pageup", "scroll_text(-1)", show=False, priority=True),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, current: str | None = None, text: str = ""
    ) -> None:
        """`text` stands above the choices; `current` has the cursor. No text is read as markup."""
        super().__init__()
        self._heading = title
        self._choices = choices
        self._current = current
        self._text = text

    def compose(self) -> ComposeResult:
        room = max((width(label) for _, label, _ in self._choices), default=0)
        blank = "" if self._current is None else "  "
        options = [
            Content.assemble(
                "√ " if value == self._current else blank,
                pad_or_truncate(label, room),
                "  ",
                (sanitize(detail), "$text-muted"),
            )
            for value, label, detail in self._choices
        ]
        with VerticalGroup(classes="dialog") as box:
            box.border_title = plain_content(self._heading)
            if self._text:
                with VerticalScroll(classes="dialog-text", can_focus=False):
                    yield Static(plain_block(self._text))
            yield OptionList(*options, compact=True, markup=False)

    def on_mount(self) -> None:
        values = [value for value, _, _ in self._choices]
        if self._current in values:
            self.query_one(OptionList).highlighted = values.index(self._current)

    def on_resize(self) -> None:
        """Let the text be as high as the choices and the last line, for messages, permit."""
        is_short = self.size.height < VERTICAL_BREAKPOINTS[-1][0]
        around = 4 if is_short else 6  # the border, its padding, a blank line and the last line
        for text in self.query(".dialog-text"):
            text.set_styles(max_height=max(self.size.height - len(self._choices) - around, 1))
        self.call_after_refresh(self._name_keys)

    def _name_keys(self) -> None:
        closes, reads = _("{choice.cancel} closes"), _("pgdn reads on · {choice.cancel} closes")
        is_cut = any(text.max_scroll_y for text in self.query(".dialog-text"))
        self.query_one(".dialog").border_subtitle = Content(reads if is_cut else closes)

    def action_scroll_text(self, pages: int) -> None:
        """Scroll the text above the choices, which a small screen may not show in full."""
        for text in self.query(".dialog-text"):
            text.scroll_relative(y=pages * max(text.size.height - 1, 1), animate=False)

    def on_key(self, event: Key) -> None:
        options = self.query_one(OptionList)
        if event.key == "j":
            options.action_cursor_down()
        elif event.key == "k":
            options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.close(self._choices[event.option_index][0])

    def on_click(self, event: Click) -> None:
        if event.widget is self:
            self.close()


async def confirm(app: App[Any], question: str, *, yes: str, no: str, detail: str) -> bool:
    """Return whether the user says yes to what `detail` tells; the cursor starts on no."""
    choices = [("no", no, ""), ("yes", yes, "")]
    screen: Screen[str | None] = ChoiceScreen(question, choices, text=detail)
    return await app.push_screen_wait(screen) == "yes"
