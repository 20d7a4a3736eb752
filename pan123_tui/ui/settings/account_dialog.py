"""The welcome: what can be done while there is no account."""

from enum import StrEnum
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalGroup, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pan123_tui.domain.credentials import AccessToken, AccountKind, ClientPair, Credentials
from pan123_tui.domain.errors import Pan123Error, ProblemKind
from pan123_tui.domain.events import Account
from pan123_tui.i18n import N_, _
from pan123_tui.ui.dialogs.choice import ChoiceScreen
from pan123_tui.ui.settings.controller import SettingsController
from pan123_tui.ui.widgets.form_fields import FormField, SecretInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.formats import explain_problem


def where_to_get_it() -> str:
    """Say where the service gives out what is asked for here."""
    return _(
        "Apply in the developer console of the 123pan open platform"
        " (https://www.123pan.com/developer): it shows your client id and secret."
    )


class AccountScreen(ModalScreen[Account | None]):
    """Gives the account that is in use now, or None; what is typed stays until it is accepted."""

    AUTO_FOCUS = "SecretInput"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - Textual's type
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s",
            "save",
            N_("check and keep"),
            id="account.save",
            tooltip=N_("Ask the service whose account it is, then keep it"),
        ),
        Binding("escape", "cancel", N_("back"), id="account.cancel"),
    ]

    def __init__(self, kind: AccountKind, desk: SettingsController) -> None:
        super().__init__()
        self._kind = kind
        self._desk = desk
        self._is_asking = False

    @property
    def _fields(self) -> list[FormField]:
        return list(self.query(FormField))

    def compose(self) -> ComposeResult:
        with VerticalGroup(id="account-box", classes="dialog") as box:
            box.border_title = _("Account")
            with VerticalScroll(id="account-body", can_focus=False):
                yield Static(self._introduction(), classes="dialog-detail", markup=False)
                if self._kind is AccountKind.TOKEN:
                    yield FormField(_("Access token"), SecretInput())
                else:
                    yield FormField(_("Client id"), SecretInput())
                    yield FormField(_("Client secret"), SecretInput())
                yield Static("", id="account-note", markup=False)
            yield KeyBar()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        for field in self._fields:
            field.say()
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        empty = [field for field in self._fields if not field.input.value]
        if empty:
            empty[0].input.focus()
        else:
            self.action_save()

    def action_save(self) -> None:
        if not self._is_asking and (credentials := self._credentials()) is not None:
            self._is_asking = True
            self._say(_("Asking the service whose account it is …"))
            self._keep(credentials)

    @work(group="account")
    async def _keep(self, credentials: Credentials) -> None:
        try:
            account = await self._desk.set_account(credentials)
        except Pan123Error as error:
            self._refuse(error)
        except OSError as error:
            self._say(_("It could not be kept: {reason}").format(reason=error.strerror), bad=True)
        else:
            if self.is_current:
                self.dismiss(account)
        finally:
            self._is_asking = False

    def action_cancel(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def _credentials(self) -> Credentials | None:
        """Give what is typed, or say beside each field what is wrong with it."""
        secrets = [_secret(field) for field in self._fields]
        if all(secrets):
            return AccessToken(*secrets) if len(secrets) == 1 else ClientPair(*secrets)
        for field, secret in zip(self._fields, secrets, strict=True):
            if not secret:
                is_empty = not field.input.value.strip()
                unusable = _("Only letters, digits and signs, no blanks. Paste it again.")
                field.say(error=_("This is needed.") if is_empty else unusable)
        next(field for field in self._fields if field.has_error).input.focus()
        return None

    def _refuse(self, error: Pan123Error) -> None:
        """Say why nothing was kept, beside the field if it is about what is typed there."""
        explanation = explain_problem(error.problem)
        text = f"{explanation.summary} {explanation.details}".strip()
        if error.kind is ProblemKind.TOKEN_REFUSED:
            self._fields[-1].say(error=text)
            self._say(_("Nothing was kept."))
        else:
            kept = _("Nothing was kept; what you typed is still here.")
            self._say(f"{text} {kept}", bad=True)

    def _say(self, text: str, *, bad: bool = False) -> None:
        note = self.query_one("#account-note", Static)
        note.set_class(bad, "-error")
        note.update(text)

    def _introduction(self) -> str:
        if self._kind is AccountKind.TOKEN:
            what = _("A token works until it expires and cannot be renewed from here.")
        else:
            what = _("With these, the program gets and renews its access tokens by itself.")
        unseen = _("What you paste is not shown, and is kept in a file that only you can read.")
        return f"{what} {where_to_get_it()} {unseen}"


def _secret(field: FormField) -> str:
    """Give what is in the field; empty where it cannot be sent."""
    assert isinstance(field.input, SecretInput)  # noqa: S101 - as it was made
    secret = field.input.secret
    try:
        return AccessToken(secret).token
    except ValueError:
        return ""


class Start(StrEnum):
    """What a person chooses to begin with."""

    DEMO = "demo"
    PAIR = "pair"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    LATER = "later"


def welcome_screen() -> ChoiceScreen:
    """Offer the ways to begin; gives one of `Start`, or None."""
    what = _("This program hands links to 123pan, which downloads them on its own servers.")
    account = _("For that it needs your account.")
    kept = _("Links that you add before are kept, and sent afterwards.")
    return ChoiceScreen(
        _("Welcome to pan123-tui"),
        [
            (Start.DEMO.value, _("Look around first"), _("a demo, needs no account")),
            (Start.PAIR.value, _("Enter client id and secret"), _("renews itself")),
            (Start.TOKEN.value, _("Paste an access token"), _("works until it expires")),
            (Start.LATER.value, _("Later"), _("“,” opens the settings")),
        ],
        text="\n\n".join([f"{what} {account}", where_to_get_it(), kept]),
    )
