"""Inputs for one line of text, and form fields: with a label and a note."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalGroup
from textual.events import Key, Paste
from textual.reactive import reactive
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Static

from pan123_tui.domain.links.extractor import extract
from pan123_tui.domain.links.url import check_url
from pan123_tui.wording.inputs import rejection_text


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


class FormRow(VerticalGroup):
    """A control with a label before it and a note below it, which is hidden while empty."""

    def __init__(self, label: str, control: Widget, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.label = Static(label, classes="field-label", markup=False)
        self._control = control
        self._note = Static("", classes="field-note", markup=False)
        self.has_error = False

    def compose(self) -> ComposeResult:
        yield from (self.label, self._control, self._note)

    def say(self, *, error: str = "", warning: str = "", hint: str = "") -> None:
        """Show the first of error, warning and hint that is not empty."""
        self.has_error = bool(error)
        self.set_class(bool(error), "-error")
        self.set_class(bool(warning) and not error, "-warning")
        self.set_class(bool(hint) and not error and not warning, "-hint")
        self._note.update(error or warning or hint)


class FormField(FormRow):
    """An input with its label and its note."""

    def __init__(self, label: str, field: TextInput, *, id: str | None = None) -> None:
        super().__init__(label, field, id=id)
        self.input = field

    def check(self) -> None:
        """Show what is wrong with the value."""

    async def look_up(self) -> bool:
        """Look up a value that cannot be used as it is; return whether that helps."""
        return False


async def focus_first_error(parent: Widget) -> FormField | None:
    """Check the fields in `parent`, look up what helps; focus and return the first wrong one."""
    for field in parent.query(FormField):
        field.check()
        if field.has_error:
            field.input.focus()
            field.call_after_refresh(field.scroll_visible, animate=False)  # the note, too
            if not await field.look_up():
                return field
    return None


class LinkInput(TextInput):
    """An input for a link, which it takes out of a pasted text."""

    def on_focus(self) -> None:
        """Suggest the longer link again, which the focus hides."""
        if self.suggester is not None:
            self.mutate_reactive(LinkInput.value)

    def pasted(self, text: str) -> str | None:
        """Return the one link of `text`, for the selection or the former link; leave several."""
        rows = extract(text) if "://" in text else []
        links = {row.text for row in rows if row.reason is None}
        if len(links) != 1:
            return None if links else super().pasted(text)
        if self.selection.is_empty:
            self.select_all()
        return links.pop()


class LinkField(FormField):
    def __init__(
        self,
        label: str,
        url: str,
        *,
        longer: str = "",
        placeholder: str = "",
        is_optional: bool = False,
        id: str,
    ) -> None:
        """`longer` is the link if it goes on, which the right arrow takes at its end."""
        # Were all of it selected, a key would replace the link.
        field = LinkInput(
            url,
            placeholder=placeholder,
            suggester=SuggestFromList([longer]) if longer else None,
            compact=True,
            select_on_focus=False,
        )
        super().__init__(label, field, id=id)
        self._is_optional = is_optional

    @property
    def url(self) -> str:
        return self.input.value.strip()

    def on_mount(self) -> None:
        self.check()

    @on(Input.Changed)
    def check(self) -> None:
        is_checked = self.url or not self._is_optional
        rejection = check_url(self.url) if is_checked else None
        self.say(error=rejection_text(rejection) if rejection else "")


class SecretInput(TextInput):
    """An input for a part of an account; of a secret it shows only the length, and copies none."""

    def __init__(self, *, is_hidden: bool = True) -> None:
        super().__init__(password=is_hidden, compact=True)

    @property
    def secret(self) -> str:
        """The secret, without surrounding blanks and without a bearer token's prefix."""
        return self.value.strip().removeprefix("Bearer ").strip()

    def pasted(self, text: str) -> str | None:
        """Return a secret, which a terminal may have broken into lines."""
        if has_lines_of_links(text):
            return None
        return text.replace("\n", "").replace("\r", "").strip()

    def action_copy(self) -> None:
        """Copy nothing."""

    def action_cut(self) -> None:
        self.delete_selection()
