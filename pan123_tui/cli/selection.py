"""`TASKS`: the ids and the words of the search line that choose the tasks of a command."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext
from pan123_tui.cli.output import print_message
from pan123_tui.domain.batches import last_batch
from pan123_tui.domain.filter import Filter, FilterContext, parse
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _

_IDS = re.compile(r"([0-9]{1,19})(?:-([0-9]{1,19}))?")


class TasksCommand(click.Command):
    """A command with `tasks_argument`."""


class Selection(Struct, frozen=True):
    """A task has one of the ids, where there are any, and fits the rest."""

    ranges: tuple[range, ...] = ()
    filter: Filter = Filter()

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(it.start for it in self.ranges if len(it) == 1))


def tasks_argument(*, required: bool) -> Callable[[Any], Any]:
    """Return the argument `TASKS` of a `TasksCommand`, passed as `selection`."""
    return click.argument(
        "selection",
        nargs=-1,
        metavar="TASKS..." if required else "[TASKS]...",
        callback=_parse_required if required else _parse,
    )


def _parse_required(
    context: click.Context, argument: click.Parameter, words: tuple[str, ...]
) -> Selection:
    if not words and not context.resilient_parsing:
        text = _("Which tasks? For example: {example}")
        example = f"{context.command_path} state:failed batch:last"
        raise click.UsageError(text.format(example=example))
    return _parse(context, argument, words)


def _parse(
    _context: click.Context, _argument: click.Parameter, words: tuple[str, ...]
) -> Selection:
    ranges, terms = [], []
    for word in words:
        if ids := _IDS.fullmatch(word):
            ranges.append(range(int(ids[1]), int(ids[2] or ids[1]) + 1))
        elif word != "all":
            terms.append(word)
    return Selection(tuple(ranges), parse(" ".join(terms)))


def chosen_tasks(
    selection: Selection, tasks: Mapping[int, Task], context: AppContext
) -> tuple[list[Task], list[int]]:
    """Return the tasks that are chosen, and the ids that no task has, which are printed."""
    missing = [number for number in selection.ids if number not in tasks]
    for number in missing:
        print_message(_("There is no task {number}.").format(number=number))
    fits = selection.filter.predicate(FilterContext(time.time(), {}, last_batch(tasks)))
    ranges = selection.ranges
    ids = (i for i in tasks if not ranges or any(i in it for it in ranges))
    return [task for i in ids if fits(task := tasks[i])], missing
