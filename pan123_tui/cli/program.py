"""The click group of all commands; without a command: the dashboard."""

import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pan123_tui import __version__
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.config import paths
from pan123_tui.i18n import LANGUAGES, N_, _, ngettext
from pan123_tui.manual import PAGES, page_text, page_title

if TYPE_CHECKING:
    from pan123_tui.client.ssh import SshTarget

HELP: Mapping[str, str] = {
    "add": N_("Queue the links in any text."),
    "list, wait, url": N_("Show tasks; wait for their end; print links to files."),
    "retry": N_("Retry failed tasks, in another folder if you like."),
    "remove, confirm": N_("Take tasks off this list; confirm that files arrived."),
    "pause, resume, stop": N_("Pause sending, or resume it; end the engine."),
    "watch, service": N_("Run the engine in this terminal; have systemd run it."),
    "status, doctor": N_("Show engine and counts; print what a bug report needs."),
    "login, logout": N_("Save your account, or remove it."),
    "manual, completions": N_("Read the manual; set up shell completion."),
}
"""The list of commands in the help, which fits a terminal of 24 lines."""
flag = partial(click.option, is_flag=True)
"""Makes an option without a value."""
COMMANDS = tuple(name for names in HELP for name in names.split(", "))
_MODULES: Mapping[str, str] = {
    **dict.fromkeys(("retry", "remove", "confirm", "url", "pause", "resume"), "tasks"),
    "list": "listing",
    "stop": "status",
    **dict.fromkeys(("completions", "manual"), "program"),
    **dict.fromkeys(("login", "logout"), "account"),
}
"""Command → its module, where that has another name."""
_LINK = re.compile(r".*[:/.].*", re.DOTALL)
"""What is not a command, but may be a link."""


def texts_of_click() -> None:
    """List what click says, for the catalogue, in which it looks that up itself."""
    N_("Usage:")
    N_("Options")
    N_("Show this message and exit.")
    N_("Show the version and exit.")
    N_("%(prog)s, version %(version)s")
    N_("Error: {message}")
    N_("Try '{command} {option}' for help.")
    N_("Invalid value: {message}")
    N_("Invalid value for {param_hint}: {message}")
    N_("Missing argument")
    N_("Missing option")
    N_("Choose from:\n\t{choices}")
    N_("No such command {name!r}.")
    N_("No such option {name!r}.")
    N_("Option {name!r} does not take a value.")
    N_("{value!r} is not a valid {number_type}.")
    N_("{value} is not in the range {range}.")
    N_("{name} {filename!r} is a directory.")
    N_("file")
    N_("Could not open file {filename!r}: {message}")
    ngettext(
        "Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 1
    )
    ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 1)
    ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 1)
    ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 1)


def _check_profile(context: click.Context, _option: click.Parameter, name: str | None) -> None:
    if name is None:
        return
    if reason := paths.profile_name_error(name):
        raise click.BadParameter(reason)
    if context.resilient_parsing:  # a completion, whose words `cli.main` does not see
        os.environ[paths.PROFILE_VARIABLE] = name


class LazyGroup(click.Group):
    """A group that imports a command only when that is used; links open the review."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"pan123_tui.cli.{_MODULES.get(cmd_name, cmd_name)}")
        made = (value for value in vars(module).values() if isinstance(value, click.Command))
        return next(command for command in made if command.name == cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta["asks_help"] = not {"-h", "--help"}.isdisjoint(args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command in `args`; links in its place are reviewed."""
        if args[0] not in COMMANDS and _LINK.fullmatch(args[0]):
            return review.name, review, args
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section(_("Commands")):
            formatter.write_dl([(names, _(text)) for names, text in HELP.items()])


def command(
    name: str, text: str, *examples: str, cls: type[click.Command] = click.Command, **options: Any
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return the decorator that makes a command with the help `text` and `examples` below it."""
    epilog = "\b\n" + "\n".join((_("Example:"), *(f"  {line}" for line in examples)))
    return click.command(name, cls, help=text, epilog=epilog, **options)


@click.group(
    cls=LazyGroup,
    commands=dict.fromkeys(COMMANDS),  # names that may have been meant
    help=_("The dashboard for 123pan's offline downloads. LINKs open in the review."),
    subcommand_metavar="[LINK]... | COMMAND [ARGS]...",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@flag("--demo", help=_("Use a simulated 123pan; no account is needed."))
@flag("--ascii", "is_ascii", help=_("Draw with ASCII characters only."))
@click.option(
    "--host",
    metavar="USER@SERVER",
    help=_("Screen on this machine, tasks and engine on the server."),
)
@click.option("--remote-command", metavar="COMMAND", default="pan123-tui", hidden=True)
@click.option("--ssh-command", type=shlex.split, default="ssh", hidden=True)
@click.option(
    "--lang",
    metavar="LANG",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    is_eager=True,  # refused even before a help text in another language
    help=_("The program's language: en or zh."),
)
@click.option(
    "--profile",
    metavar="NAME",
    expose_value=False,
    callback=_check_profile,
    help=_("Use this profile: its own account, settings and tasks."),
)
@click.version_option(__version__, prog_name="pan123-tui")
@click.pass_context
def program(
    context: click.Context,
    *,
    demo: bool,
    is_ascii: bool,
    host: str | None,
    remote_command: str,
    ssh_command: Sequence[str],
) -> None:
    """Open the dashboard, unless a command follows."""
    is_dashboard = context.invoked_subcommand in (None, review.name)
    if host is not None and (demo or not is_dashboard):
        raise click.UsageError(_("--host opens the dashboard: use it without a command or --demo."))
    if demo and not is_dashboard:
        _enter_demo(context, str(context.invoked_subcommand))
    target = None if host is None else _target(host, remote_command, ssh_command)
    context.obj = target, {"demo": demo, "is_ascii": is_ascii}
    if context.invoked_subcommand is None:
        context.invoke(review, links=())


def _enter_demo(context: click.Context, command: str) -> None:
    """Have `command` act on the demo that runs, never on the tasks of the real account."""
    from pan123_tui.programs.demo import demo_environ
    from pan123_tui.system.folder_lock import find_holder

    if context.meta["asks_help"] and (named := program.get_command(context, command)):
        named.make_context(command, ["--help"], parent=context)
    if command in ("doctor", "login", "logout", "service", "watch"):
        text = _("The demo has its own account and engine: leave out --demo for this command.")
        raise click.UsageError(text)
    environ = demo_environ(os.environ)
    data_dir = Path(environ[paths.DATA_VARIABLE])
    if find_holder(data_dir).pid is None:
        with suppress(OSError):  # it is not empty if an engine was killed
            data_dir.parent.rmdir()
        raise click.ClickException(_("No demo is running. “pan123-tui --demo” begins one."))
    os.environ.clear()
    os.environ.update(environ)


@click.command("review", hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("links", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def review(context: click.Context, links: Sequence[str]) -> None:
    from pan123_tui.programs.dashboard import open_dashboard

    target, options = context.obj
    context.exit(open_dashboard(target, links="\n".join(links), **options))


def _target(host: str, remote_command: str, ssh_command: Sequence[str]) -> "SshTarget":
    from pan123_tui.client.ssh import SshTarget

    # A host that begins with a minus would be an option of ssh.
    if not ssh_command or not remote_command or not re.fullmatch(r"[^-\s]\S*", host):
        raise click.UsageError(
            _(
                "--host needs a host, such as user@server; --ssh-command and --remote-command"
                " cannot be empty."
            )
        )
    profile = paths.chosen_profile(os.environ)
    os.environ.pop(paths.PROFILE_VARIABLE, None)  # it is a profile there, and none of this machine
    return SshTarget(host, tuple(ssh_command), remote_command, profile)


@command(
    "completions",
    _("Print the completion script for a shell."),
    'eval "$(pan123-tui completions bash)"',
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")), metavar="{bash|zsh|fish}")
def completions(shell: str) -> None:
    from click.shell_completion import get_completion_class

    if completion_class := get_completion_class(shell):
        completion = completion_class(program, {}, "pan123-tui", COMPLETE_VARIABLE)
        click.echo(completion.source_template % completion.source_vars())


@command(
    "manual",
    _("Read the manual, or one page of it; in a pipe, print it."),
    "pan123-tui manual search",
    "pan123-tui manual keys | less",
)
@click.argument("page", type=click.Choice(PAGES), metavar="[PAGE]", required=False)
def manual(page: str | None) -> None:
    """Show `page`, or print it; without one the first, or the list of all."""
    from pan123_tui.programs.dashboard import prepare_screen

    if sys.stdout.isatty() and prepare_screen() is None:
        from pan123_tui.ui.dialogs.manual import ManualApp

        app = ManualApp(page or PAGES[0])
        app.run()
        sys.exit(app.return_code)
    elif page:
        click.echo(page_text(page).rstrip())
    else:
        for name in PAGES:
            click.echo(f"{name:<16}{page_title(name)}")
