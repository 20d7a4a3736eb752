"""The usual way to write such an app: a stock table, a cell and TinyDB update per poll.

`python -m tests.bench.baseline --rows 1000 --active 100 --polls 5`
"""

import argparse
import time
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header
from tinydb import TinyDB, where

COLUMNS = ("state", "name", "progress", "left", "checked")


@dataclass(frozen=True)
class Workload:
    """What the app stores and updates."""

    rows: int
    active: int
    """How many rows change: the first ones, or the last ones with `is_off_screen`."""
    polls_per_s: float
    is_off_screen: bool
    saves: bool


class StockApp(App[None]):
    """A table of tasks as in the tutorials."""

    BINDINGS = [("S", "refill", "sort"), ("j", "down", "down"), ("q", "quit", "quit")]  # noqa: RUF012

    def __init__(self, workload: Workload, file: Path) -> None:
        super().__init__()
        self._workload = workload
        self._file = file
        active = range(workload.rows)[-workload.active :] if workload.active else range(0)
        self._active_rows = cycle(active if workload.is_off_screen else range(workload.active))
        self._count = 0
        self._is_reverse = False

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for column in COLUMNS:
            table.add_column(column, key=column)
        self._fill()
        if self._workload.saves:
            self._db = TinyDB(self._file)
            self._db.insert_multiple(
                {
                    "id": number,
                    "state": "running",
                    "url": f"https://example.com/{number}.mkv",
                    "percent": 0.0,
                    "samples": [[1.7e9 + i, i] for i in range(10)],
                    "steps": [
                        {"at": 1.7e9, "state": word} for word in ("queued", "submitting", "running")
                    ],
                }
                for number in range(self._workload.rows)
            )
        if self._workload.polls_per_s:
            self.set_interval(1 / self._workload.polls_per_s, self._poll)

    def action_down(self) -> None:
        self.query_one(DataTable).action_cursor_down()

    def action_refill(self) -> None:
        self._is_reverse = not self._is_reverse
        self.query_one(DataTable).clear()
        self._fill()

    def _fill(self) -> None:
        table = self.query_one(DataTable)
        numbers = range(self._workload.rows)
        for number in reversed(numbers) if self._is_reverse else numbers:
            name = f"[Group\\] Show {number // 24} - {number % 24:02} #{number} [1080p\\].mkv"
            table.add_row("running", name, "0.0 %", "–", "0 s ago", key=str(number))

    def _poll(self) -> None:
        table, number = self.query_one(DataTable), next(self._active_rows)
        self._count += 1
        percent = self._count % 1000 / 10
        table.update_cell(str(number), "progress", f"{percent:.1f} %")
        table.update_cell(str(number), "left", f"{1000 - percent:.0f} s")
        table.update_cell(str(number), "checked", time.strftime("%H:%M:%S"))
        if self._workload.saves:
            self._db.update({"percent": percent}, where("id") == number)


def main() -> None:
    """Run the app."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=0)
    options.add_argument("--active", type=int, default=0)
    options.add_argument("--polls", type=float, default=0.0)
    options.add_argument("--off-screen", action="store_true")
    options.add_argument("--saves", action="store_true")
    chosen = options.parse_args()
    habits = Workload(
        rows=chosen.rows,
        active=chosen.active,
        polls_per_s=chosen.polls,
        is_off_screen=chosen.off_screen,
        saves=chosen.saves,
    )
    with TemporaryDirectory() as folder:
        StockApp(habits, Path(folder) / "db.json").run()


if __name__ == "__main__":
    main()
