"""`list` in a terminal: a table, and in a pipe plain lines."""

from pathlib import Path

import pytest

from pan123_tui.domain.task import DownloadRequest, new_task
from pan123_tui.store.task_store import TaskStore
from tests.journey.terminal import Terminal
from tests.shell import Shell

URL = "https://example.com/电影.iso"


class RecordingTerminal(Terminal):
    """Keeps everything that the program writes."""

    written = b""

    def on_output(self, drawn: bytes) -> None:
        self.written += drawn


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with one link, and nothing that runs: `list` starts no engine."""
    shell = Shell(tmp_path)
    store = TaskStore.open(shell.data)
    store.put([new_task(DownloadRequest(URL), task_id=1, at=1.0)])
    store.close()
    return shell


def test_in_a_terminal_the_list_has_headings_and_in_a_pipe_it_is_plain(shell: Shell) -> None:
    with RecordingTerminal("list", environ=shell.environ, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert terminal.lines[0].split() == ["ID", "state", "%", "note", "name"]
        assert (
            terminal.lines[1].split() == ["1", "queued", "next", "电影.iso"]
            or "电" in terminal.lines[1]
        )
        assert b"\x1b[90mqueued" in terminal.written
    no_colors = {**shell.environ, "NO_COLOR": "1"}
    with RecordingTerminal("list", environ=no_colors, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert b"\x1b" not in terminal.written
    assert shell.call("list").out == "    1  queued          电影.iso (next)\n"
