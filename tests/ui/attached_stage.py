"""The whole dashboard beside an engine that holds its data folder, as in another process."""

import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from pan123_tui.bootstrap import build_app, load_context
from pan123_tui.cli import dashboard
from pan123_tui.config.log import stop_log
from pan123_tui.store.lock import StoreLock
from pan123_tui.ui.app import Pan123App
from pan123_tui.ui.terminal.shutdown import SIGNALS
from tests.ui.dashboard_stage import PATIENCE_S, Story


@asynccontextmanager
async def attached_story(
    folder: Path,
    *,
    is_loaded: Callable[[Pan123App], bool] = lambda app: app.model.is_loaded,
    size: tuple[int, int] = (150, 30),
) -> AsyncIterator[Story]:
    """Open a dashboard on the data of `folder` as the command line does."""
    environ = {"PAN123_CONFIG_DIR": str(folder / "config"), "PAN123_DATA_DIR": str(folder)}
    environ |= {"PAN123_ACCESS_TOKEN": "a-token", "PAN123_BASE_URL": "http://127.0.0.1:9"}
    former = {number: signal.getsignal(number) for number in SIGNALS}
    locks: list[StoreLock] = []
    context = load_context(environ)
    app = build_app(context, dashboard._engine_switch(context, locks, lambda _: None))
    app.paint_interval_s = 0.02
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            told = Story(pilot, cast("Any", None))
            await told.sees(partial(is_loaded, app))
            yield told
            await pilot.app.run_action("quit")
    finally:
        app.client.stop(PATIENCE_S)
        app.watchdog.mark_done()
        for lock in locks:
            lock.release()
        stop_log()
        for number, handler in former.items():
            signal.signal(number, handler)
