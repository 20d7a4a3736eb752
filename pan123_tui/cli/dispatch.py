"""Apply a command's request, or hand it to the running program, and report who sends the links."""

import time
from collections.abc import Callable

from msgspec import Struct

from pan123_tui.bootstrap import AppContext, apply_offline, enqueue, load_tasks
from pan123_tui.cli.output import print_message
from pan123_tui.domain.errors import StoreLocked
from pan123_tui.domain.task import Task
from pan123_tui.engine.requests import Request
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import count_links

DISPATCH_TIMEOUT_S = 3.0
"""A running program takes a request within a second unless it hangs."""
INBOX_POLL_INTERVAL_S = 0.1


class DispatchResult(Struct, frozen=True):
    """What became of a request."""

    request_id: str
    program: str = ""
    """The running program that applies it, "" if it was applied here."""
    pid: int | None = None
    is_taken: bool = True
    """False while the running program has not read it."""

    @property
    def runner(self) -> str:
        """The running program in words."""
        names = {"dashboard": _("the dashboard"), "watch": "pan123-tui watch"}
        name = names.get(self.program, _("another pan123-tui"))
        return _("{program} (pid {pid})").format(program=name, pid=self.pid or "?")


def dispatch(context: AppContext, request: Request) -> DispatchResult:
    """Apply `request` here, or through the inbox of the program that holds the data folder.

    Raises `OSError` if the inbox cannot be written, `StoreError` if the tasks cannot.
    """
    try:
        return DispatchResult(apply_offline(context, request))
    except StoreLocked as error:
        request_id, is_waiting = enqueue(context, request)
        program = str(error) or "unknown"  # a program that was stopped before it signed the lock
        return DispatchResult(request_id, program, error.pid, _wait_until_taken(is_waiting))


def tasks_of(context: AppContext, result: DispatchResult) -> list[Task]:
    """Return the tasks that a request queued, oldest first."""
    tasks = load_tasks(context).values() if result.is_taken else ()
    return [task for task in tasks if task.request_id == result.request_id]


def print_queue_status(result: DispatchResult, count: int, *, is_waiting: bool = False) -> None:
    """Print who sends the `count` links; `is_waiting`: this process will, at once."""
    if result.program and result.is_taken:
        text = ngettext(
            "{links} queued, {runner} will send it.",
            "{links} queued, {runner} will send them.",
            count,
        )
    elif result.program:
        text = _("{links} in the inbox, {runner} has not looked there yet.")
    elif is_waiting:
        text = _("{links} queued.")
    else:
        text = ngettext(
            "{links} queued: it waits until a dashboard or “pan123-tui watch” runs.",
            "{links} queued: they wait until a dashboard or “pan123-tui watch” runs.",
            count,
        )
    print_message(text.format(links=count_links(count), runner=result.runner))


def _wait_until_taken(is_waiting: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DISPATCH_TIMEOUT_S
    while is_waiting():
        if time.monotonic() >= deadline:
            return False
        time.sleep(INBOX_POLL_INTERVAL_S)
    return True
