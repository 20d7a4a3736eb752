"""A dialog for the name of a batch."""

from collections.abc import Collection
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup
from textual.getters import query_one

from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.widgets.form_fields import BatchField, focus_first_error
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.formats import count_tasks


class BatchNameScreen(Dialog[str | None]):
    """Returns the label, which is empty where the time is to be the name; None if cancelled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), id="batch.save"),
        Binding("escape", "cancel", N_("back"), id="batch.cancel"),
    ]

    field = query_one(BatchField)

    def __init__(self, label: str, *, time: str, count: int, others: Collection[str]) -> None:
        """`time` is the name of the batch of `count` tasks without a label."""
        super().__init__()
        self._label = label
        self._time = time
        self._count = count
        self._others = others

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="batch-box", classes="dialog") as box:
            box.border_title = _("Name of the batch")
            box.border_subtitle = count_tasks(self._count)
            yield BatchField(_("Name"), self._label, placeholder=self._time)
            yield KeyBar()

    def on_input_changed(self) -> None:
        label = self.field.batch_label
        hint = "" if label else _("Without a name it is called by its time.")
        if label in self._others:
            hint = _("There is such a batch: they become one.")
        if not self.field.has_error:
            self.field.say(hint=hint)

    def on_input_submitted(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        if focus_first_error(self) is None:
            self.close(self.field.batch_label)
