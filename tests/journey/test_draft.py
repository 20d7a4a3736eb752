"""A draft with its fields outlives the program, however that ends."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.service import SimulatorProcess
from tests.journey.terminal import Terminal
from tests.shell import Shell

LINK = "https://example.com/1.zip"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with SimulatorProcess() as service:
        yield Shell(tmp_path, service.base_url, token=service.token)


def saved_draft(shell: Shell) -> Any:
    path = shell.data / "state" / "draft.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


@pytest.mark.long
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_the_chosen_folder_and_the_typed_name_come_back_after_the_end(
    shell: Shell, name: str
) -> None:
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("online")
        terminal.press("a")
        terminal.sees("Paste or type")
        terminal.paste(LINK)
        terminal.sees("1 new")
        terminal.press("ctrl+o")
        terminal.sees("资料")
        terminal.press("j", "j", "j", "enter")
        terminal.sees("→ 资料")
        terminal.press("tab", "tab", *"weekend")
        terminal.sees("weekend")
        if name == "SIGKILL":  # which leaves what was saved a moment after the last key
            terminal.waits(lambda: "weekend" in str(saved_draft(shell)), "it is not saved")
        terminal.process.kill(getattr(signal, name))
        terminal.ends(within_s=60)
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("online")
        terminal.press("a")
        terminal.sees("draft restored")
        terminal.sees("→ 资料")
        terminal.sees("weekend")
        terminal.press("ctrl+s")
        terminal.sees("1.zip", "running")
    (task,) = shell.run("list", "--json").json
    assert (task["folder_id"], task["batch"]) == (10023, "weekend")
    assert not saved_draft(shell)
