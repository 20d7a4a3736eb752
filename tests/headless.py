"""Runs the program without a UI in a process that a test may kill at any moment.

`Headless` starts one process that imports everything; each run is a fork of it, so that two
hundred runs do not cost two hundred imports. A run holds the folder's lock and uses the real
store, engine and client, like the dashboard. What it prints is on disk before it is printed.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from tests.engine_stage import FAST_POLLING, client_factory, config_of, poll_fast

LONGEST_RUN_S = 120
"""A run that is not killed ends by itself."""
CHANGE_S = 0.05
"""How often the engine of a run goes on with other settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The settings of one run."""

    folder: str
    base_url: str


class Headless:
    """Starts runs one after the other and reads what they print."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.headless"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.communicate()

    def start(self, run: Run) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(run)) + "\n")
        self._process.stdin.flush()
        word, pid = self.read_line().split()
        assert word == "pid"
        self.pid = int(pid)

    def read_line(self) -> str:
        """Return the next line that the run prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process for the runs has died"
        return line.strip()

    def kill(self) -> list[str]:
        """Kill the run with SIGKILL and return the lines not read yet."""
        os.kill(self.pid, signal.SIGKILL)
        return self.read_rest()

    def read_rest(self) -> list[str]:
        """Wait until the run was killed; return the lines not read yet."""
        lines = []
        while not (line := self.read_line()).startswith("ended"):
            lines.append(line)
        self.pid = 0
        assert line == f"ended {-signal.SIGKILL}", [*lines, line]
        return lines


def _print(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


async def _work(run: Run) -> None:
    folder = Path(run.folder)
    with FolderLock(folder, program="headless") as lock:
        store = TaskStore(folder, lock=lock)
        assert store.notice is None, store.notice
        server = ScreenServer(lock)
        config = config_of(client_factory(run.base_url), FAST_POLLING)
        engine = Engine(store, config, EventPublisher(), workers=[server])
        server.use(engine)
        async with asyncio.timeout(LONGEST_RUN_S), asyncio.TaskGroup() as group:
            poll_fast(engine)
            changing = group.create_task(_change_often(engine))
            await engine.run()
            changing.cancel()


async def _change_often(engine: Engine) -> None:
    while True:
        await asyncio.sleep(CHANGE_S)
        engine.change_to(engine.config)


def _serve() -> None:
    """Fork a run for each line, and print how it ended."""
    for line in sys.stdin:
        run = Run(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            _print("pid", os.getpid())  # by the run, whose other lines come after it
            asyncio.run(_work(run))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        _print("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    _serve()
