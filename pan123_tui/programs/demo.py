"""The demo: the real program on a simulated service, in a temporary folder."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from msgspec import convert

from pan123_tui.bootstrap import AppContext, load_context
from pan123_tui.domain.task import Task

PREFIX = "pan123-demo-"
"""Prefix of a demo's folder, which the demo's engine removes."""


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
    from pan123_tui.simulator.demo import fill
    from pan123_tui.simulator.server import LoopbackServer, make_app
    from pan123_tui.simulator.world import ACCESS_TOKEN, World

    world = World()
    store_rows(context, fill(world))
    with LoopbackServer(make_app(world)) as server:
        account = {"PAN123_BASE_URL": server.base_url, "PAN123_ACCESS_TOKEN": ACCESS_TOKEN}
        try:
            yield load_context({**context.environ, **account})
        finally:
            remove_demo(context)


def store_rows(context: AppContext, rows: list[dict[str, Any]]) -> None:
    """Store the demo's tasks, unless its engine was killed and started again."""
    from pan123_tui.store.task_store import TaskStore

    store = TaskStore(context.paths.data_dir)
    if not store.tasks:
        ids = store.new_ids(len(rows))
        store.put(convert({"id": i, **row}, Task) for i, row in zip(ids, rows, strict=True))
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
