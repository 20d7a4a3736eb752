"""The demo: the real program on a simulated service, in a temporary folder."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from shutil import rmtree

from msgspec.structs import replace

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.config.paths import CONFIG_VARIABLE, DATA_VARIABLE, DEMO_PREFIX
from pan123_tui.domain.errors import Problem, ProblemKind, StoreError
from pan123_tui.domain.progress import Progress, apply_progress
from pan123_tui.domain.task import (
    MAX_SAMPLES,
    ArrivalCheck,
    ArrivalStatus,
    DownloadRequest,
    Task,
    TaskState,
    new_task,
    transition,
)
from pan123_tui.simulator.messages import LINK_UNREADABLE, TASK_UNKNOWN, CreateRequest
from pan123_tui.simulator.world import ACCESS_TOKEN, Link, World, fill
from pan123_tui.system.folder_lock import FolderLock
from pan123_tui.system.private_files import temporary_folder

DEAD_AFTER_S = 600.0
"""After how long a demo whose engine was killed begins anew, as no screen has started another."""
_PROBLEMS = {
    TaskState.MISSING: Problem(ProblemKind.TASK_UNKNOWN, TASK_UNKNOWN, 1),
    TaskState.REJECTED: Problem(ProblemKind.LINK_NOT_PARSED, LINK_UNREADABLE, 2),
    TaskState.UNCONFIRMED: Problem(ProblemKind.RESPONSE_LOST, "ReadTimeout"),
}


def demo_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` for the demo of its home, with the language, but no account; `OSError`."""
    home = blake2b(os.fsencode(environ.get("HOME", "")), digest_size=6).hexdigest()
    folder = temporary_folder(f"{DEMO_PREFIX}{os.getuid()}-{home}")
    kept = {k: v for k, v in environ.items() if k == "PAN123_LANG" or not k.startswith("PAN123_")}
    folders = {CONFIG_VARIABLE: str(folder / "config"), DATA_VARIABLE: str(folder / "data")}
    return kept | folders


def demo_context(environ: Mapping[str, str]) -> AppContext:
    """Return the context of the demo of a home, anew if it was killed; raises `OSError`."""
    context = load_context(demo_environ(environ))
    with suppress(FileNotFoundError):
        saved_at = (context.paths.data_dir / "tasks.json").stat().st_mtime
        if time.time() - saved_at > DEAD_AFTER_S:
            remove_demo(context)
    context.paths.ensure_directories()
    return context


def remove_demo(context: AppContext) -> None:
    """Remove the folder of a demo, unless an engine holds it."""
    if not context.paths.is_demo:
        return
    with suppress(StoreError), FolderLock(context.paths.data_dir):
        rmtree(context.paths.data_dir.parent, ignore_errors=True)


@contextmanager
def demo_service(context: AppContext) -> Iterator[AppContext]:
    """Run the simulated service, fill the data folder, and yield the context of its account.

    The caller holds the lock of the folder, which is removed in the end. Raises `ValueError` for
    any other folder.
    """
    if not context.paths.is_demo:
        raise ValueError(f"not the folder of a demo: {context.paths.data_dir}")
    from pan123_tui.simulator.server import service_of
    from pan123_tui.store.task_store import TaskStore

    world, folder = World(), context.paths.data_dir
    store, links = TaskStore(folder), fill(world)
    if not store.tasks:
        ids, now = store.new_ids(len(links)), world.clock()
        store.put(demo_task(it, task_id=i, now=now) for i, it in zip(ids, links, strict=True))
    sent = {it.task_id: it for it in store.tasks.values() if it.task_id}
    for task_id in sorted(sent.keys() - world.tasks.keys()):  # by an engine that was killed
        task = sent[task_id]
        request = CreateRequest(task.url, task.name, task.folder_id or 0)
        world.resume(request, task_id=task_id, at=task.sent_at or task.created_at)
    store.close()
    account = {"PAN123_BASE_URL": "http://127.0.0.1", "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
    try:
        known = load_context({**context.environ, **account})
        yield replace(known, transport=service_of(world))
    finally:
        rmtree(folder.parent, ignore_errors=True)


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
