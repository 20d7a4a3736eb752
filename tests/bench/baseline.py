"""The usual way to write such an app: a stock table, three cells and a TinyDB update per poll.

Its table has the program's columns, rows and words, and its tasks move as fast. It asks no service.
`python -m tests.bench.baseline --rows 1000 --active 100 --polls 5 --saves`
"""

import argparse
import time
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header
from tinydb import TinyDB, where

COLUMNS = {"state": 9, "   %": 4, "note": 32, "name": 37, "added ▾": 7, "host": 16}
"""As wide as the program's in a terminal of 120 cells."""
PERCENT_PER_S = 0.2


class StockApp(App[None]):
    """A table of tasks as in the tutorials, the newest first."""

    BINDINGS = [("S", "refill", "sort"), ("j", "down", "down"), ("q", "quit", "quit")]  # noqa: RUF012

    def __init__(self, chosen: argparse.Namespace, file: Path) -> None:
        super().__init__()
        self._chosen = chosen
        self._file = file
        self._due = cycle(range(chosen.active, 0, -1))
        self._started = time.monotonic()
        self._is_reverse = False

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for label, width in COLUMNS.items():
            table.add_column(label, key=label, width=width)
        self._fill()
        if self._chosen.saves:
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
                for number in range(1, self._chosen.rows + 1)
            )
        if self._chosen.polls:
            self.set_interval(1 / self._chosen.polls, self._poll)

    def action_down(self) -> None:
        self.query_one(DataTable).action_cursor_down()

    def action_refill(self) -> None:
        self._is_reverse = not self._is_reverse
        self.query_one(DataTable).clear()
        self._fill()

    def _fill(self) -> None:
        table, last = self.query_one(DataTable), self._chosen.rows
        for number in range(1, last + 1) if self._is_reverse else range(last, 0, -1):
            name = f"Show {number // 24} - {number % 24:02} [1080p].mkv"
            name = "newest-of-all.mkv" if number == last else name
            state = "▸ running" if number <= self._chosen.active else "√ done"
            progress, note, added = self._moving(number)
            cells = (state, progress, note, name, added, "example.com")
            table.add_row(*cells, key=str(number))

    def _moving(self, number: int) -> tuple[str, str, str]:
        """Return the progress, the note and the age of a task."""
        if number > self._chosen.active:
            return "100%", "1.3 GB", "1 h"
        percent = (1 + number % 60 + PERCENT_PER_S * (time.monotonic() - self._started)) % 99
        age_s, left_s = percent / PERCENT_PER_S, (100 - percent) / PERCENT_PER_S
        return f"{percent:3.0f}%", f"~{left_s / 60:.0f} min", f"{age_s / 60:.0f} min"

    def _poll(self) -> None:
        table, number = self.query_one(DataTable), next(self._due)
        for label, text in zip(("   %", "note", "added ▾"), self._moving(number), strict=True):
            table.update_cell(str(number), label, text)
        if self._chosen.saves:
            percent = float(table.get_cell(str(number), "   %")[:3])
            self._db.update({"percent": percent}, where("id") == number)


def main() -> None:
    """Run the app."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=0)
    options.add_argument("--active", type=int, default=0, help="how many are not done, the oldest")
    options.add_argument("--polls", type=float, default=0.0, help="per second")
    options.add_argument("--saves", action="store_true")
    with TemporaryDirectory() as folder:
        StockApp(options.parse_args(), Path(folder) / "db.json").run()


if __name__ == "__main__":
    main()
