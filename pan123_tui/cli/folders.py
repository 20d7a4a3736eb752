"""Finds the folder that `--dir` names, by its id or its path."""

from collections.abc import Callable
from typing import Any

import click

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli.output import print_message
from pan123_tui.cli.remote import reach_engine
from pan123_tui.domain.commands import FindFolder
from pan123_tui.domain.folders import FolderFault, parse_folder
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _, join_choices
from pan123_tui.programs.errors import ExitCode
from pan123_tui.wording.inputs import fault_text, not_found_text, path_text

_MAX_NEIGHBOURS = 20

Target = int | tuple[str, ...] | None
"""A folder's id or path; empty: the service's own folder; None: none is named."""


def dir_option(text: str) -> Callable[[Any], Any]:
    """Return the option `--dir`, passed as `folder`: a `Target`; `text` is its help."""
    return click.option("--dir", "folder", callback=_parse_target, metavar="ID|PATH", help=text)


def _parse_target(_context: click.Context, _option: click.Parameter, value: str | None) -> Target:
    if value is None:
        return None
    target = parse_folder(value)
    if isinstance(target, FolderFault):
        raise click.BadParameter(fault_text(target))
    return () if target is None else target


def find_target(
    context: AppContext, target: Target, *, parents: bool | None, is_dry_run: bool = False
) -> int | None:
    """Return the id of the folder that an option names; with `parents`, it is made if missing.

    Without it, exits with the reason and the folders that exist in its place. `parents` is None
    where the command has no such option.
    """
    if not isinstance(target, tuple):
        return target
    if not target:
        return None
    with reach_engine(context) as engine:
        makes_missing = bool(parents) and not is_dry_run
        search = engine.call(FindFolder(target, makes_missing))
    if search.folder is not None:
        return search.folder.id
    if parents and is_dry_run:
        print_message(_("The folder “{path}” would be made.").format(path=path_text(target)))
        return None
    print_message(not_found_text(search, _("--parents makes it.") if parents is False else ""))
    if names := [sanitize(name, 60) for name in search.neighbours]:
        more = ["…"] if len(names) > _MAX_NEIGHBOURS else []
        text = _("Existing folders: {names}")
        print_message(text.format(names=join_choices(names[:_MAX_NEIGHBOURS] + more)))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED)
