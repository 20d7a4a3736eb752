"""`wait`: ends when the named tasks have ended."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

import click

from pan123_tui.bootstrap import load_context, load_tasks
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.dispatch import dispatch, print_queue_status, tasks_of
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.watch import wait_for_tasks
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.engine.requests import RemoveRequest, RetryRequest
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_tasks, state_label

F = TypeVar("F", bound=Callable[..., Any])


def task_numbers(*, required: bool) -> Callable[[F], F]:
    """Return the decorator that adds the argument `ids`."""
    return click.argument(
        "ids", nargs=-1, type=click.IntRange(min=1), metavar="ID...", required=required
    )


def unknown(ids: Iterable[int], tasks: Collection[int]) -> list[int]:
    """Return those of `ids` that no task has, and say so."""
    missing = [number for number in ids if number not in tasks]
    for number in missing:
        print_message(_("There is no task {number}.").format(number=number))
    return missing


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
    context = load_context()
    known = load_tasks(context)
    states = FAILED_STATES | ({TaskState.UNCONFIRMED} if unconfirmed_too else frozenset())
    wanted = list(ids) or [task.id for task in known.values() if task.state in states]
    problems = len(unknown(ids, known)) + _unfit(ids, known, states)
    chosen = tuple(i for i in wanted if i in known and known[i].state in states)
    if chosen:
        handed = dispatch(context, RetryRequest(chosen, unconfirmed_too))
        for task in tasks_of(context, handed):
            print_data(str(task.id))
        print_queue_status(handed, len(chosen))
    elif not problems:
        print_message(_("Nothing has failed."))
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
        print_message(text.format(number=task.id, state=state_label(task.state)))
    return len(unfit)


@click.command(
    "remove",
    help=_("Forget tasks here. The service has no cancel: what runs there goes on."),
    epilog=example("pan123-tui remove 3 7"),
)
@task_numbers(required=True)
@language_option
def remove(ids: tuple[int, ...]) -> None:
    """Forget the tasks."""
    context = load_context()
    known = load_tasks(context)
    missing = unknown(ids, known)
    chosen = tuple(number for number in ids if number in known)
    left: list[int] = []
    if chosen:
        handed = dispatch(context, RemoveRequest(chosen))
        left = [number for number in chosen if number in load_tasks(context)]
        if handed.is_taken:
            print_message(_("{tasks} removed.").format(tasks=count_tasks(len(chosen) - len(left))))
        else:
            text = _("The request is in the inbox: {runner} has not taken it yet.")
            print_message(text.format(runner=handed.runner))
            left = []
    for number in left:
        text = _("Task {number} is {state} at this moment: try again.")
        print_message(text.format(number=number, state=state_label(TaskState.SUBMITTING)))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if missing or left else ExitCode.DONE)


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
    context = load_context()
    if unknown(ids, load_tasks(context)):
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    raise click.exceptions.Exit(wait_for_tasks(context, ids))
