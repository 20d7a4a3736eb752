"""Run the demo: the real program on an in-process simulator, in temporary folders."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pan123_tui.bootstrap import (
    AppContext,
    EngineFactory,
    client_factory,
    load_context,
)
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.events import EventListener
from pan123_tui.domain.task import Sample, Task, TaskState, TimelineEntry

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine
    from pan123_tui.simulator.demo import DemoRow
    from pan123_tui.simulator.server import SimulatorServer

CleanUp = Callable[[], object]


@contextmanager
def run_demo(environ: Mapping[str, str]) -> Iterator[tuple[AppContext, EngineFactory, CleanUp]]:
    """Yield the context and the engine factory of a demo; stop its simulator afterwards.

    The last value removes the folder of the demo, for where the process ends before that.
    """
    servers: list[SimulatorServer] = []
    with TemporaryDirectory(prefix="pan123-demo-") as folder:
        context = load_context(_environment(environ, Path(folder)))

        def open_engine(listener: EventListener) -> "Engine":
            from pan123_tui.simulator.demo import demo_world
            from pan123_tui.simulator.server import SimulatorServer

            world, tasks = demo_world()
            server = SimulatorServer(world).start()
            servers.append(server)
            return _create_engine(context, listener, server.base_url, tasks)

        try:
            yield context, open_engine, partial(rmtree, folder, ignore_errors=True)
        finally:
            for server in servers:
                server.stop()


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return `environ` with the language, but without the user's account and folders."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PAN123_")}
    if language := environ.get("PAN123_LANG"):
        kept["PAN123_LANG"] = language
    return kept | {
        "PAN123_CONFIG_DIR": str(folder / "config"),
        "PAN123_DATA_DIR": str(folder / "data"),
    }


def _create_engine(
    context: AppContext, listener: EventListener, base_url: str, tasks: "list[DemoRow]"
) -> "Engine":
    from pan123_tui.engine.arrival_checker import ArrivalChecker
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.folders import FolderNames, Folders
    from pan123_tui.engine.ports import Session
    from pan123_tui.engine.unconfirmed_checker import UnconfirmedChecker
    from pan123_tui.simulator.accounts import ACCESS_TOKEN
    from pan123_tui.store.task_store import TaskStore

    context.paths.ensure_directories()
    store = TaskStore.open(context.paths.data_dir)
    now = time.time()
    ids = store.new_ids(len(tasks))
    store.put(stored_task(task, task_id=i, now=now) for i, task in zip(ids, tasks, strict=True))
    account = {"PAN123_BASE_URL": base_url, "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
    session = Session(client_factory(load_context({**context.environ, **account})))
    folders = Folders(session, listener)
    return Engine(
        store,
        session,
        listener,
        workers=[FolderNames(folders, interval_s=0.2), ArrivalChecker(session)],
        folders=folders,
        unconfirmed=UnconfirmedChecker(session),
    )


def stored_task(row: "DemoRow", *, task_id: int, now: float) -> Task:
    """Return the stored task of a demo task, whose times are in seconds before `now`."""
    problem = row.get("problem")
    return Task(
        id=task_id,
        url=row["url"],
        name=row["name"],
        folder_id=row["folder_id"],
        state=TaskState(row["state"]),
        status=row["status"],
        percent=row["percent"],
        task_id=row["task_id"],
        created_at=now - row["created_ago_s"],
        sent_at=_seconds_before(now, row["sent_ago_s"]),
        finished_at=_seconds_before(now, row["finished_ago_s"]),
        checked_at=_seconds_before(now, row["finished_ago_s"]),
        fail_reason=row["fail_reason"],
        file_id=row["file_id"],
        retries=row["retries"],
        samples=tuple(Sample(now - ago, percent) for ago, percent in row["samples"]),
        timeline=tuple(
            TimelineEntry(
                now - step["ago_s"], TaskState(step["state"]), step["task_id"], step["percent"]
            )
            for step in row["steps"]
        ),
        problem=problem
        and Problem(
            ProblemKind(problem["kind"]), problem["message"], problem["code"], problem["trace_id"]
        ),
    )


def _seconds_before(now: float, ago_s: float | None) -> float | None:
    return None if ago_s is None else now - ago_s
