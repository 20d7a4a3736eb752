"""A terminal gets the colours that its TERM has, as over ssh, which passes no COLORTERM."""

import re
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal

STYLE = re.compile(rb"\x1b\[([0-9;]*)m")
TRUE_COLOR, EIGHT_BIT = re.compile(rb"[34]8;2;[\d;]+"), re.compile(rb"[34]8;5;\d+")


class ListeningTerminal(Terminal):
    """Keeps the bytes that were sent to it."""

    heard = b""

    def on_output(self, drawn: bytes) -> None:
        self.heard += drawn


@pytest.mark.parametrize(
    ("term", "has_true_color", "has_eight_bit"),
    [
        ("alacritty", True, False),
        ("xterm", False, True),
        ("xterm-16color", False, False),
        ("linux", False, False),
    ],
)
def test_the_colours_are_those_of_term(
    term: str, has_true_color: bool, has_eight_bit: bool, tmp_path: Path
) -> None:
    environ = {
        "TERM": term,
        "COLORTERM": "",
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PAN123_LANG": "en",
    }
    with ListeningTerminal("--demo", environ=environ) as terminal:
        terminal.sees("online")
        running = terminal.sees("running")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    styles = b";".join(STYLE.findall(terminal.heard))
    assert bool(TRUE_COLOR.search(styles)) is has_true_color
    assert bool(EIGHT_BIT.search(styles)) is has_eight_bit
    assert ("▸" in running) is (term != "linux")
