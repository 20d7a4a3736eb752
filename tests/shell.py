"""Runs the program, mostly in processes of its own, on a data folder of the test."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache, partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import pytest

from pan123_tui.bootstrap import load_context
from pan123_tui.cli import COMPLETE_VARIABLE
from pan123_tui.cli.main import common_options, initial_language, main
from pan123_tui.cli.program import program
from pan123_tui.client import starter
from pan123_tui.domain.schedule import Schedule
from pan123_tui.domain.task import DownloadRequest, Task, new_task
from pan123_tui.programs import engine_process
from pan123_tui.store.task_store import TaskStore
from pan123_tui.system.folder_lock import is_listening, read_holder
from pan123_tui.system.log import stop_log
from tests.engine_thread import EngineThread
from tests.service.accounts import ACCESS_TOKEN

PATIENCE_S = 60.0
"""Only a failing test waits this long."""
HANDLED_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What the program has handlers for."""


@dataclass(frozen=True)
class FinishedCommand:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shell:
    """Runs `pan123-tui` with the environment of one user; its engines end with the test."""

    folder: Path
    base_url: str = "http://127.0.0.1:9"
    token: str = ACCESS_TOKEN
    extra_environ: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environ(self) -> dict[str, str]:
        own_size = ("COLUMNS", "LINES")  # each terminal of a test has its own
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PAN123_", *own_size))}
        own = {
            "PAN123_DATA_DIR": str(self.data),
            "PAN123_CONFIG_DIR": str(self.folder / "config"),
            "PAN123_BASE_URL": self.base_url,
            "PAN123_LANG": "en",
            "PYTHONUNBUFFERED": "1",
            "TERM": "xterm-256color",
        }
        account = {"PAN123_ACCESS_TOKEN": self.token} if self.token else {}
        return kept | own | account | self.extra_environ

    def configure(self, text: str) -> None:
        """Add `text` to `config.toml`."""
        (self.folder / "config").mkdir(0o700, parents=True, exist_ok=True)
        with (self.folder / "config" / "config.toml").open("a", encoding="utf-8") as file:
            file.write(text)

    def store(self, *tasks: Task, is_paused: bool = False) -> None:
        """Write `tasks` as a former engine has left them; none may run."""
        store = TaskStore(self.data)
        store.put(tasks)
        store.set_paused(is_paused)
        store.save_now()
        store.close()

    def queue(self, *urls: str) -> None:
        """Write links that no engine has sent yet, numbered from 1; none may run."""
        requests, now = map(DownloadRequest, urls), time.time()
        self.store(*(new_task(it, task_id=n, at=now) for n, it in enumerate(requests, start=1)))

    def start_engine(self) -> None:
        """Run the engine in a thread of this process, where a test can change its times."""
        EngineThread(load_context(self.environ).paths, self.environ)
        self.wait_until(lambda: is_listening(self.data))

    def call(self, *arguments: str, stdin: str | bytes = "") -> FinishedCommand:
        """Run a command in this process, which spares a tenth of a second; with English helps."""
        given = stdin.encode() if isinstance(stdin, str) else stdin
        out, err = TextIOWrapper(BytesIO(), "utf-8"), TextIOWrapper(BytesIO(), "utf-8")
        if (common_options(arguments)[0].get("--lang") or initial_language(self.environ)) != "en":
            _load_helps()
        former = {number: signal.getsignal(number) for number in HANDLED_SIGNALS}
        try:
            with (
                patch.dict(os.environ, self.environ, clear=True),
                patch.object(sys, "argv", ["pan123-tui", *arguments]),
                patch.object(starter, "spawn_engine", EngineThread),
                patch.object(engine_process, "SHUTDOWN_TIMEOUT_S", PATIENCE_S),
                patch.object(sys, "stdin", TextIOWrapper(BytesIO(given), "utf-8")),
                redirect_stdout(out),
                redirect_stderr(err),
                pytest.raises(SystemExit) as end,
            ):
                main()
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)
            stop_log()  # which other tests could not read
            gc.unfreeze()
            gc.enable()
        return FinishedCommand(int(end.value.code or 0), _written(out), _written(err))

    def complete(self, shell: str, *words: str) -> list[str]:
        """Return what `shell` is offered for the last of `words`, which may be empty."""
        typed = {
            COMPLETE_VARIABLE: f"{shell}_complete",
            "COMP_WORDS": "\n".join(("pan123-tui", *words)),
            "COMP_CWORD": words[-1] if shell == "fish" else str(len(words)),
        }
        ran = replace(self, extra_environ=self.extra_environ | typed).call()
        lines = ran.out.split("\n")[:-1] if ran.out.strip() else []
        return lines[1::3] if shell == "zsh" else [it.removeprefix("plain,") for it in lines]

    def run(self, *arguments: str, stdin: str | bytes = "") -> FinishedCommand:
        """Run a command in a process of its own and return its result."""
        done = subprocess.run(
            self._command(arguments),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=self.environ,
            timeout=PATIENCE_S,
            check=False,
        )
        return FinishedCommand(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command in the background and terminate it afterwards."""
        process = subprocess.Popen(
            self._command(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environ,
            text=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.communicate(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()

    @contextmanager
    def watching(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """Run `watch`; yield once it listens, which it signs last."""
        with self.running("watch", *arguments) as process:
            self.wait_until(lambda: self._is_heard(process))
            yield process

    def tasks(self) -> list[dict[str, Any]]:
        """Return the output of `list --json`."""
        ran = self.call("list", "--json")
        assert ran.code == 0, ran.err
        tasks: list[dict[str, Any]] = ran.json
        return tasks

    def wait_until(self, is_true: Callable[[], object]) -> None:
        """Wait until `is_true`."""
        deadline = time.monotonic() + PATIENCE_S
        while not is_true():
            assert time.monotonic() < deadline, "the condition was never met"
            time.sleep(0.05)

    def _is_heard(self, process: subprocess.Popen[str]) -> bool:
        assert process.poll() is None, process.communicate()
        holder = read_holder(self.data)
        return holder.pid == process.pid and holder.socket is not None

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "pan123_tui", *arguments]


def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an engine in this process look sooner for a task's end and for its file."""
    often = partial(Schedule, min_interval_s=0.05)
    monkeypatch.setattr("pan123_tui.engine.poller.Schedule", often)
    monkeypatch.setattr("pan123_tui.engine.poller.FIRST_POLL_DELAY_S", 0.05)
    monkeypatch.setattr("pan123_tui.engine.folder_watcher.ARRIVAL_DELAYS_S", (0.05, 20.0, 120.0))


@cache
def _load_helps() -> None:
    """Import all commands in English: their helps stay in the language of their import."""
    context = click.Context(program)
    for name in program.list_commands(context):
        program.get_command(context, name)


def _written(stream: TextIOWrapper) -> str:
    """Return what was written to `stream`."""
    stream.seek(0)
    return stream.read()
