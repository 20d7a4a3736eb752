"""`folders` prints the tree of folders; also finds a folder that an option names by its path."""

import os
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.cli.commands import example, fitting_words, language_option
from pan123_tui.cli.errors import ExitCode, exit_code
from pan123_tui.cli.output import (
    print_data,
    print_ignored_account,
    print_json,
    print_message,
    print_problem,
)
from pan123_tui.cli.remote import reach_engine
from pan123_tui.client.folder_paths import FolderCall, find_folder, walk
from pan123_tui.config.paths import locate
from pan123_tui.domain.errors import Pan123Error, StoreLocked
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.links.file_names import FieldProblem, parse_folder
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _
from pan123_tui.wording.folders import not_found_text, path_text
from pan123_tui.wording.links import field_problem_text

T = TypeVar("T")
_ID_CELLS = 10

Target = int | tuple[str, ...] | None
"""A folder's id or path; empty: the service's own, or the root; None: none is named."""


def parse_target(_context: click.Context, _option: click.Parameter, value: str | None) -> Target:
    """Return the folder that an option names; raises `click.BadParameter`."""
    if value is None:
        return None
    target = parse_folder(value)
    if isinstance(target, FieldProblem):
        raise click.BadParameter(field_problem_text(target))
    return () if target is None else target


def _parse_top(context: click.Context, option: click.Parameter, value: str) -> Target:
    return () if value.strip() == "/" else parse_target(context, option, value)


def complete_folder(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[str]:
    """Return the known paths that begin so, down to two levels; asks nobody for others."""
    from pan123_tui.engine.folders import load_folders

    try:
        known = load_folders(locate(os.environ).folder_cache)
    except Pan123Error:  # a profile that cannot be: the command says so
        return []
    root = "/" if incomplete.startswith("/") else ""
    depth = incomplete.removeprefix(root).count("/") + 2
    paths = {root + "/".join(names): names for names in known.full_paths() if len(names) <= depth}
    found = sorted(path for path, names in paths.items() if parse_folder(path) == names)
    return fitting_words(found, incomplete)


parents_option = click.option(
    "--parents", is_flag=True, help=_("Make the folders of the path that are missing.")
)
"""Decorator for commands that take a folder's path."""


@click.command(
    "folders",
    help=_(
        "Print the tree of folders, with the id of each.\n\n"
        "A folder is named by its path from the root, such as 影视/动画, or by its id. A name of"
        " digits alone is written with a slash: /2024."
    ),
    epilog=example("pan123-tui folders", "pan123-tui folders 影视 --depth 1 --json"),
)
@click.argument(
    "top", metavar="[PATH|ID]", default="", callback=_parse_top, shell_complete=complete_folder
)
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    metavar="N",
    help=_("How many levels; each folder above the last one is a request."),
)
@click.option("--json", "as_json", is_flag=True, help=_("As a JSON array of objects."))
@language_option
def folders(*, top: Target, depth: int, as_json: bool) -> None:
    """Print the folders below `top`."""
    context = load_context()
    print_ignored_account(context)
    parent_id = find_target(context, top, parents=None) or ROOT_ID
    names = top if isinstance(top, tuple) else ()

    async def print_tree(call: FolderCall) -> None:
        await _print_tree(call, parent_id, names, depth=depth, as_json=as_json)

    run_folder_work(context, print_tree)


async def _print_tree(
    call: FolderCall, parent_id: int, names: tuple[str, ...], *, depth: int, as_json: bool
) -> None:
    documents: list[dict[str, Any]] = []
    count = 0
    async for folder, path in walk(call, parent_id, depth=depth, above=names):
        count += 1
        if as_json:
            documents.append(_document(folder, path))
        else:
            indent = "  " * (len(path) - len(names) - 1)
            print_data(f"{folder.id:>{_ID_CELLS}}  {indent}{sanitize(folder.name)}")
    if as_json:
        print_json(documents)
    elif not count:
        print_message(_("There is no folder in it."))


def _document(folder: Folder, path: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON object of a folder; its fields are documented and stable."""
    return {
        "id": folder.id,
        "name": folder.name,
        "path": "/".join(path),
        "parent_id": folder.parent_id,
    }


def find_target(
    context: AppContext, target: Target, *, parents: bool | None, is_dry_run: bool = False
) -> int | None:
    """Return the id of the folder that an option names, which is made if `parents`.

    Exits with the reason if there is none. A dry run makes nothing. `parents` is None where the
    command has no such option.
    """
    if not isinstance(target, tuple):
        return target
    if not target:
        return None

    async def find(call: FolderCall) -> int | None:
        search = await find_folder(call, target, makes_missing=bool(parents) and not is_dry_run)
        if search.folder is not None:
            return search.folder.id
        if parents and is_dry_run and not search.twins:
            print_message(_("The folder “{path}” would be made.").format(path=path_text(target)))
            return None
        advice = _("--parents makes it; “pan123-tui folders” lists all.")
        if parents is None:
            advice = _("“pan123-tui folders” lists all.")
        print_message(not_found_text(search, advice))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)

    return run_folder_work(context, find)


def run_folder_work(context: AppContext, work: Callable[[FolderCall], Coroutine[Any, Any, T]]) -> T:
    """Have the engine do what `work` asks for, or exit with why not."""
    try:
        with reach_engine(context) as engine:
            return engine.run(work(engine.ask))
    except StoreLocked:  # whose holder is named
        raise
    except Pan123Error as error:
        print_problem(error.problem)
        raise click.exceptions.Exit(exit_code(error)) from None
