"""An error in the screen ends the program with a traceback; nothing hangs or is lost."""

import subprocess
import sys
from pathlib import Path

from tests.shell import PATIENCE_S, Shell

SECRET = "a-secret-token"
PROGRAM = """
import os
from pan123_tui.bootstrap import engine_client, load_context
from pan123_tui.programs.dashboard import build_app
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.task import DownloadRequest

context = load_context(os.environ)
context.paths.ensure_directories()
app = build_app(context, engine_client(context))

async def crash(pilot):
    await pilot.pause()
    await app.engine.run(AddTasks((DownloadRequest("https://example.com/f.bin?sign=xyz"),)))
    raise RuntimeError("an error in the screen")

app.run(headless=True, auto_pilot=crash)
"""


def test_a_crash_keeps_secrets_and_the_engine_keeps_its_links(tmp_path: Path) -> None:
    shell = Shell(tmp_path, token=SECRET)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=shell.environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    output = done.stdout + done.stderr
    assert "an error in the screen" in output
    assert SECRET not in output
    assert shell.call("status", "--json").json["pid"]
    (task,) = shell.tasks()
    assert task["url"] == "https://example.com/f.bin?sign=xyz"
