"""`manual`: a screen in a terminal, plain Markdown elsewhere."""

from pathlib import Path

from tests.journey.terminal import Terminal
from tests.shell import Shell


def test_a_page_or_the_list_of_all_is_printed_where_there_is_no_terminal(tmp_path: Path) -> None:
    shell = Shell(tmp_path, "")
    page = shell.call("manual", "search").out
    assert page.startswith("# Search\n")
    assert "<!--" not in page
    assert "troubleshooting When something is wrong" in shell.call("manual").out
    assert "'troubleshooting'" in shell.call("manual", "serach").err


def test_a_terminal_shows_the_page_until_q(tmp_path: Path) -> None:
    with Terminal("manual", "words", environ=Shell(tmp_path, "").environ) as terminal:
        terminal.sees("Six words")
        terminal.press("q")
        assert terminal.ends(within_s=30) == 0
