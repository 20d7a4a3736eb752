"""The catalogue of commands: each is imported and made only when it is asked for."""

import os
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from gettext import gettext
from importlib import import_module

import click

from pan123_tui import i18n
from pan123_tui.i18n import N_, _

_MODULES: Mapping[str, str] = {
    "add": "add",
    "list": "listing",
    "watch": "watch",
    "wait": "wait",
    "retry": "retry",
    "remove": "remove",
    "export": "export",
    "login": "login",
    "logout": "logout",
    "whoami": "whoami",
    "doctor": "doctor",
    "completions": "completions",
    "simulate": "simulate",
}
_WORDS: Mapping[str, str] = {
    "add": N_("Queue links, out of any text."),
    "list": N_("Show the tasks, whether a dashboard runs or not."),
    "watch": N_("Send and poll without a screen, one line for each change."),
    "wait": N_(
        "Wait until the tasks have ended, and print how.\n\n"
        "While no dashboard or watch runs, it sends and polls itself."
    ),
    "retry": N_("Queue failed, rejected and missing tasks again."),
    "remove": N_("Forget tasks here. The service has no cancel: what runs there goes on."),
    "export": N_("Write the links for “add -f”."),
    "login": N_(
        "Keep the account for the next starts.\n\n"
        "It asks for the client id and the secret, or reads a line for each from a pipe; never "
        "give a secret as an argument, where others see it."
    ),
    "logout": N_("Forget the account; the tasks stay."),
    "whoami": N_("Ask the service whose account it is."),
    "doctor": N_("Print what a bug report needs."),
    "completions": N_("Print the completion script of a shell."),
    "simulate": N_("Run a simulated service."),
}
"""What each command says of itself: the list of all of them shall not import them all."""


class Catalogue(click.Group):
    """A group whose commands live in modules of their own, each with a `command()`.

    They are made when they are used or listed: then the language is known and speaks in their
    help, and a command pays for no other one's imports.
    """

    def format_help_text(
        self,
        ctx: click.Context,  # noqa: ARG002 - what click gives
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the help in the language in use, which was not known when it was made."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(_(self.help) if self.help else "")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands, the everyday ones first."""
        return [*_MODULES, *(name for name in super().list_commands(ctx) if name not in _MODULES)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Make the command, or give None if there is none of this name."""
        if cmd_name not in _MODULES:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"pan123_tui.commands.{_MODULES[cmd_name]}")
        command: click.Command = module.command()
        command.params.append(language_option())
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Speak the language that is asked for behind the command before its help is made."""
        for language in _languages_in(args):
            speak(language)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands with their words, without making them."""
        room = formatter.width - 6 - max(map(len, _WORDS))
        commands = (click.Command(name, help=_(words)) for name, words in _WORDS.items())
        rows = [(str(command.name), command.get_short_help_str(room)) for command in commands]
        with formatter.section(gettext("Commands")):
            formatter.write_dl(rows)


class Spoken(click.Option):
    """An option that is made before the language is known: its help is translated when shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Give how it is written and what it does."""
        spoken = copy(self)
        spoken.help = _(self.help) if self.help else None
        return click.Option.get_help_record(spoken, ctx)


def language_option() -> click.Option:
    """Make `--lang`, which is understood before a command and behind it."""
    return Spoken(
        ["--lang"],
        metavar="LANG",
        is_eager=True,
        expose_value=False,
        callback=lambda _context, _option, language: speak(language),
        help=N_("Speak this language: en or zh."),
    )


def speak(language: str | None) -> None:
    """Speak `language`, if there is one, from now on and in all that is started from here."""
    if language:
        os.environ["PAN123_LANG"] = language
        i18n.use(language)
        i18n.lend()


def _languages_in(words: Sequence[str]) -> Iterator[str]:
    """Give what `--lang` says in `words`, up to where options end."""
    options = words[: words.index("--")] if "--" in words else words
    for word, following in zip(options, (*options[1:], ""), strict=True):
        name, is_given, value = word.partition("=")
        if name == "--lang":
            yield value if is_given else following


def example(*lines: str) -> str:
    """Give the lines as what a command's help ends with, each on a line of its own."""
    return "\b\n" + "\n".join((_("Example:"), *(f"  {line}" for line in lines)))
