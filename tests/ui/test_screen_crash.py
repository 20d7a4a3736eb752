"""A fault of the screen ends the program with a trace, but neither hangs nor loses anything."""

import subprocess
import sys
from pathlib import Path

from tests.engine_stage import load_stored

SECRET = "a-secret-token"
PROGRAM = """
import os
from pan123_tui.domain.task import Draft
from pan123_tui.wiring import dashboard, engine_opener, prepare, settle

household = settle(os.environ)
prepare(household)
app = dashboard(household, engine_opener(household))

async def break_down(pilot):
    await pilot.pause()
    await app.desk.add([Draft("https://example.com/f.bin?sign=xyz")])
    raise RuntimeError("a fault of the screen")

app.run(headless=True, auto_pilot=break_down)
app.departure.is_over()
"""


def test_the_program_ends_with_its_links_saved_and_its_secrets_kept(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            "PAN123_DATA_DIR": str(tmp_path / "data"),
            "PAN123_CONFIG_DIR": str(tmp_path / "config"),
            "PAN123_BASE_URL": "http://127.0.0.1:9",
            "PAN123_ACCESS_TOKEN": SECRET,
            "TERM": "xterm-256color",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert "a fault of the screen" in said
    assert SECRET not in said
    (task,) = load_stored(tmp_path / "data").values()
    assert task.url == "https://example.com/f.bin?sign=xyz"
