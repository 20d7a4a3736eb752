"""`wait`: ends when the named tasks have ended."""

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.following import follow
from pan123_tui.commands.numbers import task_numbers, unknown
from pan123_tui.i18n import _
from pan123_tui.wiring import read_tasks, settle


@click.command(
    "wait",
    help=_(
        "Wait until the tasks have ended, and print how.\n\n"
        "While no dashboard or watch runs, it sends and polls itself."
    ),
    epilog=example('pan123-tui wait $(pan123-tui add "https://example.com/a.iso")'),
)
@task_numbers(required=True)
@language_option
def wait(ids: tuple[int, ...]) -> None:
    """Wait for the tasks."""
    household = settle()
    if unknown(ids, read_tasks(household)):
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    raise click.exceptions.Exit(follow(household, ids))
