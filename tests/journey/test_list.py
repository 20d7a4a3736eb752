"""`list` in a terminal: a table, and in a pipe plain lines."""

from pathlib import Path

from tests.journey.terminal import Terminal
from tests.shell import Shell

URL = "https://example.com/电影.iso"


def test_in_a_terminal_the_list_has_headings_and_in_a_pipe_it_is_plain(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.queue(URL)  # and nothing runs: `list` starts no engine
    with Terminal("list", environ=shell.environ, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert terminal.lines[0].split() == ["ID", "state", "%", "note", "name"]
        assert (
            terminal.lines[1].split() == ["1", "queued", "next", "电影.iso"]
            or "电" in terminal.lines[1]
        )
        assert b"\x1b[90mqueued" in terminal.heard
    no_colors = {**shell.environ, "NO_COLOR": "1"}
    with Terminal("list", environ=no_colors, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert b"\x1b" not in terminal.heard
    assert shell.call("list").out == "    1  queued          电影.iso (next)\n"
