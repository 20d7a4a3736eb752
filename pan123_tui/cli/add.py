"""`add`: queue the links found in arguments, files and pipes, or watch tasks at 123pan."""

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import click
from msgspec import Struct, convert
from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, ExitCode, find_sent, load_context, print_message
from pan123_tui.cli.found_links import Rows, document, print_left_out
from pan123_tui.cli.output import print_json, print_link
from pan123_tui.cli.program import command, flag
from pan123_tui.cli.remote import carry_out, print_queued
from pan123_tui.cli.selection import Target, dir_option, find_target, load_shown
from pan123_tui.cli.wait import wait_for_tasks
from pan123_tui.config.forms import URL
from pan123_tui.domain.commands import AddTasks, AdoptTasks, SendNext
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.events import Status
from pan123_tui.domain.links.extractor import extract, extract_argument
from pan123_tui.domain.links.file_names import check_template
from pan123_tui.domain.links.probes import ProbeResult, probe_links
from pan123_tui.domain.links.review import (
    judge,
    known_links,
    to_requests,
    toggled,
    with_test,
)
from pan123_tui.domain.sanitize import clean_label, decode_file, decode_text, encodable, sanitize
from pan123_tui.domain.send_queue import Adoption
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import _, join_list, ngettext
from pan123_tui.wording import formats
from pan123_tui.wording import inputs as wording
from pan123_tui.wording.actions import added_meanwhile_text
from pan123_tui.wording.problems import explain_problem


def _read_adoptions(
    context: click.Context, option: click.Parameter, values: Sequence[str]
) -> Sequence[Adoption]:
    """Return the taskIDs, each once, with the names that may follow them in a file."""
    if context.resilient_parsing:  # a completion waits for no input
        return ()
    found: dict[str, Adoption] = {}
    for value in values:
        text = value
        if not value.isdecimal():
            text = decode_text(click.File("rb").convert(value, option, context).read())
        for line in map(str.strip, text.split("\n")):
            if match := re.fullmatch(r"([1-9][0-9]{0,17})(?:\s+(.*))?", line):
                found.setdefault(match[1], Adoption(int(match[1]), match[2] or ""))
            elif line and not line.startswith("#"):
                wrong = _("“{text}” does not begin with a taskID.")
                raise click.BadParameter(wrong.format(text=sanitize(line, 40)))
    if values and not found:
        print_message(_("There is no taskID in this text."))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    return tuple(found.values())


@command(
    "add",
    _("Queue every link in the text, and print the numbers of the new tasks."),
    "wl-paste | pan123-tui add - --dir 影视/动画 --wait",
)
@click.argument("texts", nargs=-1, metavar="[LINK|-]...")
@click.option(
    "-f",
    "--file",
    "files",
    metavar="FILE",
    type=click.File("rb"),
    multiple=True,
    help=_("Read the text from this file; “-” is standard input."),
)
@dir_option(_("Download to this folder, given as an id or a path."))
@flag("--parents", help=_("Make any missing folders in the path."))
@click.option(
    "--name",
    metavar="NAME",
    default="",
    callback=lambda _context, _option, name: encodable(name),
    help=_("The file's name, or a template: {stem} {ext} {name} {n}."),
)
@click.option(
    "--batch",
    metavar="NAME",
    default="",
    callback=lambda _context, _option, name: clean_label(name),
    help=_("A name for these links; “batch:NAME” finds them."),
)
@click.option(
    "--callback",
    metavar="URL",
    default="",
    help=_("The address to which 123pan reports the result."),
)
@flag("--again", help=_("Also add links in the list, or sent before."))
@flag("--all", "takes_doubtful", help=_("Also add links that need a look, such as “www.…”."))
@click.option(
    "--task-id",
    "adoptions",
    metavar="N|FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    multiple=True,
    callback=_read_adoptions,
    help=_("Watch 123pan tasks, given a taskID or a file of taskIDs."),
)
@flag("--test", help=_("Test the links first; their hosts see your address."))
@flag("--front", help=_("Send these links next."))
@flag("--wait", help=_("Wait until the tasks have ended."))
@flag("--dry-run", help=_("Only show what would be queued or refused."))
@flag("--json", "as_json", help=_("Print a JSON object."))
def add(
    texts: tuple[str, ...],
    *,
    files: tuple[BinaryIO, ...],
    adoptions: Sequence[Adoption],
    **options: Any,
) -> ExitCode:
    if bool(adoptions) == bool(texts or files):
        none = _("Give links, “-” for standard input, -f FILE, or --task-id N.")
        both = _("Links and --task-id cannot be given together.")
        raise click.UsageError(both if adoptions else none)
    chosen = convert(options, Options)
    context = load_context()
    if adoptions:
        return _adopt(context, adoptions, chosen)
    shown = load_shown(context)
    rows = _collect_links(context, texts, files, shown.tasks, chosen)
    kept = [row for row in rows if row.keep]
    _check_options(chosen, count=len(kept))
    callback_url = chosen.callback or context.settings.defaults.callback_url
    template = DownloadRequest("", chosen.name, callback_url=callback_url)
    names = {request.url: request.name for request in to_requests(rows, template)}
    print_left_out(rows, shown.tasks)
    if any(row.test for row in rows):
        dead = _("{count} dead").format(count=sum(row.is_dead for row in rows))
        print_message(join_list([dead, *wording.size_texts(rows, shown.status.account)]))
    is_left_out = not any(row.keep or row.is_duplicate for row in rows)
    is_left_out |= any(row.waits for row in rows)
    is_left_out |= not kept and _is_in_memory(rows, shown.status)
    ids, is_saved = dict[str, int](), True
    if kept:
        newest_known = None if chosen.again else max(shown.tasks, default=0)
        ids, is_saved = _queue(context, rows, template, chosen, newest_known=newest_known)
    if chosen.as_json:
        print_json(document(rows, names, None if chosen.dry_run else ids))
    elif chosen.dry_run:
        for row in kept:
            print_link(sanitize(row.text), names[row.text])
    elif not chosen.wait:
        for task_id in ids.values():
            click.echo(str(task_id))
    code = ExitCode(is_left_out or not is_saved)
    return max(code, _wait(context, rows, ids)) if chosen.wait and not chosen.dry_run else code


class Options(Struct, frozen=True):
    """The options of `add`, apart from what is added."""

    folder: Target = None
    parents: bool = False
    name: str = ""
    batch: str = ""
    callback: str = ""
    again: bool = False
    takes_doubtful: bool = False
    test: bool = False
    front: bool = False
    wait: bool = False
    dry_run: bool = False
    as_json: bool = False


def _adopt(context: AppContext, adoptions: Sequence[Adoption], chosen: Options) -> ExitCode:
    if replace(chosen, name="", batch="", wait=False) != Options():
        raise click.UsageError(_("With --task-id you can use only --name, --batch and --wait."))
    named = tuple(replace(it, name=it.name or chosen.name) for it in adoptions)
    result = carry_out(context, AdoptTasks(named, chosen.batch))
    for task in result.tasks:
        click.echo(str(task.id))
    if result.tasks:
        text = ngettext(
            "{count} taskID added. The next check shows whether 123pan knows it.",
            "{count} taskIDs added. The next check shows whether 123pan knows them.",
            len(result.tasks),
        )
        print_message(text)
    if skipped := len(adoptions) - len(result.tasks):
        text = ngettext(
            "{count} taskID is already in the list.",
            "{count} taskIDs are already in the list.",
            skipped,
        )
        print_message(text)
    code = ExitCode(not result.is_saved)
    if not chosen.wait:
        return code
    awaited = {it.task_id for it in adoptions}  # those that were in the list too
    known = load_shown(context).tasks.values()
    ids = [task.id for task in known if not awaited.isdisjoint(task.task_ids)]
    return max(code, wait_for_tasks(context, ids)) if ids else code


def _queue(
    context: AppContext,
    rows: Rows,
    template: DownloadRequest,
    chosen: Options,
    *,
    newest_known: int | None,
) -> tuple[dict[str, int], bool]:
    """Queue the links unless it is a dry run; return the new ids by link, and if they are saved."""
    is_dry_run = chosen.dry_run
    try:
        target = find_target(context, chosen.folder, parents=chosen.parents, is_dry_run=is_dry_run)
        rows = _find_folders(context, rows, chosen)
    except (Pan123Error, click.exceptions.Exit):
        if not is_dry_run:
            print_message(_("Nothing was queued: the folder has to be found first."))
        raise
    if is_dry_run:
        return {}, True
    folder_id = context.settings.defaults.folder_id if chosen.folder is None else target
    requests = to_requests(rows, replace(template, folder_id=folder_id))
    result = carry_out(context, AddTasks(requests, chosen.batch, newest_known))
    if chosen.front and result.tasks:
        carry_out(context, SendNext(tuple(task.id for task in result.tasks)))
    if skipped := len(requests) - len(result.tasks):  # another one was quicker
        print_message(added_meanwhile_text(skipped))
    if result.tasks:
        print_queued(result)
    return {task.url: task.id for task in result.tasks}, result.is_saved


def _find_folders(context: AppContext, rows: Rows, chosen: Options) -> Rows:
    """Return `rows` with the folders that those to queue name; exits if any is missing."""
    found: dict[str, int | None] = {}
    trouble: click.exceptions.Exit | None = None
    for path in dict.fromkeys(row.folder for row in rows if row.keep and row.folder):
        names, dry = tuple(path.strip("/").split("/")), chosen.dry_run
        try:
            found[path] = find_target(context, names, parents=chosen.parents, is_dry_run=dry)
        except click.exceptions.Exit as error:
            trouble = error
    if trouble:
        raise trouble
    return [replace(it, folder_id=found.get(it.folder)) if it.folder else it for it in rows]


def _wait(context: AppContext, rows: Rows, ids: Mapping[str, int]) -> ExitCode:
    """Wait for the new tasks `ids`, by link, and for tasks that already had one of the links."""
    others = [row for row in rows if row.text not in ids and (row.keep or row.is_duplicate)]
    known = known_links(load_shown(context).tasks.values()) if others else {}
    awaited = dict.fromkeys((*ids.values(), *(known[it.key] for it in others if it.key in known)))
    return wait_for_tasks(context, list(awaited)) if awaited else ExitCode.DONE


def _check_options(chosen: Options, *, count: int) -> None:
    name = chosen.name
    if problem := check_template(name, count=count):
        raise click.BadParameter(wording.fault_text(problem), param_hint="'--name'")
    if chosen.callback and (reason := URL.error(chosen.callback)):
        raise click.BadParameter(reason, param_hint="'--callback'")


def _collect_links(
    context: AppContext,
    texts: Sequence[str],
    files: Sequence[BinaryIO],
    known: Mapping[int, Task],
    chosen: Options,
) -> Rows:
    parts: list[Rows] = [
        _extract_file(sys.stdin.buffer) if text == "-" else extract_argument(text) for text in texts
    ]
    rows: Rows = [row for part in (*parts, *map(_extract_file, files)) for row in part]
    if chosen.takes_doubtful:
        rows = [toggled(row) if row.is_undecided else row for row in rows]
    sent = find_sent(context, {row.key for row in rows if row.has_link})
    rows = judge(rows, known_links(known.values()), sent)
    if chosen.again:
        rows = [toggled(it) if it.is_duplicate and (it.known_as or it.sent) else it for it in rows]
    return _tested(rows) if chosen.test else rows


def _tested(rows: Rows) -> Rows:
    from pan123_tui.api.link_probe import probe_link

    found: dict[str, ProbeResult] = {}

    async def probe(url: str) -> None:
        found[url] = await probe_link(url)

    links = dict.fromkeys(it.text for it in rows if it.is_testable)
    text = _("Testing {links}. Their hosts see the address of this machine.")
    if links:
        print_message(text.format(links=formats.count_links(len(links))))
    asyncio.run(probe_links(links, probe))
    return [with_test(it, found.get(it.text)) for it in rows]


def _extract_file(file: BinaryIO) -> Rows:
    if (text := decode_file(file.read())) is None:
        refusal = _("“{file}” cannot be read: it is not text in UTF-8, GBK or UTF-16.")
        raise click.ClickException(refusal.format(file=sanitize(file.name, 100)))
    return extract(text)


def _is_in_memory(rows: Rows, status: Status) -> bool:
    """Return, and print why, whether links that were in the list may not be on disk."""
    problem = status.store_problem
    if problem is None or not any(row.is_duplicate for row in rows):
        return False
    print_message(explain_problem(problem).text)
    return True
