"""The click group of all commands and their completion; without a command: the dashboard."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from gettext import gettext
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from pan123_tui import __version__
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.cli.dashboard import open_dashboard
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.help_formatter import HelpFormatter
from pan123_tui.cli.wrapping import fitted_message
from pan123_tui.config.paths import profile_names
from pan123_tui.config.profiles import PROFILE_VARIABLE, chosen_profile, profile_name_error
from pan123_tui.i18n import LANGUAGES, N_, _, language, ngettext

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from pan123_tui.client.ssh import SshTarget

MESSAGES = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show the version and exit."),
    N_("Show this message and exit."),
    N_("%(prog)s, version %(version)s"),
    N_("default: {default}"),
    N_("required"),
    N_("Error: {message}"),
    N_("Try '{command} {option}' for help."),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Invalid value: {message}"),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing command."),
    N_("No such command {name!r}."),
    N_("No such option {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Could not open file {filename!r}: {message}"),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{value} is not in the range {range}."),
    N_("file"),
    N_("directory"),
    N_("Aborted!"),
    N_("Error: invalid input"),
)
"""The messages of click 8.2 to 8.5; one that a later version changes stays English."""


def plural_messages(count: int) -> tuple[str, ...]:
    """Return the messages that depend on `count`."""
    return (
        ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", count),
        ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", count),
        ngettext(
            "Got unexpected extra argument ({args})",
            "Got unexpected extra arguments ({args})",
            count,
        ),
        ngettext(
            "Option {name!r} requires an argument.",
            "Option {name!r} requires {nargs} arguments.",
            count,
        ),
    )


_UNQUOTED = re.compile(r"[\w/.,，、@%+-]+")
"""Words that bash takes as they are: its completion script inserts them without quotes."""
COMMANDS: Mapping[str, tuple[str, str]] = {
    "add": ("pan123_tui.cli.add:add", _("Queue links, out of any text.")),
    "list": (
        "pan123_tui.cli.listing:list_tasks",
        _("Show the tasks, whether the engine runs or not."),
    ),
    "watch": (
        "pan123_tui.cli.watch:watch",
        _("Send and check without a screen, one line for each change."),
    ),
    "wait": ("pan123_tui.cli.tasks:wait", _("Wait until the tasks have ended, and print how.")),
    "status": ("pan123_tui.cli.status:status", _("Show what runs, and with which tasks.")),
    "stop": (
        "pan123_tui.cli.status:stop",
        _("End the engine; nothing is lost."),
    ),
    "retry": (
        "pan123_tui.cli.tasks:retry",
        _("Queue failed, rejected, missing and doubtful tasks again."),
    ),
    "confirm": (
        "pan123_tui.cli.tasks:confirm",
        _("Mark unconfirmed tasks as succeeded: their files arrived."),
    ),
    "url": (
        "pan123_tui.cli.files:url",
        _("Print download links to the files, also for aria2c or curl."),
    ),
    "remove": (
        "pan123_tui.cli.tasks:remove",
        _(
            "Remove tasks from this list for good. The service has no cancel: what runs there goes"
            " on."
        ),
    ),
    "redirect": (
        "pan123_tui.cli.redirect:redirect",
        _("Queue the links for a missing folder for another one."),
    ),
    "pause": ("pan123_tui.cli.queue:pause", _("Send no more links until “resume”.")),
    "resume": ("pan123_tui.cli.queue:resume", _("Send links again after “pause”.")),
    "move": (
        "pan123_tui.cli.queue:move",
        _("Move queued links to the front of the queue."),
    ),
    "export": ("pan123_tui.cli.listing:export", _("Write the links for “add -f”.")),
    "login": ("pan123_tui.cli.account:login", _("Log in and save the account.")),
    "logout": ("pan123_tui.cli.account:logout", _("Log out; the tasks stay.")),
    "whoami": ("pan123_tui.cli.account:whoami", _("Show the account in use.")),
    "folders": ("pan123_tui.cli.folders:folders", _("Print the tree of folders.")),
    "profiles": (
        "pan123_tui.cli.profiles:profiles",
        _("List the profiles, each with its account and what runs."),
    ),
    "doctor": ("pan123_tui.cli.doctor:doctor", _("Print what a bug report needs.")),
    "manual": ("pan123_tui.cli.manual:manual", _("Read the manual.")),
    "completions": (
        "pan123_tui.cli.commands:completions",
        _("Print the completion script of a shell."),
    ),
}
"""Command → its definition, and its help in the list, which is printed without an import."""

language_option = click.option(
    "--lang",
    metavar="LANG",
    type=click.Choice(LANGUAGES),
    expose_value=False,  # `cli.main` reads it, since the texts here are translated on import
    is_eager=True,  # refused also before a help in another language
    help=_("The language: en or zh."),
)
"""Decorator that adds `--lang`, which is allowed before a command and after it."""


def _check_profile(context: click.Context, _option: click.Parameter, name: str | None) -> None:
    if name is None:
        return
    if reason := profile_name_error(name):
        raise click.BadParameter(reason)
    if context.resilient_parsing:  # a completion, whose words `cli.main` does not see
        os.environ[PROFILE_VARIABLE] = name


def _complete_profile(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[str]:
    return [name for name in profile_names(os.environ) if name.startswith(incomplete)]


profile_option = click.option(
    "--profile",
    metavar="NAME",
    expose_value=False,  # `cli.main` reads it, as the language
    callback=_check_profile,
    shell_complete=_complete_profile,
    help=_("Use another account, with settings and tasks of its own."),
)
"""Decorator that adds `--profile`, which is allowed before a command and after it."""


click.Context.formatter_class = HelpFormatter
click.IntRange.name = _("whole number")  # click's names are not translatable
click.FloatRange.name = _("number")


_QUOTED = re.compile(" ?'([^']*)' ?")
_ENDED = re.compile(r"[.。?？!！][)）]?\Z")


@contextmanager
def _punctuated() -> Iterator[None]:
    """Wrap a usage error, in Chinese with the marks of Chinese: click's are not translatable."""
    try:
        yield
    except click.UsageError as error:
        if isinstance(error, click.BadParameter) and isinstance(error.param, click.Argument):
            # The brackets of an optional argument belong to the usage line only.
            hint = error.param_hint or error.param.get_error_hint(error.ctx)
            error.param_hint = str(hint).replace("[", "").replace("]", "")
        text = error.format_message()
        if not _ENDED.search(text):
            text += "."
        if language() != "en":
            text = _QUOTED.sub("“\\1”", text).replace("”,“", "”、“").replace("。 ", "。")
            if text.endswith("."):
                text = f"{text[:-1]}。"
        heading = gettext("Error: {message}").partition("{")[0]
        text = fitted_message(heading + text).removeprefix(heading)
        raise click.UsageError(text, error.ctx) from None


class LazyGroup(click.Group):
    """A group that imports a command only when it is used."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the arguments before a command."""
        with _punctuated():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Parse the arguments of the command and run it; Ctrl+C has the exit code of its signal."""
        try:
            with _punctuated():
                return super().invoke(ctx)
        except KeyboardInterrupt:  # which click would make "some failed"
            raise click.exceptions.Exit(ExitCode.INTERRUPTED) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands, the most used first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return the command, None if there is none of this name."""
        if cmd_name not in COMMANDS and cmd_name != "engine":  # which users need not know
            return None
        target, short_help = COMMANDS.get(cmd_name, ("pan123_tui.cli.engine:engine", ""))
        module, _colon, name = target.partition(":")
        command: click.Command = getattr(import_module(module), name)
        command.short_help = short_help
        if not any("--profile" in option.opts for option in command.params):
            profile_option(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Return the commands and options that start with `incomplete`, without importing them."""
        from click.shell_completion import CompletionItem

        items = [
            CompletionItem(name, help=short_help)
            for name, (_target, short_help) in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands without importing them."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=short_help).get_short_help_str(limit))
            for name, (_target, short_help) in COMMANDS.items()
        ]
        with formatter.section(gettext("Commands")):
            formatter.write_dl(rows)


def fitting_words(words: Iterable[str], incomplete: str) -> list[str]:
    """Return those of `words` that begin so and that the shell inserts as they must be typed."""
    is_bash = os.environ.get(COMPLETE_VARIABLE, "").startswith("bash")
    return [
        word
        for word in words
        if word.startswith(incomplete)
        and (_UNQUOTED.fullmatch(word) if is_bash else word.isprintable())
    ]


def example(*lines: str) -> str:
    """Return the epilog of a command's help: `lines` below "Example:"."""
    return lines_below(_("Example:"), *lines)


def lines_below(heading: str, *lines: str) -> str:
    """Return the text of a help whose `lines` stay as they are, below `heading`."""
    return "\b\n" + "\n".join((heading, *(f"  {line}" for line in lines)))


@click.group(
    cls=LazyGroup,
    help=_(
        "A terminal dashboard for 123pan's offline downloads.\n\n"
        "Without a command it opens the dashboard."
    ),
    epilog=lines_below(
        _("Your own keys, in config.toml (the dashboard's help, ?, names all ids):"),
        "[keys]",
        'tasks.remove = "x,delete"',
    ),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pan123-tui", help=_("Show the version and exit."))
@click.option(
    "--demo", is_flag=True, help=_("Show the dashboard on a simulated service; no account.")
)
@click.option("--ascii", "is_ascii", is_flag=True, help=_("Draw with ASCII signs only."))
@click.option(
    "--host",
    metavar="USER@SERVER",
    help=_("Show the dashboard here, with the tasks, the account and the engine there, over ssh."),
)
@click.option(
    "--remote-command",
    metavar="COMMAND",
    default="pan123-tui",
    show_default=True,
    help=_("With --host: the program there, if it is not on the path."),
)
@click.option(
    "--ssh-command",
    metavar="COMMAND",
    default="ssh",
    show_default=True,
    help=_("With --host: ssh with options of your own, such as “ssh -p 2222”."),
)
@language_option
@profile_option
@click.pass_context
def program(
    context: click.Context,
    *,
    demo: bool,
    is_ascii: bool,
    host: str | None,
    remote_command: str,
    ssh_command: str,
) -> None:
    """Open the dashboard, unless a command follows."""
    if host is not None and (demo or context.invoked_subcommand is not None):
        raise click.UsageError(_("--host opens the dashboard: use it without a command or --demo."))
    if context.invoked_subcommand is None:
        target = None if host is None else _target(host, remote_command, ssh_command)
        context.exit(open_dashboard(target, demo=demo, is_ascii=is_ascii))


def _target(host: str, remote_command: str, ssh_command: str) -> "SshTarget":
    from pan123_tui.client.ssh import SshTarget

    try:
        ssh = tuple(shlex.split(ssh_command))
    except ValueError:
        ssh = ()
    # A host that begins with a minus would be an option of ssh.
    if not ssh or not remote_command or not re.fullmatch(r"[^-\s]\S*", host):
        raise click.UsageError(_("--host needs a host, such as user@server, and two commands."))
    profile = chosen_profile(os.environ)
    os.environ.pop(PROFILE_VARIABLE, None)  # it is a profile there, and none of this machine
    return SshTarget(host, ssh, remote_command, profile)


_SCRIPT_CHANGES = {
    # Needed in a zsh whose user has not configured completion.
    "    compdef ": "    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }\n"
    "    compdef ",
    # No blank after the colon of a field, as fish has it.
    "COMPREPLY+=($value)": "COMPREPLY+=($value); [[ $value == *: ]] && compopt -o nospace",
    "compadd -U -V unsorted -a completions": "local -a end\n"
    '        [[ "$completions" == *: ]] && end=(-S "")\n'
    '        compadd -U "${end[@]}" -V unsorted -a completions',
}
"""Text of click's completion scripts → what is better."""


@click.command(
    "completions",
    help=_("Print the completion script of a shell."),
    epilog=example('eval "$(pan123-tui completions bash)"'),
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@language_option
def completions(shell: str) -> None:
    """Print the completion script of `shell`."""
    from click.shell_completion import get_completion_class

    if completion_class := get_completion_class(shell):
        completion = completion_class(program, {}, "pan123-tui", COMPLETE_VARIABLE)
        script = completion.source_template % completion.source_vars()
        for found, replaced in _SCRIPT_CHANGES.items():
            script = script.replace(found, replaced)
        click.echo(script)
