"""`url`: prints links to the files that arrived."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

import click

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.batch import batch_option, select_batch
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode, exit_code
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import missing_folder_advice, print_data, print_message
from pan123_tui.cli.remote import reach_engine
from pan123_tui.cli.tasks import TASK_NUMBER, print_missing
from pan123_tui.domain.commands import GetDownloadLinks, LookForFiles
from pan123_tui.domain.errors import Problem, error_of
from pan123_tui.domain.files import LINKS_AT_ONCE, DownloadLink
from pan123_tui.domain.links.shell_commands import aria2_entry, curl_download
from pan123_tui.domain.send_queue import missing_folder_of
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState
from pan123_tui.engine.folders import load_folders
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.files import no_link_texts
from pan123_tui.wording.formats import number as format_number
from pan123_tui.wording.formats import state_label

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
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
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
        raise click.UsageError(_("Name either the tasks or a --batch."))
    context = load_context()
    tasks = current_tasks(context)
    names = load_folders(context.paths.folder_cache).names
    if ids:
        wanted = _may_have_files(tasks, ids, names)
    else:
        wanted = _arrived(select_batch(tasks, batch), names)
    links: list[DownloadLink] = []
    if wanted:
        with reach_engine(context) as engine:
            engine.call(LookForFiles(wanted))
            for start in range(0, len(wanted), LINKS_AT_ONCE):
                fetched = engine.call(GetDownloadLinks(wanted[start : start + LINKS_AT_ONCE]))
                links += fetched
                for link in fetched:
                    if link.problem is None:
                        print_data(_FORMATS[output_format](link))
                _print_progress(len(links), len(wanted))
    for text in no_link_texts(links):
        print_message(text)
    problems = [link.problem for link in links if link.problem]
    is_any_done = len(links) > len(problems)
    is_any_left = len(links) < len(set(ids))
    raise click.exceptions.Exit(_code(problems, is_any_left=is_any_left, is_any_done=is_any_done))


def _print_progress(done: int, total: int) -> None:
    """Print how many links were fetched where the links themselves are not to be seen."""
    if done < total and sys.stderr.isatty() and not sys.stdout.isatty():
        text = _("{count} of {total} download links fetched")
        print_message(text.format(count=format_number(done), total=format_number(total)))


def _may_have_files(
    tasks: Mapping[int, Task], ids: Iterable[int], names: Mapping[int, str]
) -> tuple[int, ...]:
    """Return those of `ids` whose files may have arrived, and print why the others have none.

    `names` are those of the folders.
    """
    print_missing(ids, tasks)
    wanted = []
    for task in filter(None, map(tasks.get, dict.fromkeys(ids))):
        if task.file_id is not None or task.state in (TaskState.SUCCEEDED, TaskState.UNCONFIRMED):
            wanted.append(task.id)
            continue
        if folder_id := missing_folder_of(task):
            reason = missing_folder_advice(folder_id, names)
            print_message(_("Task {number}: {reason}").format(number=task.id, reason=reason))
            continue
        text = _(
            "Task {number} ({state}): its file has not arrived yet. “pan123-tui wait {number}”"
            " waits for it."
        )
        if task.state in FAILED_STATES:
            text = _(
                "Task {number} ({state}): it has no file. “pan123-tui retry {number}” tries again."
            )
        print_message(text.format(number=task.id, state=state_label(task.state)))
    return tuple(wanted)


def _arrived(tasks: Mapping[int, Task], names: Mapping[int, str]) -> tuple[int, ...]:
    """Return those of a batch's `tasks` whose files arrived, and print how many did not."""
    arrived = tuple(
        task.id
        for task in tasks.values()
        if task.state is TaskState.SUCCEEDED and not task.is_doubtful
    )
    others = len(tasks) - len(arrived)
    if not arrived:
        text = ngettext(
            "The file of this batch has not arrived yet.",
            "None of the {count} files of this batch has arrived yet.",
            others,
        )
        print_message(text.format(count=format_number(others)))
    elif others:
        text = ngettext(
            "{count} other of this batch has no file that is known.",
            "{count} others of this batch have no file that is known.",
            others,
        )
        print_message(text.format(count=format_number(others)))
    for folder_id in dict.fromkeys(filter(None, map(missing_folder_of, tasks.values()))):
        print_message(missing_folder_advice(folder_id, names))
    return arrived


def _code(problems: Sequence[Problem], *, is_any_left: bool, is_any_done: bool) -> ExitCode:
    """Return the exit code: that of the first problem where nothing at all was done."""
    if problems and not is_any_done:
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems or is_any_left or not is_any_done else ExitCode.DONE
