"""`completions`: print the completion script of a shell."""

import click
from click.shell_completion import get_completion_class

from pan123_tui.cli.commands import example, language_option
from pan123_tui.i18n import _


@click.command(
    "completions",
    help=_("Print the completion script of a shell."),
    epilog=example('eval "$(pan123-tui completions bash)"'),
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@language_option
def completions(shell: str) -> None:
    """Print the script."""
    completion_class = get_completion_class(shell)
    program = click.get_current_context().find_root().command
    if completion_class is not None:
        completion = completion_class(program, {}, "pan123-tui", "_PAN123_TUI_COMPLETE")
        click.echo(completion.source_template % completion.source_vars())
