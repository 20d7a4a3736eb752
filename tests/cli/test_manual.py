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
    assert shell.call("--lang=zh", "manual", "terminals").out.startswith("# 终端与剪贴板\n")


def test_a_terminal_shows_the_page_until_q_and_breaks_its_chinese_lines(tmp_path: Path) -> None:
    environ = Shell(tmp_path, "").environ | {"PAN123_LANG": "zh"}
    with Terminal("manual", "links", environ=environ, columns=44) as terminal:
        terminal.sees("Markdown、表格")  # as one word with what comes before, it would be cut
        terminal.press("q")
        assert terminal.ends(within_s=30) == 0
