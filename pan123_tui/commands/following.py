"""Follows tasks to their ends: by running the engine, or by reading what another program writes."""

import time
from collections.abc import Collection, Mapping

from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.headless import Headless
from pan123_tui.commands.output import line_of, say, tell
from pan123_tui.commands.reporter import Reporter
from pan123_tui.domain.errors import StoreLocked
from pan123_tui.domain.task import FINISHED_STATES, Task, TaskState
from pan123_tui.i18n import _
from pan123_tui.wiring import Household, read_tasks

LOOK_INTERVAL_S = 1.0
ENDS = FINISHED_STATES | {TaskState.UNCONFIRMED}
"""Nothing more happens without the user's word."""


def follow(household: Household, ids: Collection[int]) -> ExitCode:
    """Wait until each of the tasks `ids` has ended, print how, and say if all succeeded."""
    while True:
        runner = Headless(
            household,
            Reporter(is_quiet=True, ids=frozenset()).hear,
            program="watch",
            is_done=lambda tasks: have_ended(ids, tasks),
        )
        try:
            code = runner.run()
            tasks = runner.tasks
        except StoreLocked:
            if not _look_on(household, ids):
                continue  # the other program has gone
            code, tasks = ExitCode.DONE, read_tasks(household)
        return _told(ids, tasks) if code is ExitCode.DONE else code


def have_ended(ids: Collection[int], tasks: Mapping[int, Task]) -> bool:
    """Tell whether each of `ids` has ended, or was removed."""
    return all(i not in tasks or tasks[i].state in ENDS for i in ids)


def _look_on(household: Household, ids: Collection[int]) -> bool:
    """Read while another program writes, until all have ended; False: that program has gone."""
    from pan123_tui.store.lock import holder

    while not have_ended(ids, read_tasks(household)):
        if holder(household.places.data_dir) is None:
            return False
        time.sleep(LOOK_INTERVAL_S)
    return True


def _told(ids: Collection[int], tasks: Mapping[int, Task]) -> ExitCode:
    for task_id in ids:
        if task_id in tasks:
            tell(line_of(tasks[task_id]))
        else:
            say(_("Task {number} was removed.").format(number=task_id))
    all_well = all(i in tasks and tasks[i].state is TaskState.SUCCEEDED for i in ids)
    return ExitCode.DONE if all_well else ExitCode.SOME_FAILED
