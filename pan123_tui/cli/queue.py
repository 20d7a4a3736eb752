"""`pause`, `resume` and `move`: what the user does to the queue."""

from collections.abc import Sequence

import click
from msgspec.structs import replace

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.batch import batch_option
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.output import print_message
from pan123_tui.cli.remote import carry_out
from pan123_tui.cli.tasks import TASK_NUMBER, named_tasks, print_missing
from pan123_tui.domain.commands import PauseSending, SendNext
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_links, state_label
from pan123_tui.wording.queue import moved_text, paused_text, resumed_text

_batch_option = batch_option(_("All that is queued of this batch; “last” is the newest one."))


@click.command(
    "pause",
    help=_(
        "Send no more links until “resume”, also after a restart.\n\n"
        "What is being sent is finished, and what runs at the service is checked as before."
    ),
    epilog=example("pan123-tui pause", "pan123-tui resume"),
)
@language_option
def pause() -> None:
    """Pause sending."""
    _set_paused(True)


@click.command(
    "resume", help=_("Send links again after “pause”."), epilog=example("pan123-tui resume")
)
@language_option
def resume() -> None:
    """Resume sending."""
    _set_paused(False)


def _set_paused(is_paused: bool) -> None:
    result = carry_out(load_context(), PauseSending(is_paused))
    print_message(paused_text() if is_paused else resumed_text())
    if not result.is_saved:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)


@click.command(
    "move",
    help=_("Move queued links to the front of the queue, in their own order."),
    epilog=example("pan123-tui move 7 9", "pan123-tui move --batch last"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="[ID...]")
@_batch_option
@language_option
def move(ids: tuple[int, ...], *, batch: str | None) -> None:
    """Move the links."""
    _apply(SendNext(ids), batch)


def _apply(request: SendNext, batch: str | None) -> None:
    """Apply `request` to the queued ones of its tasks, and name the others unless it is a batch."""
    context = load_context()
    ids, tasks = named_tasks(context, request.ids, batch)
    problems = len(print_missing(ids, tasks))
    known = [tasks[number] for number in dict.fromkeys(ids) if number in tasks]
    queued = [task for task in known if task.state is TaskState.QUEUED]
    if batch is None:
        problems += _print_not_queued([task for task in known if task not in queued])
    elif not queued:
        print_message(_("No link of this batch is queued."))
    if queued:
        chosen = tuple(task.id for task in queued)
        problems += not carry_out(context, replace(request, ids=chosen)).is_saved
        print_message(moved_text(count_links(len(queued))))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


def _print_not_queued(others: Sequence[Task]) -> int:
    """Print and count the tasks that are not queued."""
    for task in others:
        text = _("Task {number} ({state}) is not queued.")
        print_message(text.format(number=task.id, state=state_label(task.state)))
    return len(others)
