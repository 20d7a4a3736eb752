"""The whole dashboard on the engine of a data folder, found by its socket."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

from pan123_tui.bootstrap import build_app, engine_client, load_context
from pan123_tui.ui.app import Pan123App
from tests.ui.dashboard_stage import Story


class EndedProcess:
    """An engine's process that has ended with `code`, or runs."""

    def __init__(self, code: int | None) -> None:
        self._code = code

    def poll(self) -> int | None:
        return self._code


class AttachedStory(Story):
    """A story whose engine is the test's: it counts how often the screen starts one."""

    starts = 0
    exit_code: int | None = None
    """How the process of a started engine ends; None: it runs."""

    def spawn(self, *_paths_and_options: object) -> EndedProcess:
        self.starts += 1
        return EndedProcess(self.exit_code)


@asynccontextmanager
async def attached_story(
    folder: Path,
    *,
    is_loaded: Callable[[Pan123App], bool] = lambda app: app.model.is_loaded,
    exit_code: int | None = None,
    size: tuple[int, int] = (150, 30),
) -> AsyncIterator[AttachedStory]:
    """Open a dashboard on the data of `folder`; what it starts ends with `exit_code`."""
    environ = {"PAN123_CONFIG_DIR": str(folder / "config"), "PAN123_DATA_DIR": str(folder)}
    environ |= {"PAN123_ACCESS_TOKEN": "a-token", "PAN123_BASE_URL": "http://127.0.0.1:9"}
    context = load_context(environ)
    context.paths.ensure_directories()
    told = AttachedStory(cast("Any", None), cast("Any", None))
    told.exit_code = exit_code
    app = build_app(context, engine_client(context))
    app.link.interval_s = 0.02
    with patch("pan123_tui.client.starter.spawn_engine", told.spawn):
        async with app.run_test(size=size, notifications=True) as pilot:
            told.pilot = pilot
            await told.sees(partial(is_loaded, app))
            yield told
            await app.run_action("quit")
