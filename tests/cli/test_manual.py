"""`manual`: a screen in a terminal, plain Markdown elsewhere."""

from pathlib import Path

from tests.journey.terminal import Terminal
from tests.shell import Shell


def test_a_page_is_printed_where_there_is_no_terminal(tmp_path: Path) -> None:
    ran = Shell(tmp_path, "").call("manual", "search")
    assert ran.out.startswith("# Search\n")
    assert "<!--" not in ran.out


def test_without_a_page_all_are_listed(tmp_path: Path) -> None:
    ran = Shell(tmp_path, "").call("manual")
    assert "troubleshooting When something is wrong" in ran.out


def test_an_unknown_page_is_refused_with_the_names_of_all(tmp_path: Path) -> None:
    ran = Shell(tmp_path, "").call("manual", "serach")
    assert ran.code == 2
    assert "troubleshooting" in ran.err


def test_a_terminal_shows_the_page_until_q(tmp_path: Path) -> None:
    with Terminal("manual", "words", environ=Shell(tmp_path, "").environ) as terminal:
        terminal.sees("Six words")
        terminal.press("q")
        assert terminal.ends(within_s=30) == 0
