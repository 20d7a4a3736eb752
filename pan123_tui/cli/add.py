"""`add`: queue the links found in arguments, files and pipes."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import click
from msgspec import Struct, convert
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.adoptions import TaskIds, adopt
from pan123_tui.cli.collected_links import CollectedLinks, collect_links, print_left_out
from pan123_tui.cli.commands import example, fitting_words
from pan123_tui.cli.folders import dir_option, find_target
from pan123_tui.cli.listing import load_shown
from pan123_tui.cli.output import print_data, print_json, print_link, print_message
from pan123_tui.cli.remote import Outcome, carry_out, print_queued
from pan123_tui.cli.selection import stored_batches
from pan123_tui.cli.wait import wait_for_tasks
from pan123_tui.config.schema import url_error
from pan123_tui.domain.commands import AddTasks, SendNext
from pan123_tui.domain.links.file_names import check_name, check_template, expand_template
from pan123_tui.domain.links.review import known_links, to_requests
from pan123_tui.domain.sanitize import clean_label, sanitize
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import _
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.links import field_problem_text, label_error, name_problem_text
from pan123_tui.wording.results import added_meanwhile_text


def complete_label(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Return the labels of stored batches that begin so, the newest first."""
    return fitting_words(filter(None, stored_batches(attrgetter("batch"))), incomplete)


@click.command(
    "add",
    help=_("Queue every link in a text, and print the ids of the new tasks."),
    epilog=example(
        'pan123-tui add "https://example.com/a.iso" --dir 影视/动画',
        "wl-paste | pan123-tui add - --wait",
    ),
)
@click.argument("texts", nargs=-1, metavar="[LINK|-]...")
@click.option(
    "-f",
    "--file",
    "files",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    multiple=True,
    help=_("Read the text from this file; “-” is standard input."),
)
@dir_option(_("Download to this folder, given as an id or a path."))
@click.option("--parents", is_flag=True, help=_("Make the folders in the path that are missing."))
@click.option(
    "--name",
    metavar="NAME",
    default="",
    help=_("The file's name, or a template: {stem} {ext} {name} {n}."),
)
@click.option(
    "--batch",
    metavar="NAME",
    shell_complete=complete_label,
    default="",
    help=_("A name for these links; “batch:NAME” finds them."),
)
@click.option("--callback", metavar="URL", default="", help=_("Where 123pan reports the result."))
@click.option("--again", is_flag=True, help=_("Add links even if a task has them already."))
@click.option(
    "--task-id",
    "task_ids",
    metavar="N|FILE",
    type=TaskIds(),
    multiple=True,
    help=_("Watch a task that 123pan already has; a FILE lists one a line."),
)
@click.option("--front", is_flag=True, help=_("Send these links next."))
@click.option("--wait", is_flag=True, help=_("Wait until the tasks have ended."))
@click.option("--dry-run", is_flag=True, help=_("Only show what would be queued or refused."))
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON object."))
def add(
    texts: tuple[str, ...],
    *,
    files: tuple[Path, ...],
    task_ids: tuple[list[Adoption], ...],
    **options: Any,
) -> ExitCode:
    """Queue the links of the arguments and files, or watch what the service has."""
    if bool(task_ids) == bool(texts or files):
        raise click.UsageError(_("Give links, “-” for standard input, -f FILE, or --task-id N."))
    chosen = convert(options, Options)
    label = check_label(chosen.batch)
    context = load_context()
    if task_ids:
        return _adopt(context, [it for ids in task_ids for it in ids], label, chosen)
    defaults, known = context.settings.defaults, load_shown(context).tasks
    links = collect_links(texts, files, known, again=chosen.again)
    template = check_options(
        name=chosen.name,
        callback_url=chosen.callback or defaults.callback_url,
        count=len(links.kept),
    )
    names = {request.url: request.name for request in to_requests(links.rows, template)}
    print_left_out(links, texts, known)
    code = ExitCode.SOME_FAILED if links.has_failed else ExitCode.DONE
    ids: dict[str, int] = {}
    if links.kept:
        target = find_target(
            context, chosen.folder, parents=chosen.parents, is_dry_run=chosen.dry_run
        )
        if not chosen.dry_run:
            folder_id = defaults.folder_id if chosen.folder is None else target
            requests = to_requests(links.rows, replace(template, folder_id=folder_id))
            newest_known = None if chosen.again else max(known, default=0)
            result = _queue(context, AddTasks(requests, label, newest_known), chosen)
            ids = {task.url: task.id for task in result.tasks}
            code = code if result.is_saved else ExitCode.SOME_FAILED
    if chosen.as_json:
        print_json(links.document(names, None if chosen.dry_run else ids))
    elif chosen.dry_run:
        for row in links.kept:
            print_link(sanitize(row.text), names[row.text])
    elif not chosen.wait:
        for task_id in ids.values():
            print_data(str(task_id))
    return max(code, _wait(context, links, ids)) if chosen.wait and not chosen.dry_run else code


class Options(Struct, frozen=True):
    """The options of `add`, but for what is added."""

    folder: int | tuple[str, ...] | None
    parents: bool
    name: str
    batch: str
    callback: str
    again: bool
    front: bool
    wait: bool
    dry_run: bool
    as_json: bool


def _adopt(
    context: AppContext, wanted: Sequence[Adoption], label: str, chosen: Options
) -> ExitCode:
    flags = chosen.parents, chosen.again, chosen.front, chosen.callback
    if chosen.folder is not None or any(flags):
        raise click.UsageError(
            _("With --task-id you can use only --name, --batch, --wait, --dry-run and --json.")
        )
    return adopt(
        context,
        [replace(it, name=it.name or chosen.name) for it in wanted],
        label,
        is_dry_run=chosen.dry_run,
        as_json=chosen.as_json,
        waits=chosen.wait,
    )


def _queue(context: AppContext, command: AddTasks, chosen: Options) -> Outcome:
    """Queue the links, in front of the others if so chosen, and print how many there are."""
    result = carry_out(context, command)
    if chosen.front and result.tasks:
        carry_out(context, SendNext(tuple(task.id for task in result.tasks)))
    if skipped := len(command.downloads) - len(result.tasks):  # another one was quicker
        print_message(added_meanwhile_text(skipped))
    if result.tasks:
        print_queued(result, is_followed=chosen.wait)
    return result


def _wait(context: AppContext, links: CollectedLinks, ids: Mapping[str, int]) -> ExitCode:
    """Wait for the new tasks `ids`, by link, and for those that had a link already."""
    rows = [row for row in links.rows if row.text not in ids and (row.keep or row.is_duplicate)]
    known = known_links(load_shown(context).tasks.values()) if rows else {}
    awaited = dict.fromkeys((*ids.values(), *(known[it.key] for it in rows if it.key in known)))
    return wait_for_tasks(context, list(awaited)) if awaited else ExitCode.DONE


def check_label(name: str) -> str:
    """Return `name` as a label for a new batch; raises `click.BadParameter`."""
    label = clean_label(name)
    if error := label_error(label):
        raise _bad_parameter(error, "--batch")
    return label


def check_options(*, name: str, callback_url: str, count: int) -> DownloadRequest:
    """Return the request with the options for `count` links; raises `click.BadParameter`."""
    if problem := check_template(name, count=count):
        raise _bad_parameter(field_problem_text(problem), "--name")
    for error in check_name(expand_template(name, name="name.png", number=1)):
        raise _bad_parameter(name_problem_text(error), "--name")
    if callback_url and (reason := url_error(callback_url)):
        raise _bad_parameter(reason, "--callback")
    return DownloadRequest("", name, callback_url=callback_url)


def _bad_parameter(reason: str, option: str) -> click.BadParameter:
    return click.BadParameter(reason, param_hint=f"'{option}'")
