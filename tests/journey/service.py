"""The simulator in a separate process, controlled over HTTP."""

import re
import subprocess
import sys
from typing import Any, Self

import httpx


class SimulatorProcess:
    """Runs `pan123-tui simulate`."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pan123_tui", "simulate", "--speed", str(speed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        found = re.search(r"PAN123_BASE_URL=(\S+) PAN123_ACCESS_TOKEN=(\S+)", said)
        assert found, said
        self.base_url, self.token = found.groups()

    @property
    def environ(self) -> dict[str, str]:
        """The variables that connect the program to it."""
        return {"PAN123_BASE_URL": self.base_url, "PAN123_ACCESS_TOKEN": self.token}

    def tasks(self) -> list[dict[str, Any]]:
        """Return all tasks that were created."""
        answer = httpx.get(f"{self.base_url}/_sim/tasks", trust_env=False).json()
        tasks: list[dict[str, Any]] = answer["tasks"] if isinstance(answer, dict) else answer
        return tasks

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        self._process.wait(10)
