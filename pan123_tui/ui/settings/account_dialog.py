"""Dialogs that ask for the account: the choices of the first run and the credentials."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.widgets import Input, Static

from pan123_tui.config.schema import RENEW_URL
from pan123_tui.domain.credentials import (
    TOKEN_PLACEHOLDER,
    AccessToken,
    AccountKind,
    ClientPair,
    Credentials,
    RefreshToken,
    is_header_safe,
)
from pan123_tui.domain.errors import Pan123Error, TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen, confirm
from pan123_tui.ui.settings.controller import SettingsController
from pan123_tui.ui.widgets.form_fields import FormField, SecretInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.text_input import TextInput
from pan123_tui.wording.problems import explain_problem


def credentials_source() -> str:
    """Return where the user gets client id and secret from."""
    return _(
        "Apply in the developer console of the 123pan open platform"
        " (https://www.123pan.com/developer): it shows your client ID and secret."
    )


def _introduction(kind: AccountKind) -> str:
    """Return where the account of `kind` is had from and what becomes of it."""
    unseen = _("What you paste is not shown, and is kept in a file that only you can read.")
    if kind is AccountKind.TOKEN:
        what = _("A token works until it expires; this program cannot renew it.")
        source = _(
            "The API call POST /api/v1/access_token returns it as accessToken. That call"
            " takes the client ID and secret from the developer console of the 123pan open"
            " platform (https://www.123pan.com/developer)."
        )
        return join_sentences(what, source, unseen)
    if kind is AccountKind.REFRESH:
        what = _(
            "A refresh token comes from an app that you have authorised: enter the app's"
            " client ID, or the address that renews the token, with {place} where the token"
            " belongs. Each renewal replaces the token, so do not use it in another"
            " program."
        ).format(place=TOKEN_PLACEHOLDER)
        return join_sentences(what, unseen)
    what = _("With these, the program gets and renews its access tokens by itself.")
    return join_sentences(what, credentials_source(), unseen)


LABELS: Mapping[AccountKind, tuple[str, ...]] = {
    AccountKind.PAIR: (N_("Client ID"), N_("Client secret")),
    AccountKind.TOKEN: (N_("Access token"),),
    AccountKind.REFRESH: (N_("Refresh token"), N_("Client ID"), N_("Client secret, if any")),
}
"""The labels of the secrets, in the order of the fields of the credentials."""
CREDENTIALS: Mapping[AccountKind, Callable[..., Credentials]] = {
    AccountKind.PAIR: ClientPair,
    AccountKind.TOKEN: AccessToken,
    AccountKind.REFRESH: RefreshToken,
}


class AccountScreen(Dialog[Account | None]):
    """Returns the account now in use, or None if cancelled; rejected input stays in its field."""

    AUTO_FOCUS = "SecretInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s",
            "save",
            N_("check and save"),
            id="account.save",
            tooltip=N_("Check the account with 123pan, then save it"),
        ),
        Binding("escape", "cancel", N_("back"), id="account.cancel"),
    ]

    def __init__(self, kind: AccountKind, controller: SettingsController) -> None:
        super().__init__()
        self._kind = kind
        self._controller = controller
        self._is_checking = False

    @property
    def _fields(self) -> list[FormField]:
        return list(self.query(FormField))

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="account-box", classes="dialog") as box:
            box.border_title = _("Account")
            with VerticalScroll(id="account-body", can_focus=False):
                yield Static(_introduction(self._kind), classes="dialog-detail", markup=False)
                for label in LABELS[self._kind]:
                    yield FormField(_(label), SecretInput())
                if self._kind is AccountKind.REFRESH:
                    yield FormField(_("Renewal address, if any"), TextInput(compact=True))
                yield Static("", id="account-status", markup=False)
            yield KeyBar()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        for field in self._fields:
            field.say()
        self._show_status("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self._fields[-1].input:
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        if not self._is_checking and (credentials := self._credentials()) is not None:
            self._is_checking = True
            self._show_status(_("Checking the account…"))
            self._save(credentials)

    @work(group="account")
    async def _save(self, credentials: Credentials) -> None:
        try:
            account = await self._controller.set_account(credentials)
        except Pan123Error as error:
            self._show_error(error)
        except OSError as error:
            text = _("Could not save: {reason}").format(reason=error.strerror)
            self._show_status(text, is_error=True)
        else:
            self.close(account)
        finally:
            self._is_checking = False

    def _credentials(self) -> Credentials | None:
        """Return the credentials, or show the error beside each field and return None."""
        fields = self._fields
        values = [_secret(field) for field in fields]
        for field, value in zip(fields, values, strict=True):
            if error := self._error(field, value):
                field.say(error=error)
        if wrong := [field for field in fields if field.has_error]:
            _focus(wrong[0])
            return None
        return CREDENTIALS[self._kind](*values)

    def _error(self, field: FormField, value: str) -> str:
        """Return what is wrong with the `value` of `field`, "" if nothing is."""
        fields, is_empty = self._fields, not field.input.value.strip()
        if not is_empty and not value:
            return _("Only letters, digits and punctuation, no spaces. Paste it again.")
        if self._kind is not AccountKind.REFRESH or field is fields[0]:
            return _("Required.") if is_empty else ""
        client_id, renew_url = fields[1], fields[3]
        if field is renew_url and value:
            return RENEW_URL.error(value)
        if field is client_id and is_empty and not renew_url.input.value.strip():
            return _("Enter this, or an address that renews the token.")
        return ""

    def _show_error(self, error: Pan123Error) -> None:
        """Show why nothing was saved, beside the last field if 123pan rejected its value."""
        explanation = explain_problem(error.problem)
        text = join_sentences(explanation.summary, explanation.details)
        if isinstance(error, TokenRefused):
            field = self._fields[0 if self._kind is AccountKind.REFRESH else -1]
            field.say(error=text)
            _focus(field)
            self._show_status(_("Nothing was saved. Copy it again, or get a new one."))
        else:
            kept = _("Nothing was saved; what you typed is still here.")
            self._show_status(join_sentences(text, kept), is_error=True)

    def _show_status(self, text: str, *, is_error: bool = False) -> None:
        status = self.query_one("#account-status", Static)
        status.set_class(is_error, "-error")
        status.update(text)


def _focus(field: FormField) -> None:
    """Focus `field` with its text selected: what is pasted next replaces it, though unseen."""
    field.input.focus()
    field.input.select_all()


def _secret(field: FormField) -> str:
    """Return the value of `field`; empty if it cannot be sent in a header."""
    value = field.input
    secret = value.secret if isinstance(value, SecretInput) else value.value.strip()
    return secret if is_header_safe(secret) else ""


def _account_choices() -> list[Choice]:
    """Return the kinds of account, with the same numbers wherever they are offered."""
    return [
        (AccountKind.PAIR.value, _("Enter client ID and secret"), _("renews itself")),
        (AccountKind.TOKEN.value, _("Paste an access token"), _("works until it expires")),
        (AccountKind.REFRESH.value, _("Paste a refresh token"), _("renews itself")),
    ]


async def change_account(app: App[Any], controller: SettingsController) -> None:
    """Let the user enter another account, or log out; raises what `forget_account` does."""
    choices = _account_choices()
    if controller.account.kind is not AccountKind.NONE:
        choices.append((AccountKind.NONE.value, _("Log out"), ""))
    kind = await app.push_screen_wait(ChoiceScreen(_("123pan account"), choices))
    if kind == AccountKind.NONE.value:
        detail = _("Links wait in the queue until you log in again.")
        if await confirm(app, _("Log out?"), yes=_("Log out"), no=_("Keep"), detail=detail):
            await controller.forget_account()
    elif kind is not None:
        screen = AccountScreen(AccountKind(kind), controller)
        if (account := await app.push_screen_wait(screen)) is not None:
            app.notify(greeting(account), markup=False)


def greeting(account: Account) -> str:
    """Return the message that names the account in use."""
    name = sanitize(account.nickname) or str(account.uid)
    return _("Logged in as {name}.").format(name=name)


class WelcomeScreen(ChoiceScreen):
    """The dialog of the first run; it returns `DEMO`, `SETTINGS`, a kind of account, or else."""

    DEMO, SETTINGS, LATER = "d", ",", "l"

    def __init__(self, controller: SettingsController) -> None:
        """Where there is no account yet, it closes when another terminal has logged in."""
        what = _("This program hands links to 123pan, which downloads them on its own servers.")
        account = _("To do that, the program needs your account.")
        kept = _("Links that you add before you log in are kept, and sent afterwards.")
        super().__init__(
            _("Welcome to pan123-tui"),
            [
                (self.DEMO, _("Look around first"), _("a demo, needs no account")),
                *_account_choices(),
                (self.LATER, _("Later"), ""),
                (self.SETTINGS, _("Settings"), _("this key works later, too")),
            ],
            text="\n\n".join([join_sentences(what, account), credentials_source(), kept]),
        )
        self._controller = controller
        self._needs_account = controller.has_no_account

    def on_screen_resume(self) -> None:
        self.close_after_login()

    def close_after_login(self) -> None:
        """Close if it is in front and an account has been set elsewhere meanwhile."""
        if self.is_active and self._needs_account and not self._controller.has_no_account:
            self._needs_account = False  # a screen may resume again before it is gone
            self.notify(_("Logged in from another terminal."), markup=False)
            self.dismiss(None)


async def log_in_first(
    app: App[Any], controller: SettingsController, *, on_demo: Callable[[], object]
) -> Account | None:
    """Show the ways to start until an account is set, and return it if it was set here."""
    needed_account = controller.has_no_account
    while True:
        start = await app.push_screen_wait(WelcomeScreen(controller))
        if start == WelcomeScreen.DEMO:
            on_demo()
        if start == WelcomeScreen.SETTINGS:
            app.call_later(app.run_action, "screen.act('app.settings')")
        if start not in list(AccountKind):
            return None
        account = await app.push_screen_wait(AccountScreen(AccountKind(start), controller))
        if account is not None:
            return account
        if needed_account and not controller.has_no_account:
            app.notify(_("Logged in from another terminal."), markup=False)
            return None
