"""Starts: the first frame, the rows after it and their memory, and a command."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.bench import stock
from tests.bench.figures import Figure
from tests.bench.terminal import Scene, our_program, stock_app
from tests.bench.watched import Watched

ROUNDS = 7
MANY = Scene(ended=10_000)
UNTIL_FIRST_FRAME = """
import os, time
from importlib import import_module

WriterThread = import_module("textual.drivers._writer_thread").WriterThread

def write(self, text, write=WriterThread.write):
    if "added ▾" in text:
        used_ms = 1000 * time.process_time()
        with open(os.environ["REPORT"], "w") as report:
            print(used_ms, file=report)
        os._exit(0)
    write(self, text)

WriterThread.write = write
"""
"""Ends the program when it sends its first frame, and reports the processor time of its process."""
STOCK = UNTIL_FIRST_FRAME + "from tests.bench.baseline import main; main()"
OURS = UNTIL_FIRST_FRAME + "from pan123_tui.__main__ import main; main()"


def figures() -> Iterator[Figure]:
    """Measure starts, of processor time the least, which other processes disturb least."""
    frames = [(_first_frame_ms(STOCK), _first_frame_ms(OURS)) for _ in range(2 * ROUNDS)]
    usual_ms, ours_ms = map(min, zip(*frames, strict=True))
    what = "first frame, processor time"
    yield Figure(what, usual_ms, ours_ms, "ms", "1.25 ×")
    with stock_app("--rows=10000") as app:
        usual_rows_ms = 1000 * (app.wait_for(stock.NEWEST) - app.started_at) - usual_ms
        app.take(2.0)
        usual_mb = app.resident_mb
    for engine, is_warm, limit in (("cold", False, "400 ms"), ("running", True, "150 ms")):
        rows_ms, memory_mb = zip(*(_rows(is_warm=is_warm) for _ in range(ROUNDS)), strict=True)
        what = f"rows of 10,000 tasks after it, engine {engine}"
        yield Figure(what, usual_rows_ms, median(rows_ms), "ms", limit)
    yield Figure("memory, 10,000 tasks", usual_mb, median(memory_mb), "MB", "2.8 ×")
    for count in (30, 300):
        yield from _list(count)


def _first_frame_ms(program: str) -> float:
    with TemporaryDirectory() as name:
        report = Path(name) / "report"
        environ = {
            "PAN123_DATA_DIR": f"{name}/data",
            "PAN123_CONFIG_DIR": f"{name}/config",
            "PAN123_ACCESS_TOKEN": "bench",
            "REPORT": str(report),
        }
        with Watched([sys.executable, "-c", program], environ) as started:
            assert not started.take(60.0), "its first frame never came"
        return float(report.read_text())


def _rows(*, is_warm: bool) -> tuple[float, float]:
    """Return the milliseconds from the first frame to the newest row, and the memory after it."""
    with our_program(MANY, is_warm=is_warm) as program:
        first = program.wait_for("added ▾")
        rows_ms = 1000 * (program.wait_for(stock.NEWEST) - first)
        program.take(4.0 if is_warm else 0.0)
        return rows_ms, program.resident_mb


def _list(count: int) -> Iterator[Figure]:
    """Measure the processor time of `list --json`, beyond that of a bare Python."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        stock.fill(folder / "data", active=count // 2, ended=count // 2)
        python_ms = min(_cpu_ms("-c", "pass", at=folder) for _ in range(ROUNDS))
        command = ("-m", "pan123_tui", "list", "--json")
        took_ms = min(_cpu_ms(*command, at=folder) for _ in range(ROUNDS))
    what = f"list --json, {count} tasks, beyond a bare Python"
    yield Figure(what, None, took_ms - python_ms, "ms", "60 ms")


def _cpu_ms(*arguments: str, at: Path) -> float:
    environ = {
        "PAN123_DATA_DIR": str(at / "data"),
        "PAN123_CONFIG_DIR": str(at / "config"),
        "LANG": "C.UTF-8",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
