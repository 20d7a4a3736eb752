"""`export`: the links as a file that `add -f` reads back."""

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.output import say, tell
from pan123_tui.domain.task import FAILED_STATES, Task
from pan123_tui.i18n import _
from pan123_tui.wiring import read_tasks, settle
from pan123_tui.wording import count_links


@click.command(
    "export",
    help=_("Write the links, with the names that were asked for, for “add -f”."),
    epilog=example("pan123-tui export --failed > again.txt", "pan123-tui add -f again.txt"),
)
@click.option(
    "--failed", "only_failed", is_flag=True, help=_("Only failed, rejected and missing ones.")
)
@language_option
def export(*, only_failed: bool) -> None:
    """Print the links, oldest first, in the form of an aria2 input file."""
    tasks = read_tasks(settle()).values()
    chosen = [task for task in tasks if not only_failed or task.state in FAILED_STATES]
    for task in chosen:
        tell(entry(task))
    say(count_links(len(chosen)))


def entry(task: Task) -> str:
    """Give the lines of one link: the link, and the name below it if one was asked for."""
    return f"{task.url}\n  out={task.name}" if task.name else task.url
