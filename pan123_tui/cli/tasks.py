"""`retry`, `confirm`, `remove`, `pause` and `resume`: commands that change tasks or their queue."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import example
from pan123_tui.cli.folders import Target, complete_folder, find_target, parse_target
from pan123_tui.cli.listing import load_known, print_nothing
from pan123_tui.cli.output import named_task, print_data, print_message, task_line
from pan123_tui.cli.remote import carry_out, look_for_files, print_queued
from pan123_tui.cli.selection import TasksCommand, chosen_tasks, tasks_argument
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import ConfirmTasks, PauseSending, RemoveTasks, RetryTasks
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.formats import count_tasks, number
from pan123_tui.wording.notes import note
from pan123_tui.wording.results import confirmed_text, paused_text, resumed_text

dry_run_option = click.option(
    "--dry-run", is_flag=True, help=_("Only show which tasks these would be.")
)


class Chosen:
    """The tasks that a command was given, and what it could not do with them."""

    def __init__(self, selection: Any, context: AppContext) -> None:
        self.context = context
        self._known = load_known(context)
        self.tasks, missing = chosen_tasks(selection, self._known.tasks, context)
        self._named = frozenset(selection.ids)
        self.problems = len(missing)
        self.matched = len(self.tasks)
        if not self.tasks:
            print_nothing(self._known.tasks, missing)
            self.refuse()

    def keep(self, fits: Callable[[Task], bool], refusal: str) -> None:
        """Keep the tasks that fit; `refusal` is printed of others that were named by id."""
        for task in self.tasks:
            if not fits(task) and task.id in self._named:
                print_message(refusal.format(task=named_task(task), number=task.id))
                self.problems += 1
        self.tasks = [task for task in self.tasks if fits(task)]

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(task.id for task in self.tasks)

    def show(self) -> None:
        """Print them, for a dry run."""
        for task in self.tasks:
            print_data(task_line(task, note(task, self._known.notes)))

    def refuse(self, text: str = "") -> NoReturn:
        """End the command, which is for none of the chosen tasks: `text` says why.

        Not of tasks that were named by id: it is said of each.
        """
        if text and not self.problems:
            print_message(text.format(count=number(self.matched)))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)

    def end(self) -> NoReturn:
        """End the command with its exit code."""
        raise click.exceptions.Exit(ExitCode.SOME_FAILED if self.problems else ExitCode.DONE)


@click.command(
    "retry",
    cls=TasksCommand,
    help=_("Queue failed tasks again."),
    epilog=example(
        "pan123-tui retry state:failed batch:last", "pan123-tui retry 12-18 --dir 影视/动画"
    ),
)
@tasks_argument(required=True)
@click.option(
    "--dir",
    "folder",
    callback=parse_target,
    shell_complete=complete_folder,
    metavar="ID|PATH",
    help=_("Into another folder; queued ones, too."),
)
@click.option("--unsure", is_flag=True, help=_("Unsure ones too, which 123pan may have already."))
@dry_run_option
def retry(selection: Any, *, folder: Target, unsure: bool, dry_run: bool) -> None:
    """Queue the tasks again and print their ids."""
    context = load_context()
    chosen = Chosen(selection, context)
    fitting = {Shown.FAILED} | ({Shown.UNSURE} if unsure else set())

    def fits(task: Task) -> bool:
        is_moved = folder is not None and task.state is TaskState.QUEUED
        return is_moved or (task.is_retryable and shown_state(task) in fitting)

    refusal = _("{task}: there is nothing to retry.")
    if not unsure:
        _explain_unsure(chosen.tasks, selection.ids)
    chosen.keep(fits, refusal)
    if not chosen.ids:
        chosen.refuse(_none_to_retry(chosen.matched, unsure=unsure))
    if dry_run:
        chosen.show()
    else:
        to = None if folder is None else find_target(context, folder, parents=None) or 0
        result = carry_out(context, RetryTasks(chosen.ids, unsure, to))
        _print_ids(result.tasks)
        print_queued(result)
        chosen.problems += not result.is_saved
    chosen.end()


def _none_to_retry(count: int, *, unsure: bool) -> str:
    if unsure:
        return ngettext(
            "The task has not failed and is not unsure.",
            "None of the {count} tasks has failed or is unsure.",
            count,
        )
    return ngettext("The task has not failed.", "None of the {count} tasks has failed.", count)


def _explain_unsure(tasks: Sequence[Task], ids: Collection[int]) -> None:
    for task in tasks:
        if task.id in ids and task.is_unsure:
            text = _(
                "Task {number} is unsure: look into the target folder first, then “pan123-tui"
                " confirm {number}”, or retry it with --unsure."
            )
            print_message(text.format(number=task.id))


@click.command(
    "confirm",
    cls=TasksCommand,
    help=_("Mark unsure tasks as done: their files have arrived."),
    epilog=example("pan123-tui confirm 3 7", "pan123-tui confirm batch:last --found"),
)
@tasks_argument(required=True)
@click.option("--found", is_flag=True, help=_("Only where the file was seen in the folder."))
@dry_run_option
def confirm(selection: Any, *, found: bool, dry_run: bool) -> None:
    """Mark the tasks as done and print their ids."""
    context = load_context()
    chosen = Chosen(selection, context)
    chosen.keep(
        lambda task: task.is_unsure,
        _("{task}: only an unsure task can be confirmed."),
    )
    if not chosen.ids:
        none = ngettext(
            "The task is not unsure.", "None of the {count} tasks is unsure.", chosen.matched
        )
        chosen.refuse(none)
    if found:
        looked = {task.id: task for task in look_for_files(context, chosen.tasks)}
        chosen.keep(lambda task: was_found(looked[task.id]), _("{task}: its file was not found."))
        if not chosen.ids:
            chosen.refuse(_("The file of no unsure task was found."))
    if dry_run:
        chosen.show()
    else:
        result = carry_out(context, ConfirmTasks(chosen.ids))
        _print_ids(result.tasks)
        print_message(confirmed_text(len(result.tasks)))
        chosen.problems += not result.is_saved
    chosen.end()


@click.command(
    "remove",
    cls=TasksCommand,
    help=_("Take tasks off this list for good; 123pan cannot cancel, so running downloads go on."),
    epilog=example("pan123-tui remove 3 7", "pan123-tui remove state:done age>30d"),
)
@tasks_argument(required=True)
@dry_run_option
def remove(selection: Any, *, dry_run: bool) -> None:
    """Remove the tasks from the list."""
    chosen = Chosen(selection, load_context())
    if dry_run:
        chosen.show()
    else:
        result = carry_out(chosen.context, RemoveTasks(chosen.ids))
        print_message(_("{tasks} removed.").format(tasks=count_tasks(len(result.tasks))))
        removed = {task.id for task in result.tasks}
        chosen.keep(
            lambda task: task.id in removed,
            _("Task {number} is being sent at this moment: try again."),
        )
        chosen.problems += not result.is_saved
    chosen.end()


def _print_ids(tasks: Sequence[Task]) -> None:
    for task in tasks:
        print_data(str(task.id))


@click.command(
    "pause",
    help=_("Send no more links until “resume”; what 123pan has goes on."),
    epilog=example("pan123-tui pause", "pan123-tui resume"),
)
def pause() -> None:
    """Pause sending."""
    _set_paused(True)


@click.command(
    "resume", help=_("Send links again after “pause”."), epilog=example("pan123-tui resume")
)
def resume() -> None:
    """Resume sending."""
    _set_paused(False)


def _set_paused(is_paused: bool) -> None:
    result = carry_out(load_context(), PauseSending(is_paused))
    print_message(paused_text() if is_paused else resumed_text())
    if not result.is_saved:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
