"""The simulator over real HTTP on loopback: its logins, its faults, and alone."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from tests.shell import Shell


def test_alone_it_prints_what_connects_a_shell_and_logs_in(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.service"]
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        assert process.stdout is not None
        _export, *variables = shlex.split(process.stdout.readline())
        (folder,) = tmp_path.iterdir()
        found = Shell(folder, extra_environ=dict(word.split("=", 1) for word in variables))
        assert found.call("status", "--json").code == 1  # nothing runs there yet
        assert "Logged in as" in found.call("login", "--token", stdin="sim-access-token\n").err
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert list(tmp_path.iterdir()) == []
