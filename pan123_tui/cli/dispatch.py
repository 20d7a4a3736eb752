"""Apply a command's request, or ask the running program to, and report who sends the links."""

import time
from typing import Any, cast

from msgspec import Struct

from pan123_tui.bootstrap import ONE_SHOT_HOLDER, AppContext, acquire_lock
from pan123_tui.cli.output import print_message
from pan123_tui.domain.commands import Command
from pan123_tui.domain.errors import EngineLost, StoreLocked
from pan123_tui.domain.task import Task
from pan123_tui.engine.requests import Request
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.engine import does_not_answer, program_name
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.problems import explain_problem


class DispatchResult(Struct, frozen=True):
    """What became of a request."""

    tasks: tuple[Task, ...]
    """The tasks that it has added, queued or removed."""
    runner: str = ""
    """The running program that has applied it, "" if it was applied here."""
    is_saved: bool = True
    """False where that program has it in memory only."""
    is_paused: bool = False
    """Whether the user has paused sending."""


def dispatch(
    context: AppContext, request: Request, *, is_second_try: bool = False
) -> DispatchResult:
    """Apply `request` here, or have the program apply it that holds the data folder.

    Raises `StoreError` if the tasks cannot be saved here, and `EngineError` if that program does
    not answer.
    """
    try:
        changed, is_paused = apply_offline(context, request)
        return DispatchResult(changed, is_paused=is_paused)
    except StoreLocked as error:
        runner, pid = program_name(str(error), error.pid), error.pid
    from pan123_tui.cli.remote import RemoteEngine

    with RemoteEngine(context) as engine:
        try:
            tasks: tuple[Task, ...] = engine.call(cast("Command[Any]", request)) or ()
        except EngineLost:
            if engine.hello is None and not is_second_try:  # it may have ended just now
                return dispatch(context, request, is_second_try=True)
            print_message(does_not_answer(runner, pid))
            raise
        problem, is_paused = engine.store_problem, engine.is_paused
    if problem is not None:
        print_message(explain_problem(problem).text)
    return DispatchResult(tasks, runner, problem is None, is_paused)


def apply_offline(context: AppContext, request: Request) -> tuple[tuple[Task, ...], bool]:
    """Apply `request` to the store and return its tasks, and whether sending is paused.

    Raises `StoreLocked` if a program runs.
    """
    from pan123_tui.engine import requests
    from pan123_tui.store.task_store import TaskStore

    context.paths.ensure_directories()
    with acquire_lock(context, program=ONE_SHOT_HOLDER) as lock:
        store = TaskStore.open(context.paths.data_dir, lock=lock)
        try:
            return requests.apply_request(store, request, clock=time.time), store.is_paused
        finally:
            store.close()


def print_queue_status(result: DispatchResult, count: int, *, is_waiting: bool = False) -> None:
    """Print who sends the `count` links; `is_waiting`: this process will, at once."""
    if result.is_paused and not is_waiting:  # else the wait says so
        text = _("{links} queued. Sending is paused: “pan123-tui resume” goes on.")
    elif result.runner:
        text = ngettext(
            "{links} queued, {runner} will send it.",
            "{links} queued, {runner} will send them.",
            count,
        )
    elif is_waiting:
        text = _("{links} queued.")
    else:
        text = ngettext(
            "{links} queued: it waits until a dashboard or “pan123-tui watch” runs.",
            "{links} queued: they wait until a dashboard or “pan123-tui watch” runs.",
            count,
        )
    print_message(text.format(links=count_links(count), runner=result.runner))
