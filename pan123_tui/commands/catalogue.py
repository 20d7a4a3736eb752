"""The commands by name: the module of each is imported only when it is used."""

from collections.abc import Mapping
from gettext import gettext
from importlib import import_module

import click

from pan123_tui.i18n import _

COMMANDS: Mapping[str, tuple[str, str]] = {
    "add": ("pan123_tui.commands.add:add", _("Queue links, out of any text.")),
    "list": (
        "pan123_tui.commands.listing:list_tasks",
        _("Show the tasks, whether a dashboard runs or not."),
    ),
    "watch": (
        "pan123_tui.commands.watch:watch",
        _("Send and poll without a screen, one line for each change."),
    ),
    "wait": ("pan123_tui.commands.wait:wait", _("Wait until the tasks have ended, and print how.")),
    "retry": (
        "pan123_tui.commands.retry:retry",
        _("Queue failed, rejected and missing tasks again."),
    ),
    "remove": (
        "pan123_tui.commands.remove:remove",
        _("Forget tasks here. The service has no cancel: what runs there goes on."),
    ),
    "export": ("pan123_tui.commands.export:export", _("Write the links for “add -f”.")),
    "login": ("pan123_tui.commands.login:login", _("Keep the account for the next starts.")),
    "logout": ("pan123_tui.commands.logout:logout", _("Forget the account; the tasks stay.")),
    "whoami": ("pan123_tui.commands.whoami:whoami", _("Ask the service whose account it is.")),
    "doctor": ("pan123_tui.commands.doctor:doctor", _("Print what a bug report needs.")),
    "completions": (
        "pan123_tui.commands.completions:completions",
        _("Print the completion script of a shell."),
    ),
    "simulate": ("pan123_tui.commands.simulate:simulate", _("Run a simulated service.")),
}
"""Where each command is, and its line in the list, which is printed without an import."""

language_option = click.option(
    "--lang",
    metavar="LANG",
    expose_value=False,  # `cli.main` has read it: the texts here are translated on import
    help=_("Speak this language: en or zh."),
)
"""Adds `--lang`, which may stand before a command and after it."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, the most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return the command, or None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        place, short_help = COMMANDS[cmd_name]
        module, _colon, name = place.partition(":")
        command: click.Command = getattr(import_module(module), name)
        command.short_help = short_help
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=short_help).get_short_help_str(limit))
            for name, (_place, short_help) in COMMANDS.items()
        ]
        with formatter.section(gettext("Commands")):
            formatter.write_dl(rows)


def example(*lines: str) -> str:
    """Return the end of a command's help: `lines` under the word for "example"."""
    return "\b\n" + "\n".join((_("Example:"), *(f"  {line}" for line in lines)))
