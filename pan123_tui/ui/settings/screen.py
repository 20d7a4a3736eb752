"""The settings screen: a row for each setting often changed, saved and applied at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib.util import find_spec

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import HorizontalGroup, VerticalScroll
from textual.content import Content
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Button, Input, OptionList, Select, Static, Switch

from pan123_tui.client.task_model import ModelChange
from pan123_tui.config.schema import SETTINGS, Setting, Value, mask
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_list, key_name
from pan123_tui.system.push import (
    PushFailure,
    PushTrouble,
    check_addresses,
    message_title,
    send_in_thread,
)
from pan123_tui.terminal.textual_private import UncutScreen
from pan123_tui.ui.folders import FolderField
from pan123_tui.ui.session.engine_link import EngineLink
from pan123_tui.ui.session.live_settings import LiveSettings
from pan123_tui.ui.settings.account_dialog import change_account
from pan123_tui.ui.theme import SCREEN_STYLES, offered
from pan123_tui.ui.widgets.form_fields import FormRow, SecretInput, TextInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.engine import push_test_text, push_text, push_troubles_text
from pan123_tui.wording.entrance import aria2_texts
from pan123_tui.wording.formats import account_label
from pan123_tui.wording.problems import explain_problem

FOLDER, PUSH, THEME, WATCH = "defaults.folder_id", "notify.push", "ui.theme", "clipboard.watch"
BROWSER = "aria2.enabled"
OWN_THEMES = {"pan123-dark": N_("default (dark)"), "pan123-light": N_("default (light)")}


class ChoiceSelect(Select[str], inherit_bindings=False):
    """A selection that leaves the arrow keys to the screen until it is opened."""

    BINDINGS = [Binding("enter,space", "show_overlay", N_("change"), id="settings.change")]

    def __init__(
        self,
        words: Mapping[str, str],
        value: str,
        *,
        preview: Callable[[str], object] = lambda _value: None,
    ) -> None:
        """Have `preview` show what the cursor is on while the list is open, then what is chosen."""
        self._values, self._shown = [*words], value
        self._preview = preview
        options = [(Content(text), it) for it, text in words.items()]
        super().__init__(options, value=value, allow_blank=False, compact=True)

    def on_mount(self) -> None:
        overlay = self.query_one(OptionList)
        overlay.border_subtitle = Content(_("{key} closes").format(key=key_name("escape")))
        for node, name in ((overlay, "highlighted"), (self, "expanded")):
            self.watch(node, name, self._show_choice, init=False)

    def on_unmount(self) -> None:
        if self._shown != self.value:
            self._preview(str(self.value))

    def _show_choice(self) -> None:
        index = self.query_one(OptionList).highlighted if self.expanded else None
        value = str(self.value) if index is None else self._values[index]
        if value != self._shown:
            self._shown = value
            self._preview(value)


class ShownSwitch(Switch, inherit_bindings=False):
    """A switch whose keys the key bar shows."""

    BINDINGS = [Binding("enter,space", "toggle_switch", N_("change"), id="settings.change")]


class SettingsBody(VerticalScroll, inherit_bindings=False):
    """The rows; keys move between them, where `VerticalScroll` would scroll."""


class SettingsScreen(UncutScreen[None]):
    """Made from the fields with a row; every valid change is saved at once."""

    CSS_PATH = SCREEN_STYLES
    AUTO_FOCUS = "#set-account"  # where that is fixed, none: `q` is no letter then
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal")]
    BINDINGS = [
        Binding("escape,q", "leave", N_("back"), id="settings.leave"),
        Binding("ctrl+s", "leave", show=False),
        Binding("down,j", "app.focus_next", N_("down"), id="settings.next", show=False),
        Binding("up,k", "app.focus_previous", N_("up"), id="settings.former", show=False),
        Binding("home", "focus_row(0)", show=False),
        Binding("end", "focus_row(-1)", show=False),
        Binding("pagedown", "focus_page(1)", show=False),
        Binding("pageup", "focus_page(-1)", show=False),
        Binding("y", "copy_secret", N_("copy the secret"), id="settings.copy", show=False),
    ]

    def __init__(
        self,
        settings: LiveSettings,
        engine: EngineLink,
        *,
        watch_reason: Callable[[], str],
        copy: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """`watch_reason` returns why the clipboard cannot be watched; "" if it can be."""
        super().__init__()
        self._watch_reason, self._copy = watch_reason, copy
        self._settings, self._engine = settings, engine
        self._rows: dict[str, tuple[FormRow, Widget]] = {}
        """The row of each setting and its control, by the setting's key."""
        self._shown_status = engine.model.status
        self._theme = ""
        """The theme that was shown or chosen last; it may stand for one that is unknown."""

    def compose(self) -> ComposeResult:
        yield Static(_("Settings"), id="settings-title", markup=False)
        with SettingsBody(id="settings-body", can_focus=False):
            self._account = Button("", id="set-account", compact=True)
            self._account.styles.line_pad = 0  # as in the other rows; its CSS does not take 0
            self._account_row = FormRow(_("123pan account"), self._account)
            yield self._account_row
            yield from map(self._row, self._shown_fields())
        self._help = Static(self._where, id="settings-help", markup=False)
        yield self._help
        yield KeyBar(first=("settings.leave",))

    def _shown_fields(self) -> Iterator[Setting]:
        for field in SETTINGS.values():
            if field.about.row and (field.is_of_screen or not self._settings.host):
                yield field

    def _row(self, field: Setting) -> FormRow:
        label, value = _(field.about.row), self._settings.current.value(field)
        row: FormRow | None = None
        control: Widget
        if field.key == FOLDER:
            folder_id = self._settings.current.defaults.folder_id
            row = FolderField(folder_id, engine=self._engine, label=label)
            control = row.input
        elif field.key == THEME:
            self._theme = self.app.theme
            words = {it: it for it in (*offered(self.app), self._theme)}
            words |= {it: _(word) for it, word in OWN_THEMES.items()}
            control = ChoiceSelect(words, self._theme, preview=self._settings.preview)
        elif field.choices:
            words = {it: _(field.about.words[it]) for it in field.choices}
            control = ChoiceSelect(words, str(value))
        elif isinstance(value, bool):
            control = ShownSwitch(value, animate=False)
            word = Static("", classes="field-word", markup=False)
            row = FormRow(label, HorizontalGroup(word, control))
        else:
            control = SecretInput() if field.about.is_secret else TextInput(compact=True)
            control.value = _typed(field, value)
            default = field.about.words.get(str(field.default))
            control.placeholder = _(default) if default else ""
        if field.key == PUSH:
            send = _("send a test")
            test = Button(Content(f"[{send}]"), id="send-test", compact=True)
            row = FormRow(label, HorizontalGroup(control, test))
        control.id = "set-" + field.key.replace(".", "-")
        control.disabled = self._settings.current.overrides.get(field.key) is not None
        row = row or FormRow(label, control)
        self._rows[field.key] = row, control
        return row

    def on_mount(self) -> None:
        self._settings.reloaded.subscribe(self, lambda _settings: self._show_reloaded())
        self._engine.changes.subscribe(self, self._show_status)
        self._show_all()
        self.run_worker(self._settings.reload(), group="reload")  # an editor may have changed it

    def _show_status(self, _change: ModelChange) -> None:
        if self._shown_status is not self._engine.model.status:
            self._shown_status = self._engine.model.status
            self._show_note(SETTINGS[BROWSER])

    @work(group="show reloaded", exclusive=True)
    async def _show_reloaded(self) -> None:
        """Refresh all rows; what is being typed stays."""
        focused = self.focused
        field = self._field_of(focused) if focused else None
        typed = focused.value if isinstance(focused, Input) else None
        self._rows.clear()
        await self.recompose()
        if not self._rows:  # it was left meanwhile
            return
        self._show_all()
        control = self._rows[field.key][1] if field else self._account
        if isinstance(control, Input) and typed is not None:
            control.value = typed
        control.focus()

    def _show_all(self) -> None:
        self._show_account()
        for field in self._shown_fields():
            self._show_note(field)

    def _field_of(self, widget: Widget) -> Setting | None:
        keys = (key for key, (row, _) in self._rows.items() if row in widget.ancestors_with_self)
        return next(map(SETTINGS.get, keys), None)

    # Notes

    def _show_note(self, field: Setting, *, error: str = "") -> None:
        """Below the row of `field`, show what is wrong, what has set it, or a masked secret."""
        if field.key not in self._rows:  # all rows are just being made again
            return
        (row, control), settings = self._rows[field.key], self._settings.current
        hint = warning = ""
        if variable := settings.overrides.get(field.key):
            hint = _("Set by {variable}; change it there.").format(variable=variable)
        elif field.key == PUSH:
            hint = join_list(mask(address) for address in settings.notify.push)
            is_missing = hint and find_spec("apprise") is None
            warning = push_text(PushFailure(PushTrouble.MISSING)) if is_missing else ""
        elif field.key == WATCH and settings.clipboard.watch:
            hint = self._watch_reason()
        elif field.key == BROWSER and settings.aria2.address:
            warning, hint = aria2_texts(self._shown_status, self._settings.aria2_secret)
        if error:
            self._help.update(_(field.about.meaning))  # no longer that something was saved
        if error or not isinstance(row, FolderField):  # which says the rest
            row.say(error=error, warning=warning, hint=hint)
            if control.has_focus:
                self.call_after_refresh(row.scroll_visible, animate=False)  # the note, too
        if isinstance(control, Switch):  # whose colour not every terminal shows
            row.query_one(".field-word", Static).update(_("on") if control.value else _("off"))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        field = self._field_of(event.widget)
        self._help.update(_(field.about.meaning) if field else self._where)

    @property
    def _where(self) -> str:
        file = str(self._settings.paths.config_file)
        file = sanitize(file, self.app.size.width - 4, truncate_at="middle")
        return _("All settings are in {file}.").format(file=file)

    # Changes

    @on(Switch.Changed)
    @on(Select.Changed)
    def save_choice(self, event: Switch.Changed | Select.Changed) -> None:
        field = self._field_of(event.control)
        if field is None or (field.key == THEME and event.value == self._theme):
            return
        if field.key == THEME:
            self._theme = str(event.value)
        self._show_note(field)
        self._save(field, event.value)

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(Input.Blurred)
    def take_typed(self, event: Input.Changed | Input.Submitted | Input.Blurred) -> None:
        """Say at once what is wrong; save what is complete."""
        is_done = not isinstance(event, Input.Changed)
        if (field := self._field_of(event.input)) is None:
            return
        if field.key == FOLDER:
            # Saved as soon as it is chosen or found, otherwise when typing is done.
            control = self.query_one(FolderField)
            if control.is_settled or (is_done and not control.has_error):
                self._save(field, control.folder_id)
            return
        try:
            value = field.parse(event.input.value)
        except ValueError as error:
            text = _("Not saved: {reason}").format(reason=error) if is_done else str(error)
            self._show_note(field, error=text)
            return
        self._show_note(field)
        if is_done:
            self._save(field, value)

    @work(group="save-settings")
    async def _save(self, field: Setting, value: Value | None) -> None:
        if (field.default if value is None else value) == self._settings.current.value(field):
            self._show_default(field, value)
            return
        changes = {field.key: value}
        if field.key == FOLDER:
            name = self._engine.model.folder_names.get(value) if isinstance(value, int) else None
            changes["defaults.folder_name"] = name
        elif isinstance(value, tuple):
            troubles = await asyncio.to_thread(check_addresses, value)
            if any(it.trouble is PushTrouble.INVALID for it in troubles.values()):
                text = _("Not saved: {reason}").format(reason=push_troubles_text(troubles))
                self._show_note(field, error=text)
                return
        try:
            await self._settings.save(changes)
        except SettingsInvalid as error:
            self._show_note(field, error=str(error))
        except OSError as error:
            self._show_note(field, error=_not_saved(error))
        else:
            if field.key == "ui.language":
                self._show_reloaded()
                return
            self._show_default(field, value)
            self._show_note(field)
            self._help.update(_("Saved."))

    def _show_default(self, field: Setting, value: Value | None) -> None:
        _row, control = self._rows.get(field.key, (None, None))
        if value is None and isinstance(control, Input):
            control.value = _typed(field, self._settings.current.value(field))

    def action_focus_row(self, place: int) -> None:
        self.set_focus(self.focus_chain[place])

    def action_focus_page(self, pages: int) -> None:
        """Move by as many rows as are in sight, but not from one end to the other."""
        chain, rows = self.focus_chain, self.query_one(SettingsBody).size.height
        place = chain.index(self.focused) if self.focused in chain else 0
        self.set_focus(chain[min(max(place + pages * rows, 0), len(chain) - 1)])

    async def action_copy_secret(self) -> None:
        if BROWSER in self._rows and self._engine.model.status.listens_at:
            await self._copy(self._settings.aria2_secret(), _("The secret"))

    @work(group="leave", exclusive=True)
    async def action_leave(self) -> None:
        """Save what is being typed, and leave; say which rows were not saved."""
        if isinstance(self.focused, Input):
            self.take_typed(Input.Submitted(self.focused, self.focused.value))
        await self._saved()  # which leaving would cancel
        if self.is_active:
            rows = self._rows.items()
            if wrong := [_(SETTINGS[key].about.row) for key, (row, _c) in rows if row.has_error]:
                text = _("Not saved: {reason}").format(reason=join_list(wrong))
                self.app.notify(text, severity="warning", markup=False)
            self.dismiss(None)

    async def _saved(self) -> None:
        for worker in [it for it in self.workers if it.group == "save-settings"]:
            await worker.wait()

    @on(Button.Pressed, "#send-test")
    @work(group="send-test", exclusive=True)
    async def send_test(self) -> None:
        await self._saved()
        addresses = self._settings.current.notify.push
        control = self.query_one("#set-notify-push", Input)
        try:
            is_saved = (SETTINGS[PUSH].parse(control.value) or ()) == addresses
        except ValueError:
            is_saved = False
        if not is_saved:  # its note says why
            control.focus()
            return
        if not addresses:
            self._help.update(_("Enter an address first."))
            return
        self._help.update(_("Sending a test…"))
        title = message_title(self._settings.paths.profile)
        troubles = await send_in_thread(addresses, title, push_test_text())
        self._show_note(SETTINGS[PUSH], error=push_troubles_text(troubles))
        self._help.update("" if troubles else _("The message was sent."))

    # The account

    def _show_account(self) -> None:
        source, account = self._settings.account, self._engine.model.status.account
        nickname = sanitize(account.nickname) if account else ""
        is_fixed = self._settings.is_account_fixed
        label = account_label(source.kind, nickname)
        self._account.label = Content(nickname if is_fixed else label)
        self._account.disabled = bool(source.variable) or is_fixed
        note = _("Set by {variable}; change it there.") if source.variable else ""
        if self._settings.host:
            note = _(
                "The account is on {host}, like the tasks: run “pan123-tui login” on that "
                "machine. The settings below belong to this machine."
            )
        elif is_fixed:
            note = _("The demo uses its own account.")
        note = note.format(host=self._settings.host, variable=source.variable)
        self._account_row.say(hint=note)

    @on(Button.Pressed, "#set-account")
    @work(group="account", exclusive=True)
    async def change_account(self) -> None:
        try:
            await change_account(self.app, self._settings)
        except OSError as error:
            self.notify(_not_saved(error), severity="error", markup=False)
        except Pan123Error as error:
            self.notify(explain_problem(error.problem).text, severity="error", markup=False)
        self._show_account()


def _not_saved(error: OSError) -> str:
    return _("Not saved: {reason}").format(reason=error.strerror or error)


def _typed(field: Setting, value: Value | None) -> str:
    """Return `value` as it is typed; empty if there is a word for it."""
    if str(value) in field.about.words:
        return ""
    if isinstance(value, tuple):
        return " ".join(value)
    return f"{value:g}" if isinstance(value, float) else str("" if value is None else value)
