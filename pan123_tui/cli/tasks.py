"""`retry`, `confirm`, `remove`, `url`, `pause` and `resume`: they act on tasks or the queue."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from pan123_tui.bootstrap import ExitCode, exit_code, load_context, print_message
from pan123_tui.cli.listing import print_links
from pan123_tui.cli.output import aria2_entry, curl_download, task_line
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.remote import Effect, carry_out, print_queued, reach_engine
from pan123_tui.cli.selection import Chosen, Target, dir_option, find_target, tasks_command
from pan123_tui.domain import commands
from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import LINKS_AT_ONCE, DownloadLink
from pan123_tui.domain.errors import StoreLocked, error_of
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, join_sentences
from pan123_tui.wording import actions
from pan123_tui.wording.formats import count_tasks
from pan123_tui.wording.notes import note

dry_run_option = flag("--dry-run", help=_("Only show which tasks would change."))
_FORMATS: Mapping[str, Callable[[DownloadLink], str]] = {
    "plain": lambda link: link.url,
    "aria2c": lambda link: aria2_entry(link.url, link.safe_name),
    "curl": lambda link: curl_download(link.url, link.safe_name),
}


def _show(chosen: Chosen) -> ExitCode:
    for task in chosen.tasks:
        click.echo(task_line(task, note(task, chosen.known.notes)))
    return chosen.exit_code


def _carry_out(chosen: Chosen, command: commands.Command[Any]) -> Effect:
    """Have the engine carry out `command`, and print the ids of the tasks that it changed."""
    result = carry_out(chosen.context, command)
    for task in result.tasks:
        click.echo(str(task.id))
    chosen.failures += not result.is_saved
    return result


@tasks_command(
    "retry",
    _("Queue failed tasks again."),
    "pan123-tui retry state:failed batch:last",
    "pan123-tui retry 12-18 --dir 影视/动画",
)
@dir_option(_("Use another folder; queued tasks move there too."))
@flag("--unsure", help=_("Also retry unsure tasks; 123pan may already have them."))
@dry_run_option
def retry(selection: Any, *, folder: Target, unsure: bool, dry_run: bool) -> ExitCode:
    chosen = Chosen(selection)
    wanted = commands.RetryTasks(None, unsure, None if folder is None else 0)
    refusal, none = _("{task}: there is nothing to retry."), _("None of these tasks has failed.")
    if not unsure and any(task.is_unsure for task in chosen.tasks):
        hint = _("Unsure tasks need --unsure, or “pan123-tui confirm” if the file has arrived.")
        refusal, none = join_sentences(refusal, hint), join_sentences(none, hint)
    # What is done is sent again only if its number is named.
    named = {it.id for it in chosen.tasks if it.has_suspect_file and it.is_retryable} & chosen.named
    chosen.keep(lambda task: task.id in named or wanted.fits(task), refusal, none)
    if dry_run:
        return _show(chosen)
    to = None if folder is None else find_target(chosen.context, folder, parents=None) or 0
    if (result := _carry_out(chosen, commands.RetryTasks(chosen.ids, unsure, to))).tasks:
        print_queued(result, again=True)
    return chosen.exit_code


@tasks_command(
    "confirm",
    _("Mark unsure tasks as done: their files have arrived."),
    "pan123-tui confirm 3 7",
    "pan123-tui confirm batch:last --found",
)
@flag("--found", help=_("Only tasks whose file was found in the folder."))
@dry_run_option
def confirm(selection: Any, *, found: bool, dry_run: bool) -> ExitCode:
    chosen = Chosen(selection)
    refusal = _("{task}: only an unsure task can be confirmed.")
    chosen.keep(lambda task: task.is_unsure, refusal, _("None of these tasks is unsure."))
    if found:
        with reach_engine(chosen.context) as engine:
            looked = engine.call(commands.LookForFiles(chosen.ids))
        seen = {task.id for task in (*chosen.tasks, *looked) if was_found(task)}
        none = _("No unsure task's file was found.")
        chosen.keep(lambda task: task.id in seen, _("{task}: its file was not found."), none)
    if dry_run:
        return _show(chosen)
    result = _carry_out(chosen, commands.ConfirmTasks(chosen.ids))
    print_message(actions.confirmed_text(len(result.tasks)))
    return chosen.exit_code


@tasks_command(
    "remove",
    _(
        "Take tasks off this list, and print their links for “add --again -f”.\n\n123pan cannot"
        " cancel downloads: those that are running go on."
    ),
    "pan123-tui remove 3 7",
    "pan123-tui remove state:done 'age>30d' > removed.txt",
)
@dry_run_option
def remove(selection: Any, *, dry_run: bool) -> ExitCode:
    chosen = Chosen(selection)
    if dry_run:
        return _show(chosen)
    with reach_engine(chosen.context):
        print_links(chosen.tasks)  # first: where they cannot be written, nothing is removed
    result = carry_out(chosen.context, commands.RemoveTasks(chosen.ids))
    text = _("{tasks} removed. To undo this, give the links to “add --again”.")
    print_message(text.format(tasks=count_tasks(len(result.tasks))))
    removed = {task.id for task in result.tasks}
    for task_id in chosen.ids:
        if task_id not in removed:
            text = _("Task {number} is being sent right now: try again.")
            print_message(text.format(number=task_id))
    is_whole = result.is_saved and removed >= set(chosen.ids)
    return chosen.exit_code if is_whole else ExitCode.SOME_FAILED


@tasks_command(
    "url",
    _("Print temporary download links to the files; they work without a login."),
    "pan123-tui url 3",
    "pan123-tui url batch:last --format aria2c | aria2c -i -",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(tuple(_FORMATS)),
    default="plain",
    help=_("Print bare links, an input file for aria2c, or curl commands."),
)
def url(selection: Any, *, output_format: str) -> ExitCode:
    chosen = Chosen(selection)

    def may_have_file(task: Task) -> bool:
        is_seen = task.file_id is not None or task.is_unsure
        return is_seen or task.state is TaskState.SUCCEEDED

    refusal = _(
        "{task}: it has no file. “pan123-tui wait {number}” waits for it; if it has failed, "
        "“pan123-tui retry {number}” sends its link again."
    )
    none = _(
        "None of these tasks has a file on the drive yet; “pan123-tui wait” waits for those that "
        "are running."
    )
    chosen.keep(may_have_file, refusal, none)
    links: list[DownloadLink] = []
    with reach_engine(chosen.context) as engine:
        engine.call(commands.LookForFiles(chosen.ids))
        for start in range(0, len(chosen.ids), LINKS_AT_ONCE):
            fetched = engine.call(
                commands.GetDownloadLinks(chosen.ids[start : start + LINKS_AT_ONCE])
            )
            links += fetched
            for link in fetched:
                if link.problem is None:
                    click.echo(_FORMATS[output_format](link))
    for text in actions.no_link_texts(links):
        print_message(text)
    problems = [link.problem for link in links if link.problem]
    if problems and len(problems) == len(links):
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems else chosen.exit_code


@command(
    "pause",
    _("Send no more links until “resume”; 123pan's downloads go on."),
    "pan123-tui pause",
    "pan123-tui resume",
)
def pause() -> ExitCode:
    from pan123_tui.store.task_store import TaskStore
    from pan123_tui.system.folder_lock import FolderLock

    context = load_context()
    folder, is_saved = context.paths.data_dir, True
    try:  # without an engine: one started for this might send a link first
        with FolderLock(folder, program="pause") as lock:
            store = TaskStore(folder, lock=lock)
            store.set_paused(True)
            store.close()
    except StoreLocked:
        is_saved = carry_out(context, commands.PauseSending(True)).is_saved
    return _say_if_saved(actions.paused_text(), is_saved=is_saved)


def _say_if_saved(text: str, *, is_saved: bool) -> ExitCode:
    """Print `text`, unless the next engine would know nothing of it; that was said already."""
    if is_saved:
        print_message(text)
    return ExitCode.DONE if is_saved else ExitCode.SOME_FAILED


@command("resume", _("Send links again after “pause”."), "pan123-tui resume")
def resume() -> ExitCode:
    result = carry_out(load_context(), commands.PauseSending(False))
    return _say_if_saved(_("Sending has resumed."), is_saved=result.is_saved)
