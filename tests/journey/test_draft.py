"""A draft with its fields outlives the program, however that ends."""

import json
import signal
from typing import Any

import pytest

from tests.journey.terminal import Terminal
from tests.shell import Shell

SERVICE_SPEED = 1.0
LINK = "https://example.com/1.zip"


def saved_draft(shell: Shell) -> Any:
    path = shell.data / "state" / "draft.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


@pytest.mark.long
def test_the_chosen_folder_and_the_typed_names_come_back_after_both_kinds_of_end(
    shell: Shell,
) -> None:
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("logged in")
        terminal.press("a")
        terminal.sees("or type one")
        terminal.paste(LINK)
        terminal.sees("1 link to queue")
        terminal.press("tab", *"资料", "enter")
        terminal.sees("#10023")
        terminal.press("tab", *"weekend")
        terminal.waits(lambda: "weekend" in str(saved_draft(shell)), "it is not saved")
        terminal.process.kill(signal.SIGKILL)  # which leaves what was saved after the last key
        terminal.ends(within_s=60)
    with Terminal(environ=shell.environ) as terminal:
        terminal.sees("logged in")
        terminal.press("a")
        terminal.sees("1 link to queue")
        terminal.sees("资料", "weekend")
        terminal.press("tab", "tab", "tab", "enter")
        terminal.sees("File name")
        terminal.press("tab", *"film.zip")
        terminal.sees("film.zip")
        terminal.process.kill(signal.SIGTERM)  # which is given the time to save
        terminal.ends(within_s=60)
    draft = saved_draft(shell)
    assert [row["text"] for row in draft["rows"]] == [LINK]
    assert {"film.zip", "资料", "weekend"} == set(draft["fields"].values())
