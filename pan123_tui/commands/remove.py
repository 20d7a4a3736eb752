"""`remove`: forgets tasks here; the service goes on with what it has begun."""

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.handing_over import hand_over
from pan123_tui.commands.numbers import task_numbers, unknown
from pan123_tui.commands.output import say
from pan123_tui.domain.task import TaskState
from pan123_tui.engine.requests import RemoveRequest
from pan123_tui.i18n import _
from pan123_tui.wiring import read_tasks, settle
from pan123_tui.wording import count_tasks, state_word


@click.command(
    "remove",
    help=_("Forget tasks here. The service has no cancel: what runs there goes on."),
    epilog=example("pan123-tui remove 3 7"),
)
@task_numbers(required=True)
@language_option
def remove(ids: tuple[int, ...]) -> None:
    """Forget the tasks."""
    household = settle()
    known = read_tasks(household)
    missing = unknown(ids, known)
    chosen = tuple(number for number in ids if number in known)
    left: list[int] = []
    if chosen:
        handed = hand_over(household, RemoveRequest(chosen))
        left = [number for number in chosen if number in read_tasks(household)]
        if handed.is_taken:
            say(_("{tasks} removed.").format(tasks=count_tasks(len(chosen) - len(left))))
        else:
            text = _("The request is in the inbox: {runner} has not taken it yet.")
            say(text.format(runner=handed.runner))
            left = []
    for number in left:
        text = _("Task {number} is {state} at this moment: try again.")
        say(text.format(number=number, state=state_word(TaskState.SUBMITTING)))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if missing or left else ExitCode.DONE)
