"""The input on which all fields for one line of text are based."""

from textual.binding import Binding
from textual.events import Key, Paste
from textual.reactive import reactive
from textual.widgets import Input


def has_lines_of_links(text: str) -> bool:
    """Return whether `text` has several lines and a link: a field is the wrong place for it."""
    return "://" in text and len(_lines(text)) > 1


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


class TextInput(Input):
    """An input in which ctrl+a selects everything, as it does in lists."""

    BINDINGS = [
        Binding("ctrl+a", "select_all", show=False)  # `Input` has the first place for it
    ]
    # Over SSH a blinking cursor alone sends two kilobytes a second.
    cursor_blink = reactive(False, init=False)

    def on_blur(self) -> None:
        """Show the start of a text that is longer than the field, or as long with its cursor."""
        self.scroll_to(x=0, animate=False, force=True)

    def on_focus(self) -> None:
        self.mutate_reactive(TextInput.selection)  # which scrolls to the cursor

    def on_key(self, event: Key) -> None:
        """Insert the wide blank of a Chinese input method, which Textual drops."""
        if event.character == "\u3000":
            event.stop()
            self.replace(event.character, *self.selection)

    def on_paste(self, event: Paste) -> None:
        event.prevent_default()
        if (text := self.pasted(event.text)) is not None:
            event.stop()
            self.replace(text, *self.selection)

    def pasted(self, text: str) -> str | None:
        """Return what to insert of a pasted `text`, in one line; None leaves it to the screen."""
        return None if has_lines_of_links(text) else " ".join(_lines(text))


class NameInput(TextInput):
    """An input for a name or a path; links that are pasted by mistake are left to the screen."""

    def pasted(self, text: str) -> str | None:
        is_link = "://" in text and not text.casefold().startswith("file://")
        return None if is_link else super().pasted(text)
