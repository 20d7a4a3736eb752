"""The background engine as a thread of the tests' process, which spares a process its start."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from pan123_tui.bootstrap import AppContext, error_message, load_context
from pan123_tui.client.starter import LOCKED_CODE, REPORT_NAME
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.errors import StoreLocked
from pan123_tui.engine.status import EventPublisher
from pan123_tui.programs.engine_process import BACKGROUND, open_engine
from pan123_tui.system.folder_lock import FolderLock

_RUNNING: list["EngineThread"] = []
END_TIMEOUT_S = 20.0


class EngineThread:
    """Runs the engine of a data folder until it is told to end; has the `poll` of a process."""

    def __init__(self, _paths: AppPaths, environ: Mapping[str, str], *options: str) -> None:
        """Start it: the `spawn_engine` of a test."""
        assert not options, "a demo runs in a process of its own"
        self._environ = dict(environ)
        self._code: int | None = None
        self._end: Callable[[], None] | None = None
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()
        _RUNNING.append(self)

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self._code

    def end(self) -> None:
        """End it and wait for that."""
        while self._thread.is_alive() and self._end is None:
            self._thread.join(0.01)
        if self._end is not None:
            self._end()
        self._thread.join(END_TIMEOUT_S)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        context = load_context(self._environ)
        try:
            with FolderLock(context.paths.data_dir, program=BACKGROUND) as lock:
                asyncio.run(self._work(context, lock))
        except StoreLocked:
            self._code = LOCKED_CODE
        except Exception as error:  # noqa: BLE001 - what a process would print
            with suppress(OSError):
                report = context.paths.state_dir / REPORT_NAME
                report.write_text(f"pan123-tui: {error_message(error)}\n")
            self._code = 1
        else:
            self._code = 0

    async def _work(self, context: AppContext, lock: FolderLock) -> None:
        events = EventPublisher()
        engine, _server = open_engine(context, events, lock=lock)
        loop = asyncio.get_running_loop()

        def end() -> None:
            with suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(engine.stop)

        self._end = end
        await engine.run()


def end_engines() -> None:
    """End those that the test has started."""
    while _RUNNING:
        _RUNNING.pop().end()
