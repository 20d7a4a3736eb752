"""`retry`, `confirm`, `remove`, `url`, `pause` and `resume`: what acts on tasks or their queue."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import example
from pan123_tui.cli.folders import Target, dir_option, find_target
from pan123_tui.cli.listing import load_shown, print_links, print_nothing
from pan123_tui.cli.output import named_task, print_data, print_message, task_line
from pan123_tui.cli.remote import Outcome, carry_out, print_queued, reach_engine
from pan123_tui.cli.selection import TasksCommand, chosen_tasks, tasks_argument
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import (
    Command,
    ConfirmTasks,
    GetDownloadLinks,
    LookForFiles,
    PauseSending,
    RemoveTasks,
    RetryTasks,
)
from pan123_tui.domain.errors import StoreLocked, error_of
from pan123_tui.domain.files import LINKS_AT_ONCE, DownloadLink
from pan123_tui.domain.links.shell_commands import aria2_entry, curl_download
from pan123_tui.domain.shown import Shown, shown_state
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, join_sentences
from pan123_tui.programs.errors import ExitCode, exit_code
from pan123_tui.wording.formats import count_tasks, number
from pan123_tui.wording.notes import note
from pan123_tui.wording.results import (
    confirmed_text,
    no_link_texts,
    paused_text,
    unknown_files_text,
)

dry_run_option = click.option(
    "--dry-run", is_flag=True, help=_("Only show which tasks would change.")
)
_FORMATS: Mapping[str, Callable[[DownloadLink], str]] = {
    "plain": lambda link: link.url,
    "aria2c": lambda link: aria2_entry(link.url, link.safe_name),
    "curl": lambda link: curl_download(link.url, link.safe_name),
}


class Chosen:
    """The tasks that a command was given, and how many of them it could not act on."""

    def __init__(self, selection: Any) -> None:
        """Exits where `selection` chooses none, which is said."""
        self.context = load_context()
        self._known = load_shown(self.context)
        self.tasks, missing = chosen_tasks(selection, self._known.tasks, self.context)
        self.named = frozenset(selection.ids)
        self.problems = len(missing)
        if not self.tasks:
            print_nothing(self._known.tasks, missing)
            raise click.exceptions.Exit(ExitCode.SOME_FAILED)

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(task.id for task in self.tasks)

    @property
    def exit_code(self) -> ExitCode:
        return ExitCode.SOME_FAILED if self.problems else ExitCode.DONE

    def keep(self, fits: Callable[[Task], bool], refusal: str, none: str) -> None:
        """Keep the tasks that fit; `refusal` is said of others that were named by id.

        Exits where none is left, with `none` unless something was said already.
        """
        for task in self.tasks:
            if not fits(task) and task.id in self.named:
                print_message(refusal.format(task=named_task(task), number=task.id))
                self.problems += 1
        self.tasks = [task for task in self.tasks if fits(task)]
        if not self.tasks:
            if not self.problems:
                print_message(none)
            raise click.exceptions.Exit(ExitCode.SOME_FAILED)

    def show(self) -> ExitCode:
        """Print them, for a dry run."""
        for task in self.tasks:
            print_data(task_line(task, note(task, self._known.notes)))
        return self.exit_code

    def carry_out(self, command: Command[Any]) -> Outcome:
        """Have the engine carry out `command`, and print the ids of the tasks that it changed."""
        result = carry_out(self.context, command)
        for task in result.tasks:
            print_data(str(task.id))
        self.problems += not result.is_saved
        return result


@click.command(
    "retry",
    cls=TasksCommand,
    help=_("Queue failed tasks again."),
    epilog=example(
        "pan123-tui retry state:failed batch:last", "pan123-tui retry 12-18 --dir 影视/动画"
    ),
)
@tasks_argument(required=True)
@dir_option(_("Use another folder, for queued tasks, too."))
@click.option(
    "--unsure", is_flag=True, help=_("Also retry unsure tasks; 123pan may already have them.")
)
@dry_run_option
def retry(selection: Any, *, folder: Target, unsure: bool, dry_run: bool) -> ExitCode:
    """Queue the tasks again and print their ids."""
    chosen = Chosen(selection)
    fitting = {Shown.FAILED, Shown.UNSURE} if unsure else {Shown.FAILED}

    def fits(task: Task) -> bool:
        is_moved = folder is not None and task.state is TaskState.QUEUED
        return is_moved or (task.is_retryable and shown_state(task) in fitting)

    refusal, none = _("{task}: there is nothing to retry."), _("None of these tasks has failed.")
    if not unsure and any(task.is_unsure for task in chosen.tasks):
        hint = _("Unsure tasks need --unsure, or “pan123-tui confirm” if the file has arrived.")
        refusal, none = join_sentences(refusal, hint), join_sentences(none, hint)
    chosen.keep(fits, refusal, none)
    if dry_run:
        return chosen.show()
    to = None if folder is None else find_target(chosen.context, folder, parents=None) or 0
    print_queued(chosen.carry_out(RetryTasks(chosen.ids, unsure, to)))
    return chosen.exit_code


@click.command(
    "confirm",
    cls=TasksCommand,
    help=_("Mark unsure tasks as done: their files have arrived."),
    epilog=example("pan123-tui confirm 3 7", "pan123-tui confirm batch:last --found"),
)
@tasks_argument(required=True)
@click.option("--found", is_flag=True, help=_("Only tasks whose file was found in the folder."))
@dry_run_option
def confirm(selection: Any, *, found: bool, dry_run: bool) -> ExitCode:
    """Mark the tasks as done and print their ids."""
    chosen = Chosen(selection)
    refusal = _("{task}: only an unsure task can be confirmed.")
    chosen.keep(lambda task: task.is_unsure, refusal, _("None of these tasks is unsure."))
    if found:
        with reach_engine(chosen.context) as engine:
            looked = engine.call(LookForFiles(chosen.ids))
        seen = {task.id for task in (*chosen.tasks, *looked) if was_found(task)}
        none = _("No unsure task's file was found.")
        chosen.keep(lambda task: task.id in seen, _("{task}: its file was not found."), none)
    if dry_run:
        return chosen.show()
    result = chosen.carry_out(ConfirmTasks(chosen.ids))
    print_message(confirmed_text(len(result.tasks)))
    return chosen.exit_code


@click.command(
    "remove",
    cls=TasksCommand,
    help=_(
        "Take tasks off this list, and print their links for “add -f”.\n\n123pan cannot"
        " cancel downloads: those that are running go on."
    ),
    epilog=example("pan123-tui remove 3 7", "pan123-tui remove state:done age>30d > removed.txt"),
)
@tasks_argument(required=True)
@dry_run_option
def remove(selection: Any, *, dry_run: bool) -> ExitCode:
    """Remove the tasks from the list and print their links."""
    chosen = Chosen(selection)
    if dry_run:
        return chosen.show()
    result = carry_out(chosen.context, RemoveTasks(chosen.ids))
    print_links(result.tasks)
    print_message(_("{tasks} removed.").format(tasks=count_tasks(len(result.tasks))))
    removed = {task.id for task in result.tasks}
    for task_id in chosen.ids:
        if task_id not in removed:
            text = _("Task {number} is being sent at this moment: try again.")
            print_message(text.format(number=task_id))
    is_whole = result.is_saved and removed >= set(chosen.ids)
    return chosen.exit_code if is_whole else ExitCode.SOME_FAILED


@click.command(
    "url",
    cls=TasksCommand,
    help=_("Print a temporary download link for each file; it works without a login."),
    epilog=example("pan123-tui url 3", "pan123-tui url batch:last --format aria2c | aria2c -i -"),
)
@tasks_argument(required=True)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(tuple(_FORMATS)),
    default="plain",
    help=_("Print the link alone, a file for aria2c, or a curl command."),
)
def url(selection: Any, *, output_format: str) -> ExitCode:
    """Print the links in the order of the tasks."""
    chosen = Chosen(selection)
    refusal = _("{task}: its file has not arrived. “pan123-tui wait {number}” waits for it.")
    total = len(chosen.tasks) + chosen.problems
    chosen.keep(may_have_file, refusal, _("None of these tasks has a known file."))
    if others := total - len(chosen.tasks) - chosen.problems:
        print_message(unknown_files_text(others))
    links: list[DownloadLink] = []
    with reach_engine(chosen.context) as engine:
        engine.call(LookForFiles(chosen.ids))
        for start in range(0, len(chosen.ids), LINKS_AT_ONCE):
            fetched = engine.call(GetDownloadLinks(chosen.ids[start : start + LINKS_AT_ONCE]))
            links += fetched
            for link in fetched:
                if link.problem is None:
                    print_data(_FORMATS[output_format](link))
            _print_progress(len(links), len(chosen.ids))
    for text in no_link_texts(links):
        print_message(text)
    problems = [link.problem for link in links if link.problem]
    if problems and len(problems) == len(links):
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems else chosen.exit_code


def may_have_file(task: Task) -> bool:
    """Return whether the file of `task` may have arrived."""
    is_seen = task.file_id is not None or task.state is TaskState.UNCONFIRMED
    return is_seen or (task.state is TaskState.SUCCEEDED and not task.is_doubtful)


def _print_progress(done: int, total: int) -> None:
    """Print how many links were fetched where the links themselves are not to be seen."""
    if done < total and sys.stderr.isatty() and not sys.stdout.isatty():
        text = _("{count} of {total} download links fetched")
        print_message(text.format(count=number(done), total=number(total)))


@click.command(
    "pause",
    help=_("Send no more links until “resume”; 123pan's downloads go on."),
    epilog=example("pan123-tui pause", "pan123-tui resume"),
)
def pause() -> ExitCode:
    """Pause sending."""
    context = load_context()
    is_saved = _pause_without_engine(context) or carry_out(context, PauseSending(True)).is_saved
    print_message(paused_text())
    return ExitCode.DONE if is_saved else ExitCode.SOME_FAILED


def _pause_without_engine(context: AppContext) -> bool:
    """Pause on disk where no engine runs: one that starts for this might send a link before."""
    from pan123_tui.store.lock import StoreLock
    from pan123_tui.store.task_store import TaskStore

    folder = context.paths.data_dir
    try:
        with StoreLock(folder, program="pause") as lock:
            if lock.warning is not None:  # nobody can tell whether an engine runs
                return False
            store = TaskStore.open(folder, lock=lock)
            store.set_paused(True)
            store.close()
    except StoreLocked:
        return False
    return True


@click.command(
    "resume", help=_("Send links again after “pause”."), epilog=example("pan123-tui resume")
)
def resume() -> ExitCode:
    """Resume sending."""
    result = carry_out(load_context(), PauseSending(False))
    print_message(_("Sending goes on."))
    return ExitCode.DONE if result.is_saved else ExitCode.SOME_FAILED
