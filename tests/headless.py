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
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from pan123_tui.api.client import Pan123Client
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.ports import Session
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.engine.status import EventPublisher
from pan123_tui.store.atomic_storage import AtomicStorage
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import FolderLock
from tests.engine_stage import FAST_POLLING, client_factory

LONGEST_RUN_S = 120
"""A run that is not killed ends by itself."""
INTENT, UNCONFIRMED, OUTCOME = "submitting", "unconfirmed", "running"
BACKED_UP, REPLACED = "backed_up", "replaced"
"""How far a write of the store has come; from the last one on, the new generation counts."""
BEFORE_POST, ANSWERED = "before_post", "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The settings of one run."""

    folder: str
    base_url: str
    die_at: str = ""
    """`<state>:<step>` of the write that brings the first task of that state, or a word."""
    serves: bool = False
    """Whether it serves screens."""


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
        """Wait until the run was killed, by itself or by us; return the lines not read yet."""
        lines = []
        while not (line := self.read_line()).startswith("ended"):
            lines.append(line)
        self.pid = 0
        assert line == f"ended {-signal.SIGKILL}", [*lines, line]
        return lines


def _print(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _work(run: Run) -> None:
    folder = Path(run.folder)
    with FolderLock(folder, program="headless") as lock:
        store = TaskStore(folder, lock=lock)
        assert store.notice is None, store.notice
        servers = [ScreenServer(lock)] if run.serves else []
        session = Session(client_factory(run.base_url))
        engine = Engine(store, session, EventPublisher(), rules=FAST_POLLING, workers=servers)
        for server in servers:
            server.use(engine)
        async with asyncio.timeout(LONGEST_RUN_S):
            await engine.run()


def _arm(die_at: str) -> None:
    """Let this process die at a certain point."""
    state, _, step = die_at.partition(":")
    if step:
        _arm_storage(state, step)
    elif die_at:
        _arm_client(die_at)


def _arm_storage(state: str, fatal_step: str) -> None:
    is_fatal = False
    whole_write, make_backup = AtomicStorage.write, AtomicStorage._make_backup

    def back_up(storage: AtomicStorage) -> None:
        make_backup(storage)
        if is_fatal and fatal_step == BACKED_UP:
            _die()

    def write(storage: AtomicStorage, data: Mapping[str, Mapping[str, Any]]) -> None:
        nonlocal is_fatal
        is_fatal = any(task["state"] == state for task in data["tasks"].values())
        whole_write(storage, data)
        if is_fatal and fatal_step == REPLACED:
            _die()

    patch.object(AtomicStorage, "_make_backup", back_up).start()
    patch.object(AtomicStorage, "write", write).start()


def _arm_client(word: str) -> None:
    create_task = Pan123Client.create_task

    async def create_and_die(client: Pan123Client, draft: DownloadRequest) -> int:
        if word == BEFORE_POST:
            _die()
        await create_task(client, draft)
        _die()
        raise AssertionError

    patch.object(Pan123Client, "create_task", create_and_die).start()


def _serve() -> None:
    """Fork a run for each line, and print how it ended."""
    for line in sys.stdin:
        run = Run(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            _print("pid", os.getpid())  # by the run, whose other lines come after it
            _arm(run.die_at)
            asyncio.run(_work(run))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        _print("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    _serve()
