"""Hooks: the user's commands that run when a task has succeeded or failed."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from pan123_tui.config.subprocess_runner import ExitKind, run_command
from pan123_tui.domain.batches import batch_name
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.domain.task import FAILED_STATES, Task, TaskState

MAX_CONCURRENT = 3
MAX_OUTPUT = 4096
"""Bytes of a command's output that are logged."""

log = logging.getLogger(__name__)


class HookCommands(Struct, frozen=True, kw_only=True):
    """Commands with their arguments, run without a shell; an empty one is off."""

    on_success: Sequence[str] = ()
    on_failure: Sequence[str] = ()
    timeout_s: float = 30.0
    environ: Mapping[str, str] = field(default_factory=dict)
    """The environment that the commands inherit, but for the account in it."""


class Hooks:
    """Runs a command for each task that ends while the engine runs."""

    def __init__(self, commands: HookCommands) -> None:
        self._commands = commands
        self._states: dict[int, TaskState] = {}
        self._queue: asyncio.Queue[tuple[Sequence[str], Task]] = asyncio.Queue()

    def on_event(self, event: EngineEvent, /) -> None:
        """Queue the commands of tasks that have just ended."""
        match event:
            case TasksLoaded(tasks):
                self._states = {header.id: header.state for header in tasks.headers()}
            case TasksChanged(changed, removed):
                for task_id in removed:
                    self._states.pop(task_id, None)
                for task in changed:
                    self._queue_command(task)

    def _queue_command(self, task: Task) -> None:
        before = self._states.get(task.id)
        self._states[task.id] = task.state
        command = self._command_for(task.state)
        if command and before is not task.state:
            self._queue.put_nowait((command, task))

    async def wait_idle(self) -> None:
        """Wait until all queued commands have ended."""
        await self._queue.join()

    async def run(self, _tasks: object, /) -> None:
        """Run queued commands until cancelled."""
        async with asyncio.TaskGroup() as runners:
            for _ in range(MAX_CONCURRENT):
                runners.create_task(self._run_queued())

    def _command_for(self, state: TaskState) -> Sequence[str]:
        if state is TaskState.SUCCEEDED:
            return self._commands.on_success
        return self._commands.on_failure if state in FAILED_STATES else ()

    async def _run_queued(self) -> None:
        while True:
            command, task = await self._queue.get()
            try:
                await self._run(command, task)
            finally:
                self._queue.task_done()

    async def _run(self, command: Sequence[str], task: Task) -> None:
        result = await run_command(
            command,
            environ={**self._commands.environ, **task_environ(task)},
            timeout_s=self._commands.timeout_s,
            limit=MAX_OUTPUT,
            is_killed_at_limit=False,
        )
        if result.kind is ExitKind.MISSING:
            log.warning("hook %s for task %d: %s", sanitize(command[0]), task.id, result.stderr)
            return
        if result.kind is ExitKind.HUNG:
            log.warning("hook for task %d: ended after %g s", task.id, self._commands.timeout_s)
        output = redact(sanitize(result.output.decode("utf-8", "replace") + result.stderr))
        log.info("hook for task %d: exit code %s %s", task.id, result.code, output)


def task_environ(task: Task) -> dict[str, str]:
    """Return the variables that describe `task` to a command; unknown ones are empty."""
    problem = task.problem
    facts = {
        "ID": task.id,
        "STATE": task.state,
        "URL": task.url,
        "NAME": task.arrival.name if task.arrival else task.name or guess_name(task.url),
        "SERVICE_ID": task.task_id,
        "FOLDER_ID": task.folder_id,
        "FILE_ID": task.file_id,
        "BATCH": batch_name(task),
        "PERCENT": f"{task.percent:g}",
        "FAIL_REASON": task.fail_reason,
        "MESSAGE": problem.message if problem else "",
        "CODE": problem.code if problem else None,
        "TRACE_ID": problem.trace_id if problem else "",
    }
    # An environment cannot hold every character, such as NUL.
    return {
        f"PAN123_TASK_{name}": "" if value is None else sanitize(str(value))
        for name, value in facts.items()
    }
