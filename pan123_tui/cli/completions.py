"""`completions`: what makes a shell complete the commands and options."""

import click
from click.shell_completion import get_completion_class

from pan123_tui.cli.commands import example, language_option
from pan123_tui.i18n import _

PROGRAM = "pan123-tui"
VARIABLE = "_PAN123_TUI_COMPLETE"
SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completions",
    help=_("Print the completion script of a shell."),
    epilog=example('eval "$(pan123-tui completions bash)"'),
)
@click.argument("shell", type=click.Choice(SHELLS))
@language_option
def completions(shell: str) -> None:
    """Print the script."""
    kind = get_completion_class(shell)
    program = click.get_current_context().find_root().command
    if kind is not None:
        completion = kind(program, {}, PROGRAM, VARIABLE)
        click.echo(completion.source_template % completion.source_vars())
