"""The rows come with the first change after the first frame, on every start."""

import sys
from pathlib import Path

import pytest

from tests.bench import stock
from tests.bench.service import ServiceProcess
from tests.bench.watched import Watched

STARTS = 20
WITHOUT_REPAINTS = """
from pan123_tui.ui import engine_link
engine_link.PAINT_INTERVAL_S = 3600.0
from pan123_tui.__main__ import main
main()
"""
"""The program, where what waits for the next paint is not seen."""


@pytest.mark.slow
def test_no_start_shows_its_rows_a_paint_interval_late(tmp_path: Path) -> None:
    stock.fill(tmp_path / "data", ended=100)
    places = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
    }
    frames_s, late_s = [], []
    with ServiceProcess() as service:
        for _ in range(STARTS):
            program = [sys.executable, "-c", WITHOUT_REPAINTS]
            with Watched(program, {**service.environ, **places}) as started:
                frame = started.wait_for("progress")
                late_s.append(started.wait_for(stock.NEWEST) - frame)
                frames_s.append(frame - started.started_at)
    print("\nrows after the first frame:", [round(late, 2) for late in sorted(late_s)])
    print("first frames:", [round(frame, 2) for frame in sorted(frames_s)])
