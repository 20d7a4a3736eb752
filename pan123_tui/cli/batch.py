"""The option `--batch`, which names the tasks that were added together."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import click

from pan123_tui.bootstrap import load_context, load_tasks
from pan123_tui.cli.commands import fitting_words
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import print_message
from pan123_tui.domain.batches import batch_name, last_batch, tasks_of_batch
from pan123_tui.domain.errors import Pan123Error
from pan123_tui.domain.filter_words import is_last_batch
from pan123_tui.domain.sanitize import clean_label, sanitize
from pan123_tui.domain.task import Task
from pan123_tui.domain.task_collection import TaskHeader
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_tasks
from pan123_tui.wording.links import label_error

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def batch_option(help_text: str) -> Decorator:
    """Return the option for a command on the tasks of a batch."""
    return click.option("--batch", metavar="NAME", shell_complete=complete_batch, help=help_text)


def complete_batch(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Return the names of stored batches that begin so, the newest first."""
    return fitting_words(("last", *_stored_names(batch_name)), incomplete)


def complete_label(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Return the labels of stored batches that begin so, the newest first."""
    return fitting_words(filter(None, _stored_names(lambda task: task.batch)), incomplete)


def _stored_names(name: Callable[[Task | TaskHeader], str]) -> list[str]:
    try:
        tasks = load_tasks(load_context())
    except Pan123Error:  # the command says so
        return []
    newest = sorted(tasks.headers(), key=lambda task: task.created_at, reverse=True)
    return list(dict.fromkeys(map(name, newest)))


def select_batch(
    tasks: Mapping[int, Task], name: str | None, *, prints_name: bool = False
) -> Mapping[int, Task]:
    """Return those of `tasks` that are in a batch called `name`, all where none is named.

    Ends the command where there is no such batch. `prints_name`: print which ones are taken, where
    `name` is not all of a name.
    """
    if name is None:
        return tasks
    wanted = last_batch(tasks) if is_last_batch(name) else clean_label(name)
    chosen = tasks_of_batch(tasks, wanted, time.time())
    if not chosen:
        print_message(_("There is no batch “{name}”.").format(name=clean_label(name)))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    counts = Counter(map(batch_name, chosen.values()))
    if prints_name and {known.casefold() for known in counts} != {clean_label(name).casefold()}:
        for known, count in counts.items():
            text = _("Batch {name}: {counts}")
            print_message(text.format(name=sanitize(known), counts=count_tasks(count)))
    return chosen


def check_label(name: str) -> str:
    """Return `name` as a label for a new batch; raises `click.BadParameter`."""
    label = clean_label(name)
    if error := label_error(label):
        raise click.BadParameter(error, param_hint="'--batch'")
    return label
