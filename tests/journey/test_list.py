"""`list` in a terminal: a table, which `--watch` refreshes in place and takes away again."""

import signal
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


def test_in_a_terminal_the_list_has_headings_and_in_a_pipe_it_is_as_ever(shell: Shell) -> None:
    with RecordingTerminal("list", environ=shell.environ, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert terminal.lines[0].split() == ["ID", "state", "%", "name"]
        assert terminal.lines[1].split() == ["1", "queued", "电影.iso"] or "电" in terminal.lines[1]
        assert b"\x1b[90mqueued" in terminal.written
    no_colors = {**shell.environ, "NO_COLOR": "1"}
    with RecordingTerminal("list", environ=no_colors, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert b"\x1b" not in terminal.written
    assert shell.call("list").out == "    1  queued              电影.iso\n"


def test_watch_follows_the_engine_and_the_files_and_gives_the_terminal_back(shell: Shell) -> None:
    with RecordingTerminal("list", "--watch", "0.5", environ=shell.environ, rows=8) as terminal:
        terminal.sees("1 task · nothing runs · ctrl+c ends")
        with shell.watching():
            shell.call("add", *(f"https://example.com/{n}.zip" for n in range(8)))
            terminal.sees("9 tasks · 3 do not fit · ctrl+c ends")
        terminal.sees("9 tasks · 3 do not fit · nothing runs")
        terminal.press("x", "\x03")
        assert terminal.ends(within_s=60) == 0
        assert b"4.zip" in terminal.written.rpartition(b"\x1b[?1049l")[2], "it stays to be read"
        assert terminal.written.count(b"\x1b[?1049h") == terminal.written.count(b"\x1b[?1049l") == 1
        assert b"\x1b[?25h" in terminal.written


@pytest.mark.parametrize("end", ["q", signal.SIGTERM])
def test_q_and_a_signal_end_it_with_the_terminal_restored(
    shell: Shell, end: str | signal.Signals
) -> None:
    with RecordingTerminal("list", "--watch", "60", environ=shell.environ) as terminal:
        terminal.sees("1 task")
        terminal.process.setwinsize(20, 50)
        terminal.waits(lambda: terminal.written.count(b"\x1b[2J") == 2, "not drawn again")
        if isinstance(end, str):
            terminal.press(end)
        else:
            terminal.process.kill(end)
        assert terminal.ends(within_s=60) == (0 if end == "q" else 128 + signal.SIGTERM)
        assert b"\x1b[?25h\x1b[?1049l" in terminal.written


def test_an_unknown_batch_is_named_before_anything_is_drawn(shell: Shell) -> None:
    arguments = ("list", "--watch", "--batch", "none")
    with RecordingTerminal(*arguments, environ=shell.environ) as terminal:
        terminal.sees("There is no batch “none”.")
        assert terminal.ends(within_s=60) == 1
        assert b"\x1b[?1049h" not in terminal.written


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--watch",), "--watch needs a terminal to draw in."),
        (("--watch", "--json"), "Use either --watch or --json or --tsv."),
        (("--watch", "0"), "“0” is not a number of seconds from 0.5 to 3600"),
        (("--watch", "soon"), "“soon” is not a number of seconds"),
        (("--watch=nan",), "“nan” is not a number of seconds"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_next_step(
    shell: Shell, arguments: tuple[str, ...], words: str
) -> None:
    ran = shell.call("list", *arguments)
    assert ran.code == 2
    assert words in ran.err
