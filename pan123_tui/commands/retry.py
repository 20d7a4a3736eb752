"""`retry`: queues what failed again."""

from collections.abc import Mapping

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.handing_over import hand_over, tasks_of
from pan123_tui.commands.numbers import task_numbers, unknown
from pan123_tui.commands.output import say, tell
from pan123_tui.commands.queued import tell_who_sends
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.engine.requests import RetryRequest
from pan123_tui.i18n import _
from pan123_tui.wiring import read_tasks, settle
from pan123_tui.wording import state_word


@click.command(
    "retry",
    help=_("Queue failed, rejected and missing tasks again."),
    epilog=example("pan123-tui retry --failed", "pan123-tui retry 3 7"),
)
@task_numbers(required=False)
@click.option("--failed", "all_failed", is_flag=True, help=_("All that failed."))
@click.option(
    "--unconfirmed",
    "unconfirmed_too",
    is_flag=True,
    help=_("Unconfirmed ones too, though the service may have them already."),
)
@language_option
def retry(ids: tuple[int, ...], *, all_failed: bool, unconfirmed_too: bool) -> None:
    """Queue the tasks again and print their numbers."""
    if bool(ids) == all_failed:
        raise click.UsageError(_("Name the tasks, or give --failed."))
    household = settle()
    known = read_tasks(household)
    states = FAILED_STATES | ({TaskState.UNCONFIRMED} if unconfirmed_too else frozenset())
    wanted = list(ids) or [task.id for task in known.values() if task.state in states]
    problems = len(unknown(ids, known)) + _unfit(ids, known, states)
    chosen = tuple(i for i in wanted if i in known and known[i].state in states)
    if chosen:
        handed = hand_over(household, RetryRequest(chosen, unconfirmed_too))
        for task in tasks_of(household, handed):
            tell(str(task.id))
        tell_who_sends(handed, len(chosen))
    elif not problems:
        say(_("Nothing has failed."))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


def _unfit(ids: tuple[int, ...], known: Mapping[int, Task], states: frozenset[TaskState]) -> int:
    """Say which of the named tasks cannot be queued again, and count them."""
    unfit = [known[i] for i in ids if i in known and known[i].state not in states]
    for task in unfit:
        if task.state is TaskState.UNCONFIRMED:
            text = _(
                "Task {number} is unconfirmed: look into the target folder first, then retry it"
                " with --unconfirmed."
            )
        else:
            text = _("Task {number} is {state}: there is nothing to retry.")
        say(text.format(number=task.id, state=state_word(task.state)))
    return len(unfit)
