"""An error in the screen ends the program with a traceback; nothing hangs or is lost."""

import subprocess
import sys
from pathlib import Path

from tests.engine_stage import load_stored

SECRET = "a-secret-token"
PROGRAM = """
import os
from pan123_tui.bootstrap import build_app, engine_factory, load_context
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.ui.engine_bridge import EngineBridge

context = load_context(os.environ)
context.paths.ensure_directories()
app = build_app(context, EngineBridge(engine_factory(context)))

async def crash(pilot):
    await pilot.pause()
    await app.task_actions.add(AddTasks((DownloadRequest("https://example.com/f.bin?sign=xyz"),)))
    raise RuntimeError("an error in the screen")

app.run(headless=True, auto_pilot=crash)
app.watchdog.mark_done()
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
    output = done.stdout + done.stderr
    assert "an error in the screen" in output
    assert SECRET not in output
    (task,) = load_stored(tmp_path / "data").values()
    assert task.url == "https://example.com/f.bin?sign=xyz"
