"""The demo: the real program on a simulated service, in a temporary folder."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp

from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.config.paths import CONFIG_VARIABLE, DATA_VARIABLE, DEMO_PREFIX
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import (
    MAX_SAMPLES,
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    Progress,
    Task,
    TaskState,
    apply_progress,
    new_task,
    transition,
)
from pan123_tui.simulator.messages import LINK_UNREADABLE, TASK_UNKNOWN
from pan123_tui.simulator.world import ACCESS_TOKEN, Link, World, fill
from pan123_tui.system.folder_lock import find_holder

DEAD_AFTER_S = 600.0
"""How long a folder without an engine is left alone, as one may just be starting."""
_PROBLEMS = {
    TaskState.MISSING: Problem(ProblemKind.TASK_UNKNOWN, TASK_UNKNOWN, 1),
    TaskState.REJECTED: Problem(ProblemKind.LINK_NOT_PARSED, LINK_UNREADABLE, 2),
    TaskState.UNCONFIRMED: Problem(ProblemKind.RESPONSE_LOST, "ReadTimeout"),
}


def demo_folder() -> Path | None:
    """Return the temporary folder of the user's demo, if one runs; remove those of killed ones."""
    for folder in Path(gettempdir()).glob(f"{DEMO_PREFIX}*"):
        with suppress(OSError):  # it may be gone by now
            if (found := folder.stat()).st_uid != os.getuid():
                continue
            if find_holder(folder / "data").pid:
                return folder
            if time.time() - found.st_mtime > DEAD_AFTER_S:
                rmtree(folder, ignore_errors=True)
    return None


def demo_environ(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return `environ` for the demo in `folder`, with the language, but not account and folders."""
    kept = {k: v for k, v in environ.items() if k == "PAN123_LANG" or not k.startswith("PAN123_")}
    folders = {CONFIG_VARIABLE: str(folder / "config"), DATA_VARIABLE: str(folder / "data")}
    return kept | folders


def demo_context(environ: Mapping[str, str]) -> AppContext:
    """Return the context of the demo that runs, otherwise of a new one."""
    folder = demo_folder() or Path(mkdtemp(prefix=DEMO_PREFIX))
    context = load_context(demo_environ(environ, folder))
    context.paths.ensure_directories()
    return context


def remove_demo(context: AppContext) -> None:
    if context.paths.is_demo:
        rmtree(context.paths.data_dir.parent, ignore_errors=True)


@contextmanager
def demo_service(context: AppContext) -> Iterator[AppContext]:
    """Run the simulated service, fill the data folder, and yield the context of its account."""
    from pan123_tui.simulator.server import service_of
    from pan123_tui.store.task_store import TaskStore

    world, store = World(), TaskStore(context.paths.data_dir)
    links = fill(world)
    if not store.tasks:  # else this engine has been started again
        ids, now = store.new_ids(len(links)), world.clock()
        store.put(demo_task(it, task_id=i, now=now) for i, it in zip(ids, links, strict=True))
    store.close()
    account = {"PAN123_BASE_URL": "http://127.0.0.1", "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
    try:
        known = load_context({**context.environ, **account})
        yield replace(known, transport=service_of(world))
    finally:
        remove_demo(context)


def demo_task(link: Link, *, task_id: int, now: float) -> Task:
    """Return the task of a client that has sent `link` and asked how it goes until `now`."""
    at, made = link.sent_at, link.task
    request = DownloadRequest(link.url, link.name, link.folder_id)
    task = new_task(request, task_id=task_id, at=at - 4)
    if link.state == TaskState.QUEUED:
        return task
    task = transition(task, TaskState.SUBMITTING, at=at - 1)
    if made is None:
        return _end(task, TaskState(link.state), at)
    task = transition(task, TaskState.RUNNING, at=at, task_id=made.id, sent_at=at)
    script = made.script
    until = min(it for it in (now - at, script.ends_at, script.forgotten_at) if it is not None)
    polls = {until * number / MAX_SAMPLES for number in range(MAX_SAMPLES + 1)}
    polls |= {key.at - before for key in script.keyframes for before in (0.1, 0.0)}
    for elapsed_s in sorted(it for it in polls if 0 <= it <= until):
        progress = Progress(*script.snapshot_at(elapsed_s))
        task = apply_progress(task, progress, at=at + elapsed_s)
    if until == script.forgotten_at:
        return _end(task, TaskState.MISSING, at + until)
    if link.file is not None:
        found = ArrivalCheck(ArrivalStatus.FOUND, link.file.at + 5, link.file.name, link.file.size)
        return replace(task, file_id=link.file.id, arrival=found)
    return replace(task, fail_reason=link.reason if task.has_failed else "")


def _end(task: Task, state: TaskState, at: float) -> Task:
    finished_at = None if state is TaskState.UNCONFIRMED else at
    return transition(task, state, at=at, finished_at=finished_at, problem=_PROBLEMS[state])
