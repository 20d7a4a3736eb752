"""The demo: the real program on a simulated service, in a temporary folder."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import Sample, Task, TaskState, TimelineEntry

if TYPE_CHECKING:
    from pan123_tui.simulator.demo import DemoRow

PREFIX = "pan123-demo-"
"""Of the folder of a demo, which its engine removes."""


def demo_context(environ: Mapping[str, str]) -> AppContext:
    """Return the context of a new demo, in a temporary folder of its own."""
    context = load_context(_environment(environ, Path(mkdtemp(prefix=PREFIX))))
    context.paths.ensure_directories()
    return context


def remove_demo(context: AppContext) -> None:
    """Remove the folder of a demo."""
    folder = context.paths.data_dir.parent
    if folder.name.startswith(PREFIX):
        rmtree(folder, ignore_errors=True)


@contextmanager
def demo_service(context: AppContext) -> Iterator[AppContext]:
    """Run the simulated service, fill the data folder, and yield the context of its account."""
    from pan123_tui.simulator.accounts import ACCESS_TOKEN
    from pan123_tui.simulator.demo import demo_world
    from pan123_tui.simulator.server import SimulatorServer

    world, rows = demo_world()
    server = SimulatorServer(world).start()
    try:
        _store(context, rows)
        account = {"PAN123_BASE_URL": server.base_url, "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
        yield load_context({**context.environ, **account})
    finally:
        server.stop()
        remove_demo(context)


def _store(context: AppContext, rows: "list[DemoRow]") -> None:
    from pan123_tui.store.task_store import TaskStore

    store = TaskStore.open(context.paths.data_dir)
    if not store.tasks:  # else its engine was killed and started again
        now, ids = time.time(), store.new_ids(len(rows))
        store.put(stored_task(row, task_id=i, now=now) for i, row in zip(ids, rows, strict=True))
    store.close()


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return `environ` with the language, but without the user's account and folders."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PAN123_")}
    if language := environ.get("PAN123_LANG"):
        kept["PAN123_LANG"] = language
    return kept | {
        "PAN123_CONFIG_DIR": str(folder / "config"),
        "PAN123_DATA_DIR": str(folder / "data"),
    }


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
