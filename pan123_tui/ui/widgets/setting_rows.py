"""Rows of a form that are no text: a switch, and a choice among a few; a note under each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.domain.visible import visible
from pan123_tui.i18n import N_


class SettingRow(Widget, can_focus=True):
    """A label with its value, and under it what is to be said about it."""

    def __init__(self, label: str, *, note: str = "", id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._label = label
        self._note = note
        self._is_error = False

    def say(self, *, error: str = "", note: str = "") -> None:
        """Show the note that applies, the error first."""
        self._note, self._is_error = error or note, bool(error)
        self.refresh(layout=True)

    def value_content(self) -> Content:
        """Give the first line."""
        raise NotImplementedError

    def render(self) -> Content:
        if not self._note:
            return self.value_content()
        style = "$text-error" if self._is_error else "$text-muted"
        note = Content.styled(f"    {visible(self._note)}", style)
        return Content("\n").join([self.value_content(), note])

    def on_click(self, event: Click) -> None:
        event.stop()
        if not self.disabled:
            self.focus()
            self.use()

    def use(self) -> None:
        """Do what enter and a click do."""
        raise NotImplementedError

    def action_use(self) -> None:
        self.use()


class Toggle(SettingRow):
    """On or off."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "use", N_("switch"), id="settings.switch"),
    ]

    is_on = reactive(False)

    def __init__(
        self,
        label: str,
        *,
        is_on: bool,
        note: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(label, note=note, id=id)
        self.set_reactive(Toggle.is_on, is_on)

    def value_content(self) -> Content:
        mark = ("[x]", "bold $text-success") if self.is_on else ("[ ]", "$text-muted")
        return Content.assemble(mark, " ", self._label)

    def use(self) -> None:
        self.is_on = not self.is_on


class Picker(SettingRow):
    """One value; says when another one is to be chosen, and the screen answers with `value`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "use", N_("change"), id="settings.change"),
    ]

    value = reactive("", layout=True)

    @dataclass
    class Asked(Message):
        """Another value is to be chosen for `picker`."""

        picker: "Picker"

        @property
        def control(self) -> "Picker":
            """The picker, for `@on`."""
            return self.picker

    def __init__(
        self,
        label: str,
        *,
        value: str = "",
        words: Mapping[str, str] | None = None,
        note: str = "",
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`words` says a value as a person would."""
        super().__init__(label, note=note, id=id)
        self.words = words or {}
        self.set_reactive(Picker.value, value)

    @property
    def label(self) -> str:
        """What the choice is about."""
        return self._label

    def value_content(self) -> Content:
        shown = visible(self.words.get(self.value, self.value))
        return Content.assemble(self._label, "  ", (shown, "bold $text-primary"))

    def use(self) -> None:
        self.post_message(self.Asked(self))
