"""`pan123-tui LINK…` opens the review with these links, as a paste does."""

from pathlib import Path

from tests.journey.terminal import Terminal
from tests.shell import Shell

URL, OTHER = "https://example.com/known.iso", "https://example.com/new.iso"


def test_links_on_the_command_line_are_reviewed_before_they_are_queued(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.call("add", URL)
    with Terminal(URL, OTHER, environ=shell.environ, columns=100) as terminal:
        terminal.sees("new.iso")
        terminal.sees("known.iso")
        assert [task["url"] for task in shell.tasks()] == [URL]
        terminal.press("\x13")
        terminal.waits(lambda: len(shell.tasks()) == 2, "the link was not queued")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    assert [task["url"] for task in shell.tasks()] == [URL, OTHER]


def test_without_an_account_the_links_come_first(tmp_path: Path) -> None:
    shell = Shell(tmp_path, token="")
    with Terminal(OTHER, environ=shell.environ, columns=100) as terminal:
        terminal.sees("new.iso")
        terminal.press("\x13")
        terminal.waits(lambda: len(shell.tasks()) == 1, "the link was not queued")
