"""`url`: prints links to the files that arrived."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.commands import example
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.remote import reach_engine
from pan123_tui.cli.selection import TasksCommand, tasks_argument
from pan123_tui.cli.tasks import Chosen
from pan123_tui.domain.commands import GetDownloadLinks, LookForFiles
from pan123_tui.domain.errors import Problem, error_of
from pan123_tui.domain.files import LINKS_AT_ONCE, DownloadLink
from pan123_tui.domain.links.shell_commands import aria2_entry, curl_download
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.programs.errors import ExitCode, exit_code
from pan123_tui.wording.formats import number
from pan123_tui.wording.results import no_link_texts

_FORMATS: Mapping[str, Callable[[DownloadLink], str]] = {
    "plain": lambda link: link.url,
    "aria2c": lambda link: aria2_entry(link.url, link.safe_name),
    "curl": lambda link: curl_download(link.url, link.safe_name),
}


@click.command(
    "url",
    cls=TasksCommand,
    help=_("Print a download link to each file; it works for a while, without a log-in."),
    epilog=example("pan123-tui url 3", "pan123-tui url batch:last --format aria2c | aria2c -i -"),
)
@tasks_argument(required=True)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(tuple(_FORMATS)),
    default="plain",
    help=_("The link alone, a file for aria2c, or a curl command."),
)
def url(selection: Any, *, output_format: str) -> None:
    """Print the links in the order of the tasks."""
    context = load_context()
    chosen = Chosen(selection, context)
    total, unknown = len(chosen.tasks), chosen.problems
    chosen.keep(
        may_have_file,
        _("{task}: its file has not arrived. “pan123-tui wait {number}” waits for it."),
    )
    if others := total - len(chosen.tasks) - (chosen.problems - unknown):
        text = ngettext(
            "The file of {count} other is not known.",
            "The files of {count} others are not known.",
            others,
        )
        print_message(text.format(count=number(others)))
    links: list[DownloadLink] = []
    if chosen.ids:
        with reach_engine(context) as engine:
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
    is_any_done = len(links) > len(problems)
    is_any_left = bool(chosen.problems)
    raise click.exceptions.Exit(_code(problems, is_any_left=is_any_left, is_any_done=is_any_done))


def may_have_file(task: Task) -> bool:
    """Return whether the file of `task` may have arrived."""
    is_seen = task.file_id is not None or task.state is TaskState.UNCONFIRMED
    return is_seen or (task.state is TaskState.SUCCEEDED and not task.is_doubtful)


def _print_progress(done: int, total: int) -> None:
    """Print how many links were fetched where the links themselves are not to be seen."""
    if done < total and sys.stderr.isatty() and not sys.stdout.isatty():
        text = _("{count} of {total} download links fetched")
        print_message(text.format(count=number(done), total=number(total)))


def _code(problems: Sequence[Problem], *, is_any_left: bool, is_any_done: bool) -> ExitCode:
    """Return the exit code: that of the first problem where nothing at all was done."""
    if problems and not is_any_done:
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems or is_any_left or not is_any_done else ExitCode.DONE
