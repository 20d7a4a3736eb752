"""Bytes to the terminal and processor time of the program and the stock app, without input."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pan123_tui.system.folder_lock import read_holder
from tests.bench import stock
from tests.bench.figures import Figure
from tests.bench.service import ServiceProcess
from tests.bench.watched import Watched

POLLS_PER_S = 5.0
SETTLE_S, WINDOW_S = 6.0, 15.0
STATUS_SETTLE_S = 20.0
"""Time until the status bar has shown the rate in use several times."""


class Scene(NamedTuple):
    """What is stored."""

    active: int = 0
    ended: int = 0
    """Newer than the active ones, so the active ones are off the screen."""


class Usage(NamedTuple):
    """What a program used during the measurement."""

    bytes_per_s: float
    cpu_percent: float
    wake_ups_per_s: float


@contextmanager
def our_program(scene: Scene, *, is_warm: bool = False) -> Iterator[Watched]:
    """Run the program on the tasks of `scene`, with a service that answers at once.

    `is_warm`: its engine runs before it.
    """
    with TemporaryDirectory() as name, ServiceProcess() as service:
        folder = Path(name)
        if scene.active or scene.ended:
            stock.fill(folder / "data", active=scene.active, ended=scene.ended)
        (folder / "config").mkdir(mode=0o700)
        setting = f"[service]\nprocess_per_s = {POLLS_PER_S}\n"
        (folder / "config" / "config.toml").write_text(setting)
        places = {
            "PAN123_DATA_DIR": str(folder / "data"),
            "PAN123_CONFIG_DIR": str(folder / "config"),
        }
        command, environ = [sys.executable, "-m", "pan123_tui"], {**service.environ, **places}

        def engine_pid() -> int | None:
            return read_holder(folder / "data").pid

        try:
            if is_warm:
                subprocess.run(
                    [*command, "resume"],
                    env={**os.environ, **environ},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=True,
                )
            with Watched(command, environ, engine_pid=engine_pid) as program:
                yield program
        finally:
            if pid := engine_pid():
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def stock_app(*options: str) -> Watched:
    """Run the baseline app."""
    return Watched([sys.executable, "-m", "tests.bench.baseline", *options])


def ours(scene: Scene) -> Usage:
    """Measure the program."""
    with our_program(scene) as program:
        program.wait_for(stock.NEWEST if scene.active or scene.ended else "No downloads")
        program.take(STATUS_SETTLE_S if scene.active else 0.0)
        return _usage(program)


def usual(scene: Scene) -> Usage:
    """Measure the baseline app with the same tasks."""
    polls_per_s = POLLS_PER_S if scene.active else 0
    options = [f"--rows={scene.active + scene.ended}", f"--active={scene.active}"]
    with stock_app(*options, f"--polls={polls_per_s}", "--saves") as app:
        app.wait_for("added ▾")
        return _usage(app)


def _usage(program: Watched) -> Usage:
    program.take(SETTLE_S)
    written, used_s, woken = program.written, program.cpu_s, program.wake_ups
    at = time.monotonic()
    program.take(WINDOW_S)
    took_s = time.monotonic() - at
    return Usage(
        (program.written - written) / took_s,
        100 * (program.cpu_s - used_s) / took_s,
        (program.wake_ups - woken) / took_s,
    )


SCENES = {
    "100 active": (Scene(active=100), "400 B/s", "4 %"),
    "1,000 active": (Scene(active=1000), "400 B/s", "4 %"),
    "1,000 active off the screen, 10,000 stored": (Scene(1000, 9000), "2 B/s", "4 %"),  # the title
    "idle": (Scene(ended=100), "0 B/s", "0.2 %"),
}


def figures() -> Iterator[Figure]:
    """Measure the bytes per second of each scene, and its share of a core."""
    for name, (scene, bytes_aim, cpu_aim) in SCENES.items():
        there, here = usual(scene), ours(scene)
        yield Figure(f"bytes, {name}", there.bytes_per_s, here.bytes_per_s, "B/s", bytes_aim)
        yield Figure(f"processor, {name}", there.cpu_percent, here.cpu_percent, "%", cpu_aim)
        if name == "idle":  # of screen and engine together
            yield Figure("wake-ups, idle", there.wake_ups_per_s, here.wake_ups_per_s, "/s", "4 /s")
