"""Point 4: the time from the command to the first frame and the rows, and of other commands."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import stock
from tests.bench.figures import Figure
from tests.bench.runs import Scene, median, our_program, stock_app

ROUNDS = 5
MANY = Scene(ended=10_000)


def figures() -> Iterator[Figure]:
    """Measure starts, alternating with the baseline, a bare table."""
    bare, none, many, rows, warm_rows = [], [], [], [], []
    for _ in range(ROUNDS):
        with stock_app() as app:
            bare.append(app.wait_for("progress") - app.started_at)
        with our_program(Scene()) as program:
            none.append(program.wait_for("progress") - program.started_at)
        with our_program(MANY) as program:
            first = program.wait_for("progress")
            many.append(first - program.started_at)
            rows.append(program.wait_for(stock.NEWEST) - first)
        with our_program(MANY, is_warm=True) as program:
            first = program.wait_for("progress")
            warm_rows.append(program.wait_for(stock.NEWEST) - first)
    middle = ROUNDS // 2
    usual_ms = 1000 * sorted(bare)[middle]
    for what, times in (("no tasks", none), ("10,000 tasks", many)):
        ours_ms = 1000 * sorted(times)[middle]
        yield Figure(4, f"first frame, {what}", usual_ms, ours_ms, "ms", 1.25, is_ratio=True)
    with stock_app("--rows=10000") as app:
        usual_rows_ms = 1000 * (app.wait_for("#0 ") - app.started_at) - usual_ms
    for what, times, limit in (("cold", rows, 400), ("running", warm_rows, 150)):
        ours_ms = 1000 * sorted(times)[middle]
        yield Figure(
            4, f"rows of 10,000 tasks after it, engine {what}", usual_rows_ms, ours_ms, "ms", limit
        )
    yield from _commands()


def _commands() -> Iterator[Figure]:
    python_ms = median(lambda: _duration_ms("-c", "pass"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        stock.fill(folder / "data", ended=10)
        for words in ("--version", "--help", "list"):
            took_ms = median(lambda words=words: _duration_ms("-m", "pan123_tui", words, at=folder))  # type: ignore[misc]
            what = f"{words}, beyond a bare python"
            yield Figure(4, what, None, took_ms - python_ms, "ms", 60)


def _duration_ms(*arguments: str, at: Path = Path()) -> float:
    environ = {
        "PAN123_DATA_DIR": str(at / "data"),
        "PAN123_CONFIG_DIR": str(at / "config"),
        "LANG": "C.UTF-8",
    }
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - started)
