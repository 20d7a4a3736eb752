"""Screen of the settings in `config.toml` and of the account."""

from collections.abc import Collection, Iterable
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.credentials import AccountKind
from pan123_tui.domain.errors import Pan123Error, SettingsInvalid
from pan123_tui.domain.events import Account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_choices, profile, with_parenthetical
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen, ConfirmScreen
from pan123_tui.ui.keymap import key_of
from pan123_tui.ui.settings.account_dialog import AccountScreen
from pan123_tui.ui.settings.controller import SettingsController
from pan123_tui.ui.settings.fields import FIELDS, SCREEN_SECTIONS, SECTIONS
from pan123_tui.ui.settings.form import SelectRow, SettingForm
from pan123_tui.ui.widgets.form_fields import FolderField
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.problems import explain_problem

_ACCOUNT_LABELS = {
    AccountKind.NONE: N_("not set"),
    AccountKind.TOKEN: N_("access token: set"),
    AccountKind.PAIR: N_("client id and secret: set"),
    AccountKind.REFRESH: N_("refresh token: set"),
}


class SettingsBody(VerticalScroll, inherit_bindings=False):
    """The rows; keys move between them, where `VerticalScroll` would scroll."""


class SettingsScreen(Screen[None]):
    """Saves all changes at once or none; the input stays until they are saved."""

    AUTO_FOCUS = "#set-account"  # where that is fixed, none: `q` is no letter then
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", N_("save"), id="settings.save", tooltip=N_("Save the changes")),
        Binding("escape", "leave", N_("back"), id="settings.leave"),
        Binding("down,j", "next(1)", N_("next"), id="settings.next", show=False),
        Binding("up,k", "next(-1)", N_("previous"), id="settings.former", show=False),
        Binding("pagedown", "page(1)", N_("page down"), id="settings.page_down", show=False),
        Binding("pageup", "page(-1)", N_("page up"), id="settings.page_up", show=False),
        Binding("home,ctrl+home,g", "row(0)", N_("first"), id="settings.first", show=False),
        Binding("end,ctrl+end,G", "row(-1)", N_("last"), id="settings.last", show=False),
    ]

    def __init__(
        self, controller: SettingsController, model: TaskModel, *, themes: Iterable[str]
    ) -> None:
        """`themes` are the names of those that can be chosen."""
        super().__init__()
        self._controller = controller
        self._themes = list(themes)
        self._model = model
        self._theme = ""
        """The theme in use when the screen was opened."""

    def compose(self) -> ComposeResult:
        self._theme = self._theme or self.app.theme
        sections = SCREEN_SECTIONS if self._controller.host else SECTIONS
        self._form = SettingForm(
            self._controller.settings,
            theme=self._theme,
            known=self._model,
            fields=[field for _heading, fields in sections for field in fields],
        )
        yield Static(_("Settings"), id="settings-title", markup=False)
        with SettingsBody(id="settings-body", can_focus=False):
            with VerticalGroup(classes="settings-section"):
                yield Static(_("Account"), classes="settings-heading", markup=False)
                yield SelectRow(_("123pan account"), id="set-account")
            for heading, fields in sections:
                with VerticalGroup(classes="settings-section"):
                    yield Static(_(heading), classes="settings-heading", markup=False)
                    for field in fields:
                        yield self._form.rows[field.key]
            yield Static("", id="settings-error", markup=False)
            yield Static(self._where(), id="settings-file", markup=False)
        yield KeyBar(first=("settings.save", "settings.leave"))

    def _where(self) -> str:
        """Return where the settings are saved, and below how those without a row are changed."""
        where = _("These settings are saved in {file}.").format(file=self._controller.config_file)
        keys = _("Keys are changed there, under [keys], by the ids that {help} shows.")
        return "\n".join((sanitize(where), keys.format(help=key_of(self, "app.help"))))

    def on_mount(self) -> None:
        self._controller.on_reloaded = self._show_reloaded
        self._show_all()

    def on_unmount(self) -> None:
        self._controller.on_reloaded = lambda: None

    @work(group="show reloaded", exclusive=True)
    async def _show_reloaded(self) -> None:
        """Show what another screen has saved, unless there are changes here."""
        if self._form.is_changed:
            self._show_account()
            text = _("Settings or account were saved elsewhere; what you change here is kept.")
            self.notify(text, markup=False)
            return
        focused = self.focused.id if self.focused else None
        await self.recompose()
        self._show_all()
        if focused:
            self.query_one(f"#{focused}").focus()

    def _show_all(self) -> None:
        self._show_account()
        self._form.show_notes()
        # Focusing the first row has scrolled the heading above it out of view.
        self.call_after_refresh(self.query_one("#settings-body").scroll_home, animate=False)

    @on(Input.Changed)
    def check(self) -> None:
        self._form.check()

    def action_next(self, step: int) -> None:
        """Focus the next row, and stay on the first and the last."""
        rows = self.focus_chain
        if self.focused not in rows:
            self.focus_next()
        elif 0 <= (index := rows.index(self.focused) + step) < len(rows):
            rows[index].focus()

    def action_page(self, pages: int) -> None:
        """Focus the row that is `pages` windows further down, at first from the top."""
        if not (rows := self.focus_chain):
            return
        focused = self.focused if self.focused in rows else rows[0]
        height = self.query_one("#settings-body").size.height - 1
        near = [i for i, row in enumerate(rows) if abs(row.region.y - focused.region.y) <= height]
        rows[near[-1] if pages > 0 else near[0]].focus()

    def action_row(self, index: int) -> None:
        """Focus the first or the last row that can be changed, and show what is beyond it."""
        if rows := self.focus_chain:
            rows[index].focus()
            body = self.query_one("#settings-body")
            scroll = body.scroll_end if index else body.scroll_home
            self.call_after_refresh(scroll, animate=False)

    # The account

    def _show_account(self) -> None:
        row, source = self.query_one("#set-account", SelectRow), self._controller.account
        account = self._model.status.account
        nickname = account.nickname if account else ""
        row.value = self._account_label(source.kind, nickname)
        row.disabled = bool(source.variable) or self._controller.is_account_fixed
        if self._controller.host:
            note = _(
                "It is on {host}, like the tasks: run “pan123-tui login” there. The settings below"
                " are of this machine."
            ).format(host=self._controller.host)
        elif self._controller.is_account_fixed:
            note = _("The demo uses its own account.")
        elif source.variable:
            text = _("Set by {variable}; change it there.")
            note = text.format(variable=source.variable)
        elif name := profile():
            note = _("Of the profile {name}.").format(name=name)
        else:
            note = _("An account in the environment (PAN123_…), if set, overrides this.")
        row.show_note(note=note)

    def _account_label(self, kind: AccountKind, nickname: str) -> str:
        if self._controller.is_account_fixed:
            return nickname
        return with_parenthetical(_(_ACCOUNT_LABELS[kind]), nickname)

    @on(SelectRow.ChoiceRequested, "#set-account")
    @work(group="account", exclusive=True)
    async def change_account(self) -> None:
        """Let the user enter another account, or delete the saved one."""
        choices: list[Choice] = [
            (AccountKind.PAIR.value, _("Client id and secret"), _("renews itself")),
            (AccountKind.TOKEN.value, _("Access token"), _("works until it expires")),
            (AccountKind.REFRESH.value, _("Refresh token"), _("renews itself")),
        ]
        if self._controller.account.kind is not AccountKind.NONE:
            choices.append((AccountKind.NONE.value, _("Log out"), ""))
        kind = await self.app.push_screen_wait(ChoiceScreen(_("123pan account"), choices))
        if kind == AccountKind.NONE.value:
            await self._forget_account()
        elif kind is not None:
            screen = AccountScreen(AccountKind(kind), self._controller)
            if (account := await self.app.push_screen_wait(screen)) is not None:
                self.notify(greeting(account), markup=False)
        self._show_account()

    async def _forget_account(self) -> None:
        question = ConfirmScreen(
            _("Log out?"),
            detail=_("Links wait in the queue until there is one again."),
            yes=_("Log out"),
            no=_("Keep"),
        )
        if await self.app.push_screen_wait(question):
            try:
                await self._controller.forget_account()
            except OSError as error:
                self._show_error(_save_error(error))
            except Pan123Error as error:
                self._show_error(explain_problem(error.problem).text)

    # The form

    @on(SelectRow.ChoiceRequested)
    @work(group="choose", exclusive=True)
    async def choose(self, event: SelectRow.ChoiceRequested) -> None:
        """Let the user choose one of the values of a row."""
        row = event.row
        if row.id == "set-account":
            return
        labels = row.value_labels or {theme: theme for theme in self._themes}
        choices = [(value, label, "") for value, label in labels.items()]
        preview = None if row.value_labels else partial(setattr, self.app, "theme")
        screen = ChoiceScreen(row.label, choices, current=row.value, preview=preview)
        value = await self.app.push_screen_wait(screen)
        row.value = row.value if value is None else value
        if preview:
            preview(row.value)

    @work(group="save-settings", exclusive=True)
    async def action_save(self) -> None:
        """Save all changes, or show the error beside its field."""
        if (row := self._form.check()) is not None:
            (row.input if isinstance(row, FolderField) else row).focus()
            self._show_error(_("A field is not ready yet: see the note below it."))
            return
        changes = self._form.dirty_values()
        try:
            if changes:
                await self._controller.save(changes)
        except SettingsInvalid as error:
            if not self._form.show_error(str(error)):
                self._show_error(str(error))
        except OSError as error:
            self._show_error(_save_error(error))
        except Pan123Error as error:  # they are saved, but the engine was not told
            self._show_error(explain_problem(error.problem).text)
        else:
            self._notify_saved(changes)
            self._close()

    def _notify_saved(self, changed: Collection[str]) -> None:
        delayed = [_(f.label) for f in FIELDS if f.key in changed and not f.applies_immediately]
        if delayed:
            text = _("After a restart: {what}").format(what=join_choices(delayed))
            self.notify(text, markup=False)
        elif changed:
            self.notify(_("Saved."), markup=False)

    @work(group="leave")
    async def action_leave(self) -> None:
        """Leave the screen, after a confirmation if there are unsaved changes."""
        if not self.is_active:  # its question is open
            return
        if self._form.is_changed:
            question = ConfirmScreen(
                _("Discard the changes?"), yes=_("Discard"), no=_("Keep editing")
            )
            if not await self.app.push_screen_wait(question):
                return
            self.app.theme = self._theme
        self._close()

    def _show_error(self, text: str) -> None:
        self.query_one("#settings-error", Static).update(text)
        self.notify(text, severity="error", markup=False)

    def _close(self) -> None:
        if self.is_active:
            self.dismiss(None)


def greeting(account: Account) -> str:
    """Return the message that names the account in use."""
    name = sanitize(account.nickname) or str(account.uid)
    return _("Logged in as {name}.").format(name=name)


def _save_error(error: OSError) -> str:
    return _("It could not be saved: {reason}").format(reason=error.strerror or str(error))
