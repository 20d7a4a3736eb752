"""`pause`, `resume`, `move`, `hold` and `release`: what the user does to the queue."""

from collections.abc import Sequence

import click

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.dispatch import dispatch
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import print_message
from pan123_tui.cli.tasks import TASK_NUMBER, print_missing
from pan123_tui.domain.commands import HoldTasks, MoveTasks, PauseSending
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wording.formats import count_links, state_label
from pan123_tui.wording.queue import held_text, moved_text, paused_text, resumed_text


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
    result = dispatch(load_context(), PauseSending(is_paused))
    print_message(paused_text() if is_paused else resumed_text())
    if not result.is_saved:
        raise click.exceptions.Exit(ExitCode.SOME_FAILED)


@click.command(
    "move",
    help=_("Move queued links to the front or the back of the queue, in their own order."),
    epilog=example("pan123-tui move 7 9 --front"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...", required=True)
@click.option("--front", is_flag=True, help=_("They are sent next."))
@click.option("--back", is_flag=True, help=_("They are sent last."))
@language_option
def move(ids: tuple[int, ...], *, front: bool, back: bool) -> None:
    """Move the links."""
    if front is back:
        raise click.UsageError(_("Give one of --front and --back."))
    _apply(ids, MoveTasks(ids, to_front=front))


@click.command(
    "hold",
    help=_("Hold queued links: they stay queued, but are not sent until “release”."),
    epilog=example("pan123-tui hold 7 9", "pan123-tui release 7 9"),
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...", required=True)
@language_option
def hold(ids: tuple[int, ...]) -> None:
    """Hold the links."""
    _apply(ids, HoldTasks(ids, is_held=True))


@click.command(
    "release", help=_("Let held links be sent."), epilog=example("pan123-tui release 7 9")
)
@click.argument("ids", nargs=-1, type=TASK_NUMBER, metavar="ID...", required=True)
@language_option
def release(ids: tuple[int, ...]) -> None:
    """Release the links."""
    _apply(ids, HoldTasks(ids, is_held=False))


def _apply(ids: tuple[int, ...], request: MoveTasks | HoldTasks) -> None:
    """Apply `request` to the queued ones of `ids`, and name the others."""
    context = load_context()
    tasks = current_tasks(context)
    problems = len(print_missing(ids, tasks))
    known = [tasks[number] for number in dict.fromkeys(ids) if number in tasks]
    queued = [task for task in known if task.state is TaskState.QUEUED]
    problems += _print_not_queued([task for task in known if task not in queued])
    if queued:
        problems += not dispatch(context, request).is_saved
        links = count_links(len(queued))
        if isinstance(request, MoveTasks):
            print_message(moved_text(links, to_front=request.to_front))
        else:
            print_message(held_text(links, is_held=request.is_held))
    raise click.exceptions.Exit(ExitCode.SOME_FAILED if problems else ExitCode.DONE)


def _print_not_queued(others: Sequence[Task]) -> int:
    """Print and count the tasks that are not queued."""
    for task in others:
        text = _("Task {number} ({state}) is not queued.")
        print_message(text.format(number=task.id, state=state_label(task.state)))
    return len(others)
