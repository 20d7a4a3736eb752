"""Hooks: the user's commands that run when a task or a batch has ended.

Their environment is listed in the manual, on page `push`. A failure that will be retried
automatically is not an end.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from pan123_tui.config import schema
from pan123_tui.domain.batches import SETTLE_S, BatchEnds, BatchResult, batch_name, batch_results
from pan123_tui.domain.events import EngineEvent, TasksChanged, TasksLoaded
from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.sanitize import redact, sanitize
from pan123_tui.domain.task import FINISHED_STATES, Shown, Task
from pan123_tui.engine.ports import BackgroundWorker
from pan123_tui.engine.status import attempt
from pan123_tui.system.processes import run_command

MAX_CONCURRENT = 3
MAX_OUTPUT = 4096
"""Bytes of a command's output that are logged."""

log = logging.getLogger(__name__)


class Hooks(BackgroundWorker):
    """Runs a command for each task and each batch that ends while the engine runs."""

    def __init__(self, commands: Callable[[], schema.Hooks], *, environ: Mapping[str, str]) -> None:
        """`commands` returns those in use; they inherit `environ`, except for its account."""
        self._commands = commands
        self._environ = environ
        self._ended: set[int] = set()
        self._batches = BatchEnds()
        self._queue: asyncio.Queue[Task | str] = asyncio.Queue()
        """Tasks that have ended, and names of batches that have."""
        self._settling: set[str] = set()
        """Batches that have just ended, and are reported together with what follows soon after."""
        self._places = asyncio.Semaphore(MAX_CONCURRENT)

    def on_event(self, event: EngineEvent, /) -> None:
        match event:
            case TasksLoaded(loaded):
                self._ended = {it.id for it in loaded if _has_ended(it)}
            case TasksChanged(tasks):  # one that is removed may come back as it was
                self._queue_all(it for it in tasks if _has_ended(it) and it.id not in self._ended)
                self._ended.difference_update(task.id for task in tasks)
                self._ended.update(task.id for task in tasks if _has_ended(task))
        self._queue_all(self._batches.ended_by(event))

    def _queue_all(self, ended: Iterable[Task | str]) -> None:
        for one in ended:
            if isinstance(one, Task):
                if self._commands().on_end:
                    self._queue.put_nowait(one)
            elif self._commands().on_batch_end and one not in self._settling:
                self._settling.add(one)
                self._queue.put_nowait(one)

    async def wait_idle(self) -> None:
        await self._queue.join()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as runs:
            while True:
                runs.create_task(attempt(self._run_for(await self._queue.get())))

    async def _run_for(self, ended: Task | str) -> None:
        try:
            if isinstance(ended, str):
                await asyncio.sleep(SETTLE_S)
                self._settling.discard(ended)
            async with self._places:
                tasks = self._batches.tasks
                if isinstance(ended, Task):
                    facts = task_environ(ended)
                    await self._run(self._commands().on_end, f"task {ended.id}", facts)
                elif (it := batch_results(tasks, {ended}).get(ended)) and not it.is_open:
                    facts = batch_environ(it)
                    await self._run(self._commands().on_batch_end, "a batch", facts)
        finally:
            self._queue.task_done()

    async def _run(self, command: Sequence[str], what: str, facts: Mapping[str, str]) -> None:
        if not command:  # taken out of the settings meanwhile
            return
        result = await run_command(
            command,
            environ={**self._environ, **facts},
            timeout_s=self._commands().timeout_s,
            limit=MAX_OUTPUT,
        )
        output = redact(sanitize(result.output.decode("utf-8", "replace") + result.stderr))
        if result.code is None:
            why = f"not started, or ended after {self._commands().timeout_s:g} s"
            log.warning("hook %s for %s: %s: %s", sanitize(command[0]), what, why, output)
        else:
            log.info("hook for %s: exit code %s %s", what, result.code, output)


def _has_ended(task: Task) -> bool:
    return task.state in FINISHED_STATES and task.retry_at is None


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
    return _environ("PAN123_TASK_", facts)


def batch_environ(result: BatchResult) -> dict[str, str]:
    facts = {
        "NAME": result.name,
        "DONE": result.counts.get(Shown.DONE, 0),
        "FAILED": result.counts.get(Shown.FAILED, 0),
        "UNSURE": result.counts.get(Shown.UNSURE, 0),
        "FILES": len(result.sizes),
        "BYTES": sum(result.sizes),
    }
    return _environ("PAN123_BATCH_", facts)


def _environ(prefix: str, facts: Mapping[str, object]) -> dict[str, str]:
    # An environment cannot hold every character, such as NUL.
    return {
        prefix + name: "" if value is None else sanitize(str(value))
        for name, value in facts.items()
    }
