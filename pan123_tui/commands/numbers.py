"""Task numbers on the command line."""

from collections.abc import Collection, Iterable

import click

from pan123_tui.commands.output import say
from pan123_tui.i18n import _


def task_numbers(*, required: bool) -> click.Argument:
    """Give the argument that takes them."""
    kind = click.IntRange(min=1)
    return click.Argument(["ids"], nargs=-1, type=kind, metavar="ID...", required=required)


def unknown(ids: Iterable[int], tasks: Collection[int]) -> list[int]:
    """Give those of `ids` that no task has, and say so."""
    missing = [number for number in ids if number not in tasks]
    for number in missing:
        say(_("There is no task {number}.").format(number=number))
    return missing
