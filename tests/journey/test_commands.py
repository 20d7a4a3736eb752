"""Commands in a terminal: links open the review, a list is a table, a wait shows a line."""

import re
from pathlib import Path

from tests.journey.terminal import Terminal
from tests.shell import Shell

COLOURS = re.compile(rb"\x1b\[[349]\d*m")
URL, OTHER = "https://example.com/known.iso", "https://example.com/new.iso"


def test_links_on_the_command_line_are_reviewed_before_all_else(tmp_path: Path) -> None:
    shell = Shell(tmp_path, token="")  # no welcome comes first
    shell.call("add", URL)
    with Terminal(URL, OTHER, environ=shell.environ, columns=100) as terminal:
        terminal.sees("new.iso")
        terminal.sees("known.iso")
        assert [task["url"] for task in shell.tasks()] == [URL]
        terminal.press("ctrl+s")
        terminal.waits(lambda: len(shell.tasks()) == 2, "the link was not queued")
        terminal.leaves()
    assert [task["url"] for task in shell.tasks()] == [URL, OTHER]


def test_in_a_terminal_the_list_has_headings_and_in_a_pipe_it_is_plain(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.queue("https://example.com/电影.iso")  # and nothing runs: `list` starts no engine
    with Terminal("list", environ=shell.environ, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert terminal.lines[0].split() == ["ID", "state", "%", "note", "name"]
        assert "电" in terminal.lines[1]
        assert COLOURS.search(terminal.heard)
    no_colors = {**shell.environ, "NO_COLOR": "1"}
    with Terminal("list", environ=no_colors, columns=60) as terminal:
        assert terminal.ends(within_s=60) == 0
        assert not COLOURS.search(terminal.heard)
    assert shell.call("list").out == "    1  queued          电影.iso (no engine is running)\n"


def test_a_wait_shows_at_once_how_far_the_tasks_are(shell: Shell) -> None:
    shell.call("pause")
    links = "https://example.com/3s/a.iso", "https://example.com/stall/b.iso"
    with Terminal("add", *links, "--wait", environ=shell.environ, columns=100) as terminal:
        terminal.sees("0 of 2 ended, 0%, paused")
        shell.call("resume")
        terminal.sees("1 of 2 ended, ")  # at how many percent depends on when the other is asked
