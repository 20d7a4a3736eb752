"""`url`, `rename` and `move-file`: links, names and folders of the files that arrived."""

from collections.abc import Callable, Collection, Mapping, Sequence

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.batch import batch_option, select_batch
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode, exit_code
from pan123_tui.cli.file_engine import file_engine
from pan123_tui.cli.folders import Target, find_target, parents_option, parse_target
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.tasks import TASK_NUMBER, print_missing
from pan123_tui.domain.commands import GetDownloadLinks, LookForFiles, MoveFiles, RenameFile
from pan123_tui.domain.errors import Problem, error_of
from pan123_tui.domain.files import LINKS_AT_ONCE, MOVED_AT_ONCE, DownloadLink
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.links.shell_commands import aria2_entry, curl_download
from pan123_tui.domain.task import TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.files import move_text, no_link_texts, rename_text
from pan123_tui.wording.folders import path_text
from pan123_tui.wording.formats import number as format_number
from pan123_tui.wording.links import name_problem_text

_FORMATS: Mapping[str, Callable[[DownloadLink], str]] = {
    "plain": lambda link: link.url,
    "aria2c": lambda link: aria2_entry(link.url, link.safe_name),
    "curl": lambda link: curl_download(link.url, link.safe_name),
}


@click.command(
    "url",
    help=_(
        "Print a download link to the file of each task; it works for a while, without a log-in."
    ),
    epilog=example("pan123-tui url 3", "pan123-tui url --batch last --format aria2c | aria2c -i -"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...")
@batch_option(_("All that arrived of this batch; “last” is the newest one."))
@click.option(
    "--format",
    "output_format",
    type=click.Choice(tuple(_FORMATS)),
    default="plain",
    show_default=True,
    help=_("The link alone, an input file for aria2c, or a curl command."),
)
@language_option
def url(ids: tuple[int, ...], *, batch: str | None, output_format: str) -> None:
    """Print the links in the order of the tasks."""
    if bool(ids) == (batch is not None):
        raise click.UsageError(_("Name the tasks, or give --batch."))
    context = load_context()
    wanted = tuple(dict.fromkeys(ids)) or _arrived(context, batch)
    links: list[DownloadLink] = []
    with file_engine(context) as call:
        call(LookForFiles(wanted))
        for start in range(0, len(wanted), LINKS_AT_ONCE):
            fetched = call(GetDownloadLinks(wanted[start : start + LINKS_AT_ONCE]))
            links += fetched
            for link in fetched:
                if link.problem is None:
                    print_data(_FORMATS[output_format](link))
    for text in no_link_texts(links):
        print_message(text)
    missing = print_missing(wanted, {link.task_id for link in links})
    problems = [link.problem for link in links if link.problem]
    raise click.exceptions.Exit(_code(problems, missing, is_any_done=len(links) > len(problems)))


def _arrived(context: AppContext, batch: str | None) -> tuple[int, ...]:
    """Return the tasks of a batch whose files arrived, and print how many others there are."""
    tasks = select_batch(current_tasks(context), batch)
    arrived = tuple(
        task.id
        for task in tasks.values()
        if task.state is TaskState.SUCCEEDED and not task.is_doubtful
    )
    if others := len(tasks) - len(arrived):
        text = ngettext(
            "{count} other has no file that is known.",
            "{count} others have no file that is known.",
            others,
        )
        print_message(text.format(count=format_number(others)))
    return arrived


@click.command(
    "rename",
    help=_("Rename the file of a task on the drive."),
    epilog=example('pan123-tui rename 3 "film (2024).mkv"'),
)
@click.argument("number", type=TASK_NUMBER, metavar="ID")
@click.argument("name", metavar="NAME")
@language_option
def rename(number: int, name: str) -> None:
    """Rename the file and print what it is called now."""
    if not name or (errors := check_name(name).errors):
        reasons = map(name_problem_text, errors if name else ())
        raise click.UsageError("; ".join(reasons) or _("The new name is empty."))
    context = load_context()
    if print_missing([number], current_tasks(context)):
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    with file_engine(context, changes=True) as call:
        call(LookForFiles((number,)))
        change = call(RenameFile(number, name))
    print_message(rename_text(change, name))
    problems = [change.problem] if change.problem else []
    raise click.exceptions.Exit(_code(problems, [], is_any_done=bool(change.is_done)))


@click.command(
    "move-file",
    help=_("Move the files of tasks to another folder of the drive."),
    epilog=example("pan123-tui move-file 3 7 --to 影视/动画"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...", required=True)
@click.option(
    "--to",
    "target",
    callback=parse_target,
    metavar="ID|PATH",
    required=True,
    help=_("The other folder's id or path."),
)
@parents_option
@language_option
def move_file(ids: tuple[int, ...], *, target: Target, parents: bool) -> None:
    """Move the files and print how many were."""
    if target == ():
        raise click.BadParameter(_("Name the folder."), param_hint="--to")
    context = load_context()
    tasks = current_tasks(context)
    missing = print_missing(ids, tasks)
    wanted = tuple(number for number in dict.fromkeys(ids) if number in tasks)
    changes = []
    if wanted and (folder_id := find_target(context, target, parents=parents)) is not None:
        with file_engine(context, changes=True) as call:
            call(LookForFiles(wanted))
            for start in range(0, len(wanted), MOVED_AT_ONCE):
                changes += call(MoveFiles(wanted[start : start + MOVED_AT_ONCE], folder_id))
        folder = path_text(target) if isinstance(target, tuple) else str(folder_id)
        print_message(move_text(changes, folder))
    problems = [change.problem for change in changes if change.problem]
    is_any_done = any(change.is_done for change in changes)
    raise click.exceptions.Exit(_code(problems, missing, is_any_done=is_any_done))


def _code(problems: Sequence[Problem], missing: Collection[int], *, is_any_done: bool) -> ExitCode:
    """Return the exit code: that of the first problem where nothing at all was done."""
    if problems and not is_any_done:
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems or missing or not is_any_done else ExitCode.DONE
