"""The option `--batch`, which names the tasks that were added together."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import print_message
from pan123_tui.domain.batches import batch_name, last_batch
from pan123_tui.domain.filter_words import is_last_batch
from pan123_tui.domain.sanitize import clean_label
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _
from pan123_tui.wording.links import label_error

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def batch_option(help_text: str) -> Decorator:
    """Return the option for a command on the tasks of a batch."""
    return click.option("--batch", metavar="NAME", help=help_text)


def select_batch(tasks: Mapping[int, Task], name: str | None) -> Mapping[int, Task]:
    """Return those of `tasks` that are in the batch `name`, all where none is named.

    Ends the command where there is no such batch.
    """
    if name is None:
        return tasks
    wanted = last_batch(tasks) if is_last_batch(name) else clean_label(name)
    chosen = {
        task_id: task
        for task_id, task in tasks.items()
        if batch_name(task).casefold() == wanted.casefold()
    }
    if not chosen:
        print_message(_("There is no batch “{name}”.").format(name=clean_label(name)))
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)
    return chosen


def check_label(name: str) -> str:
    """Return `name` as a label for a new batch; raises `click.BadParameter`."""
    label = clean_label(name)
    if error := label_error(label):
        raise click.BadParameter(error, param_hint="'--batch'")
    return label
