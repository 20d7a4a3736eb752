"""`url`, `rename` and `move-file`: links, names and folders of the files that arrived."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import (
    ONE_SHOT_HOLDER,
    AppContext,
    acquire_lock,
    client_factory,
    is_listening,
    load_context,
    load_tasks,
)
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode, exit_code
from pan123_tui.cli.folders import Target, find_target, parents_option, parse_target
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_data, print_message
from pan123_tui.cli.tasks import TASK_NUMBER, print_missing
from pan123_tui.domain.commands import Command, GetDownloadLinks, MoveFiles, RenameFile
from pan123_tui.domain.errors import Problem, StoreLocked, error_of
from pan123_tui.domain.files import LINKS_AT_ONCE, MOVED_AT_ONCE, DownloadLink
from pan123_tui.domain.links.file_names import check_name
from pan123_tui.domain.links.shell_commands import aria2_entry, curl_download
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _
from pan123_tui.wording.files import move_text, no_link_texts, rename_text
from pan123_tui.wording.links import name_problem_text

if TYPE_CHECKING:
    from pan123_tui.store.task_store import TaskStore

Call = Callable[[Command[Any]], Any]
"""Has a command on files carried out and returns its result; raises a `Pan123Error`."""
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
    epilog=example("pan123-tui url 3", "pan123-tui url 3 7 --format aria2c | aria2c -i -"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...", required=True)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(tuple(_FORMATS)),
    default="plain",
    show_default=True,
    help=_("The link alone, an input file for aria2c, or a curl command."),
)
@language_option
def url(ids: tuple[int, ...], *, output_format: str) -> None:
    """Print the links in the order of the tasks."""
    context = load_context()
    wanted = tuple(dict.fromkeys(ids))
    links: list[DownloadLink] = []
    with _engine(context) as call:
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
    with _engine(context, changes=True) as call:
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
    callback=parse_target,
    metavar="ID|PATH",
    required=True,
    help=_("The other folder's id or path."),
)
@parents_option
@language_option
def move_file(ids: tuple[int, ...], *, to: Target, parents: bool) -> None:
    """Move the files and print how many were."""
    if to == ():
        raise click.BadParameter(_("Name the folder."), param_hint="--to")
    context = load_context()
    tasks = current_tasks(context)
    missing = print_missing(ids, tasks)
    wanted = tuple(number for number in dict.fromkeys(ids) if number in tasks)
    changes = []
    if wanted and (folder_id := find_target(context, to, parents=parents)):
        with _engine(context, changes=True) as call:
            for start in range(0, len(wanted), MOVED_AT_ONCE):
                changes += call(MoveFiles(wanted[start : start + MOVED_AT_ONCE], folder_id))
        shown = "/".join(to) if isinstance(to, tuple) else str(to)
        print_message(move_text(changes, shown))
    problems = [change.problem for change in changes if change.problem]
    is_any_done = any(change.is_done for change in changes)
    raise click.exceptions.Exit(_code(problems, missing, is_any_done=is_any_done))


@contextmanager
def _engine(context: AppContext, *, changes: bool = False) -> Iterator[Call]:
    """Have the running program carry out commands, else do so here; raises a `Pan123Error`.

    Only with `changes` the data folder is locked meanwhile.
    """
    context.paths.ensure_directories()
    lock: AbstractContextManager[object] = nullcontext()
    is_elsewhere = is_listening(context)
    if changes and not is_elsewhere:
        try:
            lock = acquire_lock(context, program=ONE_SHOT_HOLDER)
        except StoreLocked:  # it does not listen yet
            is_elsewhere = True
    if is_elsewhere:
        from pan123_tui.cli.remote import RemoteEngine

        with RemoteEngine(context) as engine:
            yield engine.call
        return
    with lock:
        if not changes:
            yield partial(_carry_out, context, _StoredTasks(load_tasks(context)))
            return
        from pan123_tui.store.task_store import TaskStore

        store = TaskStore.open(context.paths.data_dir)
        try:
            yield partial(_carry_out, context, _StoredTasks(store.tasks, store))
        finally:
            store.close()


class _StoredTasks:
    """The tasks on disk; without a `store` they are only read."""

    def __init__(self, tasks: Mapping[int, Task], store: "TaskStore | None" = None) -> None:
        self.tasks = tasks
        self._store = store

    async def update_facts(self, task_id: int, **facts: Any) -> None:
        """Set fields of a task, and save it."""
        if self._store is not None:
            self._store.put((replace(self.tasks[task_id], **facts),))
            self._store.save_now()


def _carry_out(context: AppContext, tasks: _StoredTasks, command: Command[Any]) -> Any:
    from pan123_tui.engine.files import Files
    from pan123_tui.engine.ports import Session

    async def run() -> Any:
        session = Session(client_factory(context))
        await session.open()
        files = Files(session, tasks)
        try:
            match command:
                case GetDownloadLinks(ids):
                    return await files.links(ids)
                case RenameFile(task_id, name):
                    return await files.rename(task_id, name)
                case MoveFiles(ids, to):
                    return await files.move(ids, to)
        finally:
            await session.close()

    return asyncio.run(run())


def _code(problems: Sequence[Problem], missing: Collection[int], *, is_any_done: bool) -> ExitCode:
    """Return the exit code: that of the first problem where nothing at all was done."""
    if problems and not is_any_done:
        return exit_code(error_of(problems[0]))
    return ExitCode.SOME_FAILED if problems or missing or not is_any_done else ExitCode.DONE
