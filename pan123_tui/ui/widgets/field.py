"""A field of a form: its label, its input, and what is to be said about what is typed there."""

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.widgets import Input, Static


class Field(VerticalGroup):
    """Puts `label` over `field` and a note under it; the note is hidden while it is empty."""

    def __init__(self, label: str, field: Input, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self.input = field
        # Over SSH a blinking cursor alone sends two kilobytes a second.
        field.set_reactive(Input.cursor_blink, False)
        self._has_error = False

    @property
    def has_error(self) -> bool:
        """Whether the field cannot be used as it is."""
        return self._has_error

    def compose(self) -> ComposeResult:
        yield Static(self._label, classes="field-label", markup=False)
        yield self.input
        yield Static("", classes="field-note", markup=False)

    def rename(self, label: str) -> None:
        """Give the field another label."""
        self.query_one(".field-label", Static).update(label)

    def say(self, *, error: str = "", warning: str = "", hint: str = "") -> None:
        """Show the note that applies, the error first; none: all is well."""
        self._has_error = bool(error)
        self.set_class(bool(error), "-error")
        self.set_class(bool(warning) and not error, "-warning")
        self.set_class(bool(hint) and not error and not warning, "-hint")
        self.query_one(".field-note", Static).update(error or warning or hint)
