"""Hands a request to whoever holds the data: the store itself, or the program that runs."""

import time
from collections.abc import Callable

from msgspec import Struct

from pan123_tui.domain.errors import StoreLocked
from pan123_tui.domain.task import Task
from pan123_tui.engine.requests import Request
from pan123_tui.i18n import _
from pan123_tui.wiring import Household, carry_out, drop_request, read_tasks

PATIENCE_S = 3.0
"""The program that runs takes a request within a second, unless it hangs."""
LOOK_INTERVAL_S = 0.1


class Handed(Struct, frozen=True):
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


def hand_over(household: Household, request: Request) -> Handed:
    """Have `request` carried out: here, or by the program that holds the data.

    Raises `OSError` where the inbox cannot be written, `StoreError` where the data cannot.
    """
    try:
        return Handed(carry_out(household, request))
    except StoreLocked as error:
        request_id, is_waiting = drop_request(household, request)
        is_taken = _within_patience(lambda: not is_waiting())
        return Handed(request_id, str(error), error.pid, is_taken)


def tasks_of(household: Household, handed: Handed) -> list[Task]:
    """Give the tasks that a request queued, oldest first."""
    tasks = read_tasks(household).values() if handed.is_taken else ()
    return [task for task in tasks if task.request_id == handed.request_id]


def _within_patience(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_INTERVAL_S)
    return True
