"""`wait`: ends when the named tasks have ended."""

import click

from pan123_tui.commands.catalogue import example
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.following import follow
from pan123_tui.commands.numbers import task_numbers, unknown
from pan123_tui.i18n import _
from pan123_tui.wiring import read_tasks, settle


def command() -> click.Command:
    """Make the command."""
    return click.Command(
        "wait",
        callback=run,
        params=[task_numbers(required=True)],
        help=_(
            "Wait until the tasks have ended, and print how.\n\n"
            "While no dashboard or watch runs, it sends and polls itself."
        ),
        epilog=example('pan123-tui wait $(pan123-tui add "https://example.com/a.iso")'),
    )


def run(ids: tuple[int, ...]) -> None:
    """Wait for the tasks."""
    household = settle()
    if unknown(ids, read_tasks(household)):
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    raise click.exceptions.Exit(follow(household, ids))
