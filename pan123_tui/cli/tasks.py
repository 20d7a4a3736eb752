"""`retry`, `confirm`, `remove` and `wait`: commands on tasks that are named by number."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.batch import batch_option, select_batch
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.remote import carry_out, look_for_files, print_queued
from pan123_tui.cli.watch import wait_for_tasks
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import ConfirmTasks, RemoveTasks, RetryTasks
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_tasks, state_label
from pan123_tui.wording.unconfirmed import confirmed_text


class TaskNumber(click.IntRange):
    """A task's number: 1 or more."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return `value` as a number; raises `click.BadParameter`."""
        try:
            number: int = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(_("{value!r} is not a task number.").format(value=value), param, ctx)
        return number


TASK_NUMBER = TaskNumber(min=1)


@click.command(
    "retry",
    help=_("Queue failed, rejected, missing and doubtful tasks again."),
    epilog=example("pan123-tui retry --failed", "pan123-tui retry --batch last"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
@click.option("--failed", "all_failed", is_flag=True, help=_("All that failed."))
@batch_option(_("All that failed of this batch; “last” is the newest one."))
@click.option(
    "--unconfirmed",
    "with_unconfirmed",
    is_flag=True,
    help=_("Unconfirmed ones too, though the service may have them already."),
)
@language_option
def retry(
    ids: tuple[int, ...], *, all_failed: bool, batch: str | None, with_unconfirmed: bool
) -> None:
    """Queue the tasks again and print their numbers."""
    if bool(ids) == (all_failed or batch is not None):
        raise click.UsageError(_("Name the tasks, or give --failed or --batch."))
    context = load_context()
    tasks = select_batch(current_tasks(context), batch, prints_name=True)
    request = RetryTasks(ids or None, with_unconfirmed)
    chosen = tuple(task.id for task in request.select(tasks.values()))
    problems = len(print_missing(ids, tasks)) + _print_not_retryable(ids, tasks, chosen)
    if chosen:
        result = carry_out(context, RetryTasks(chosen, with_unconfirmed))
        for task in result.tasks:
            print_data(str(task.id))
        print_queued(result)
        problems += not result.is_saved
    elif not problems:
        print_message(_("Nothing has failed."))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


@click.command(
    "confirm",
    help=_(
        "Mark unconfirmed tasks as succeeded: their files have arrived.\n\n"
        "With --found their folders are looked into now; what was found before stands in"
        " “pan123-tui list”."
    ),
    epilog=example("pan123-tui confirm 3 7", "pan123-tui confirm --batch last --found"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
@click.option("--found", is_flag=True, help=_("All whose file was found in the folder."))
@batch_option(_("All of this batch; “last” is the newest one."))
@language_option
def confirm(ids: tuple[int, ...], *, batch: str | None, found: bool) -> None:
    """Mark the tasks as succeeded and print their numbers."""
    if bool(ids) == (found or batch is not None):
        raise click.UsageError(_("Name the tasks, or give --found or --batch."))
    context = load_context()
    tasks = select_batch(current_tasks(context), batch, prints_name=True)
    unconfirmed = [task for task in tasks.values() if task.state is TaskState.UNCONFIRMED]
    if found:
        unconfirmed = [task for task in look_for_files(context, unconfirmed) if was_found(task)]
    chosen = tuple(task.id for task in unconfirmed if not ids or task.id in ids)
    problems = len(print_missing(ids, tasks))
    for number in dict.fromkeys(ids):
        if number in tasks and number not in chosen:
            text = _("Task {number} ({state}): only an unconfirmed task can be confirmed.")
            state = state_label(tasks[number].state)
            print_message(text.format(number=number, state=state))
            problems += 1
    if chosen:
        result = carry_out(context, ConfirmTasks(chosen))
        for task in result.tasks:
            print_data(str(task.id))
        print_message(confirmed_text(len(result.tasks)))
        problems += not result.is_saved
    elif not problems:
        text = _("No task is unconfirmed.")
        print_message(_("The file of no unconfirmed task was found.") if found else text)
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


@click.command(
    "remove",
    help=_(
        "Remove tasks from this list for good. The service has no cancel: what runs there goes on."
    ),
    epilog=example("pan123-tui remove 3 7", "pan123-tui remove --batch last"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
@batch_option(_("All of this batch; “last” is the newest one."))
@language_option
def remove(ids: tuple[int, ...], *, batch: str | None) -> None:
    """Remove the tasks from the list."""
    context = load_context()
    ids, tasks = named_tasks(context, ids, batch)
    missing = print_missing(ids, tasks)
    chosen = tuple(number for number in ids if number in tasks)
    problems = len(missing)
    if chosen:
        result = carry_out(context, RemoveTasks(chosen))
        print_message(_("{tasks} removed.").format(tasks=count_tasks(len(result.tasks))))
        removed = {task.id for task in result.tasks}
        for number in dict.fromkeys(chosen):
            if number not in removed:
                text = _("Task {number} is {state} at this moment: try again.")
                print_message(text.format(number=number, state=state_label(TaskState.SUBMITTING)))
                problems += 1
        problems += not result.is_saved
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


@click.command(
    "wait",
    help=_("Wait until the tasks have ended, and print how."),
    epilog=example('pan123-tui wait $(pan123-tui add "https://example.com/a.iso")'),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
@batch_option(_("All of this batch; “last” is the newest one."))
@language_option
def wait(ids: tuple[int, ...], *, batch: str | None) -> None:
    """Wait for the tasks."""
    context = load_context()
    ids, tasks = named_tasks(context, ids, batch)
    if print_missing(ids, tasks):
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    raise click.exceptions.Exit(wait_for_tasks(context, ids))


def named_tasks(
    context: AppContext, ids: tuple[int, ...], batch: str | None
) -> tuple[tuple[int, ...], Mapping[int, Task]]:
    """Return the numbers that are named, or those of the batch, and the tasks."""
    if bool(ids) == (batch is not None):
        raise click.UsageError(_("Name either the tasks or a --batch."))
    tasks = select_batch(current_tasks(context), batch, prints_name=True)
    return ids or tuple(tasks), tasks


def print_missing(ids: Iterable[int], tasks: Collection[int]) -> list[int]:
    """Print and return those of `ids` that no task has."""
    missing = [number for number in ids if number not in tasks]
    for number in missing:
        print_message(_("There is no task {number}.").format(number=number))
    return missing


def _print_not_retryable(
    ids: tuple[int, ...], tasks: Mapping[int, Task], chosen: Collection[int]
) -> int:
    """Print and count those of `ids` that are not `chosen`."""
    others = [tasks[i] for i in ids if i in tasks and i not in chosen]
    for task in others:
        if task.state is TaskState.UNCONFIRMED:
            text = _(
                "Task {number} is unconfirmed: look into the target folder first, then “confirm”"
                " it, or retry it with --unconfirmed."
            )
        else:
            text = _("Task {number} ({state}): there is nothing to retry.")
        print_message(text.format(number=task.id, state=state_label(task.state)))
    return len(others)
