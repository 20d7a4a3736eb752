"""Dialogs that ask for the account: the choices of the first run and the credentials."""

from typing import Any

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import VerticalGroup, VerticalScroll
from textual.widgets import Input, Static

from pan123_tui.domain.credentials import AccountKind, Credentials, is_header_safe
from pan123_tui.domain.errors import Pan123Error, Problem, TokenRefused
from pan123_tui.domain.events import Account
from pan123_tui.i18n import N_, _, join_sentences
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen, confirm
from pan123_tui.ui.session.live_settings import LiveSettings
from pan123_tui.ui.widgets.form_fields import FormField, SecretInput
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording.accounts import CLIENT_ID, OPENLIST, SECRET_IF_ANY, WAYS, LoginWay
from pan123_tui.wording.actions import login_text
from pan123_tui.wording.problems import explain_problem


class AccountScreen(Dialog[Account | Problem | None]):
    """Returns the account, or why it was not checked; None if cancelled. Rejected input stays."""

    AUTO_FOCUS = "SecretInput"
    BINDINGS = [
        Binding(
            "ctrl+s",
            "save",
            N_("check and save"),
            id="account.save",
            tooltip=N_("Check the account with 123pan, then save it"),
        ),
        Binding("escape", "cancel", N_("back"), id="account.cancel"),
    ]

    def __init__(self, way: LoginWay, settings: LiveSettings) -> None:
        super().__init__()
        self._way = way
        self._settings = settings
        self._is_checking = False

    def compose(self) -> ComposeResult:
        with VerticalGroup(classes="dialog") as box:
            box.border_title = _("Account")
            with VerticalScroll(classes="form-body", can_focus=False):
                text = join_sentences(*self._way.introduction.splitlines())
                yield Static(text, classes="form-text", markup=False)
                for label in self._way.parts:
                    yield FormField(_(label), SecretInput(is_hidden=label != CLIENT_ID))
                yield Static("", id="account-status", classes="form-text", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        self._show_status("")

    @on(Input.Changed)
    def _forget_errors(self, event: Input.Changed) -> None:
        event.stop()
        for field in self.query(FormField):
            field.say()
        self._show_status("")

    @on(Input.Submitted)
    def _go_on(self, event: Input.Submitted) -> None:
        event.stop()
        if event.input is self.query(FormField).last().input:
            self.action_save()
        else:
            self.focus_next()

    def action_save(self) -> None:
        """Save the credentials; if wrong, show the error beside each field."""
        if self._is_checking:
            return
        fields = list(self.query(FormField))
        for label, field in zip(self._way.parts, fields, strict=True):
            if not field.input.value.strip():
                field.say(error="" if label == SECRET_IF_ANY else _("Required."))
            elif not _secret(field):
                wrong = _("Only letters, digits and punctuation, no spaces. Paste it again.")
                field.say(error=wrong)
        if wrong_field := next((it for it in fields if it.has_error), None):
            _focus(wrong_field)
            return
        self._is_checking = True
        self._show_status(_("Checking the account…"))
        self._save(self._way.make(*map(_secret, fields)))

    @work(group="account")
    async def _save(self, credentials: Credentials) -> None:
        try:
            checked = await self._settings.set_account(credentials)
        except TokenRefused as error:
            explanation = explain_problem(error.problem)
            field = next(it for it in self.query(FormField) if it.input.password)
            field.say(error=join_sentences(explanation.summary, explanation.details))
            _focus(field)
            self._show_status(_("Nothing was saved. Copy it again, or get a new one."))
        except Pan123Error as error:
            explanation = explain_problem(error.problem)
            kept = _("Nothing was saved; what you typed is still here.")
            text = join_sentences(explanation.summary, kept, explanation.details)
            self._show_status(text, is_error=True)
        except OSError as error:
            text = _("Not saved: {reason}").format(reason=error.strerror)
            self._show_status(text, is_error=True)
        else:
            self.close(checked)
        finally:
            self._is_checking = False

    def _show_status(self, text: str, *, is_error: bool = False) -> None:
        status = self.query_one("#account-status", Static)
        status.set_class(is_error, "-error")
        status.update(text)
        status.display = bool(text)


def _focus(field: FormField) -> None:
    """Focus `field` with its text selected: the next paste replaces it, although it is hidden."""
    field.input.focus()
    field.input.select_all()


def _secret(field: FormField) -> str:
    """Return the value of `field`; empty if it cannot be sent in a header."""
    secret = field.input.secret if isinstance(field.input, SecretInput) else ""
    return secret if is_header_safe(secret) else ""


def _account_choices() -> list[Choice]:
    return [(key, _(way.label), _(way.detail)) for key, way in WAYS.items()]


async def change_account(app: App[Any], settings: LiveSettings) -> None:
    """Let the user enter another account or log out; raises as `use_account` does."""
    choices = _account_choices()
    if settings.account.kind is not AccountKind.NONE:
        choices.append((AccountKind.NONE.value, _("Log out"), ""))
    way = await app.push_screen_wait(ChoiceScreen(_("123pan account"), choices))
    if way == AccountKind.NONE.value:
        detail = _("Links wait in the queue until you log in again.")
        if await confirm(app, _("Log out?"), yes=_("Log out"), no=_("Keep"), detail=detail):
            await settings.use_account(None)
    elif way is not None:
        dialog = AccountScreen(WAYS[way], settings)
        if (checked := await app.push_screen_wait(dialog)) is not None:
            app.notify(login_text(checked), markup=False)


DEMO, SETTINGS, LATER = "demo", "settings", "later"
"""The choices at the first run besides the kinds of account."""


async def log_in_first(app: App[Any], settings: LiveSettings) -> Account | Problem | str | None:
    """Offer the ways to start; return what is known of the account, or else the choice."""
    what = _("This program hands links to 123pan, which downloads them on its own servers.")
    two = _("There are two ways to log in.")
    paid = _(
        "With the developer package of the 123pan open platform"
        " (https://www.123pan.com/developer), you use your own client ID and secret. Users report"
        " about 20 CNY a month."
    )
    free = _("Users report that it also works without: you allow OpenList's app at 123pan.")
    kept = _("Links that you add before you log in are kept, and sent afterwards.")
    through = join_sentences(free, WAYS[OPENLIST].warning)
    text = "\n\n".join([join_sentences(what, two), paid, through, kept])
    choices = [
        *_account_choices()[:2],
        (DEMO, _("Demo, no account needed"), _("demo, not saved")),
        (LATER, _("Later"), ""),
        (SETTINGS, _("Settings"), _("other tokens")),
    ]
    while True:
        welcome = ChoiceScreen(_("Welcome to pan123-tui"), choices, text=text)
        start = await app.push_screen_wait(welcome)
        if (way := WAYS.get(start or "")) is None:
            return start
        screen = AccountScreen(way, settings)
        if (checked := await app.push_screen_wait(screen)) is not None:
            return checked
