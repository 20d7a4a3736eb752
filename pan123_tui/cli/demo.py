"""The demo: the real program on a simulator inside it, in folders that are gone afterwards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pan123_tui.bootstrap import (
    AppContext,
    EngineFactory,
    EventListener,
    client_factory,
    load_context,
)
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.task import Sample, Task, TaskState, TimelineEntry

if TYPE_CHECKING:
    from pan123_tui.engine.engine import Engine
    from pan123_tui.simulator.demo import DemoRow
    from pan123_tui.simulator.server import SimulatorServer


@contextmanager
def demo(environ: Mapping[str, str]) -> Iterator[tuple[AppContext, EngineFactory]]:
    """Give a household of the demo's own and the opener of its engine; end the simulator after."""
    running: list[SimulatorServer] = []
    with TemporaryDirectory(prefix="pan123-demo-") as folder:
        context = load_context(_environment(environ, Path(folder)))

        def open_engine(listen: EventListener) -> "Engine":
            server, rows = _start_simulator()
            running.append(server)
            return _engine(context, listen, server.base_url, rows)

        try:
            yield context, open_engine
        finally:
            for server in running:
                server.stop()


def _environment(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Keep the terminal's variables and the language; account and folders are the demo's."""
    kept = {name: value for name, value in environ.items() if not name.startswith("PAN123_")}
    if language := environ.get("PAN123_LANG"):
        kept["PAN123_LANG"] = language
    return kept | {
        "PAN123_CONFIG_DIR": str(folder / "config"),
        "PAN123_DATA_DIR": str(folder / "data"),
    }


def _start_simulator() -> "tuple[SimulatorServer, list[DemoRow]]":
    from pan123_tui.simulator.demo import demo_world
    from pan123_tui.simulator.server import SimulatorServer

    world, rows = demo_world()
    return SimulatorServer(world).start(), rows


def _engine(
    context: AppContext, listen: EventListener, base_url: str, rows: "list[DemoRow]"
) -> "Engine":
    from pan123_tui.engine.engine import Engine
    from pan123_tui.engine.folders import FolderNames, Folders
    from pan123_tui.engine.ports import Session
    from pan123_tui.simulator.accounts import ACCESS_TOKEN
    from pan123_tui.store.task_store import TaskStore

    context.paths.ensure_directories()
    store = TaskStore.open(context.paths.data_dir)
    now = time.time()
    ids = store.new_ids(len(rows))
    store.put(stored_task(row, task_id=i, now=now) for i, row in zip(ids, rows, strict=True))
    session = Session(client_factory(_pointed_at(context, base_url, ACCESS_TOKEN)))
    folders = Folders(session, listen)
    names = FolderNames(folders, interval_s=0.2)
    return Engine(store, session, listen, workers=[names], folders=folders)


def _pointed_at(context: AppContext, base_url: str, token: str) -> AppContext:
    environ = dict(context.environ) | {
        "PAN123_BASE_URL": base_url,
        "PAN123_ACCESS_TOKEN": token,
    }
    return load_context(environ)


def stored_task(row: "DemoRow", *, task_id: int, now: float) -> Task:
    """Make the stored task of a row, whose times are seconds before `now`."""
    trouble = row.get("problem")
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
        sent_at=_before(now, row["sent_ago_s"]),
        finished_at=_before(now, row["finished_ago_s"]),
        checked_at=_before(now, row["finished_ago_s"]),
        fail_reason=row["fail_reason"],
        file_id=row["file_id"],
        retries=row["retries"],
        samples=tuple(Sample(now - ago, percent) for ago, percent in row["samples"]),
        steps=tuple(
            TimelineEntry(
                now - step["ago_s"], TaskState(step["state"]), step["task_id"], step["percent"]
            )
            for step in row["steps"]
        ),
        problem=trouble
        and Problem(
            ProblemKind(trouble["kind"]), trouble["message"], trouble["code"], trouble["trace_id"]
        ),
    )


def _before(now: float, ago_s: float | None) -> float | None:
    return None if ago_s is None else now - ago_s
