"""What is said about links that were queued: who sends them."""

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
"""The program that runs takes a request within a second, unless it hangs."""
LOOK_INTERVAL_S = 0.1


class DispatchResult(Struct, frozen=True):
    """What became of a request."""

    request_id: str
    program: str = ""
    """Who carries it out; empty: it is carried out already, nobody runs."""
    pid: int | None = None
    is_taken: bool = True
    """False: the program that runs has not looked at it yet."""

    @property
    def runner(self) -> str:
        """Name the program that runs."""
        names = {"dashboard": _("the dashboard"), "watch": "pan123-tui watch"}
        name = names.get(self.program, _("another pan123-tui"))
        return _("{program} (pid {pid})").format(program=name, pid=self.pid or "?")


def dispatch(context: AppContext, request: Request) -> DispatchResult:
    """Have `request` carried out: here, or by the program that holds the data.

    Raises `OSError` where the inbox cannot be written, `StoreError` where the data cannot.
    """
    try:
        return DispatchResult(apply_offline(context, request))
    except StoreLocked as error:
        request_id, is_waiting = enqueue(context, request)
        is_taken = _within_patience(lambda: not is_waiting())
        return DispatchResult(request_id, str(error), error.pid, is_taken)


def tasks_of(context: AppContext, handed: DispatchResult) -> list[Task]:
    """Give the tasks that a request queued, oldest first."""
    tasks = load_tasks(context).values() if handed.is_taken else ()
    return [task for task in tasks if task.request_id == handed.request_id]


def _within_patience(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + DISPATCH_TIMEOUT_S
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_INTERVAL_S)
    return True


def print_queue_status(handed: DispatchResult, count: int, *, is_followed: bool = False) -> None:
    """Say who sends the `count` links; `is_followed`: this process, at once."""
    if handed.program and handed.is_taken:
        text = ngettext(
            "{links} queued, {runner} will send it.",
            "{links} queued, {runner} will send them.",
            count,
        )
    elif handed.program:
        text = _("{links} in the inbox, {runner} has not looked there yet.")
    elif is_followed:
        text = _("{links} queued.")
    else:
        text = ngettext(
            "{links} queued: it waits until a dashboard or “pan123-tui watch” runs.",
            "{links} queued: they wait until a dashboard or “pan123-tui watch” runs.",
            count,
        )
    print_message(text.format(links=count_links(count), runner=handed.runner))
