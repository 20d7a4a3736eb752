"""Task numbers on the command line."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

import click

from pan123_tui.commands.output import say
from pan123_tui.i18n import _

F = TypeVar("F", bound=Callable[..., Any])


def task_numbers(*, required: bool) -> Callable[[F], F]:
    """Return the decorator that adds the argument `ids`."""
    return click.argument(
        "ids", nargs=-1, type=click.IntRange(min=1), metavar="ID...", required=required
    )


def unknown(ids: Iterable[int], tasks: Collection[int]) -> list[int]:
    """Return those of `ids` that no task has, and say so."""
    missing = [number for number in ids if number not in tasks]
    for number in missing:
        say(_("There is no task {number}.").format(number=number))
    return missing
