"""With NO_COLOR, no colour reaches the terminal, and states and choices stay visible."""

import re
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal

STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")
PLAIN = {b"", b"0", b"1", b"2", b"3", b"4", b"7", b"9", b"22", b"23", b"24", b"27", b"29"}
"""Bold, dim, italic, underlined, reversed, struck, and their resets."""
STATES = ("running", "unsure", "done", "failed")
"""The states that the demo's tasks stay in."""


class ListeningTerminal(Terminal):
    """Records all output."""

    heard = b""

    def on_output(self, drawn: bytes) -> None:
        self.heard += drawn

    def style_of(self, words: str) -> str:
        """Return the style of the first character of `words`: R for reversed, U for underlined."""
        for row, line in enumerate(self.lines):
            if words in line:
                letter = self.screen.buffer[row][line.index(words)]
                return "R" * letter.reverse + "U" * letter.underscore
        return ""


@pytest.fixture
def terminal(tmp_path: Path) -> ListeningTerminal:
    environ = {
        "NO_COLOR": "1",
        "COLORTERM": "truecolor",
        "TERM": "xterm-256color",
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
        "PAN123_LANG": "en",
    }
    return ListeningTerminal("--demo", environ=environ)


def test_without_colours_states_are_words_and_what_is_chosen_is_seen(
    terminal: ListeningTerminal,
) -> None:
    with terminal:
        terminal.sees("online")
        for state in STATES:
            terminal.sees(state)
        terminal.waits(lambda: terminal.style_of("all") == "U", "the view is not seen")
        terminal.press("s")
        terminal.waits(lambda: terminal.style_of("√ added") == "U", "the choice is not seen")
        terminal.press("escape")
        terminal.misses("√ added")
        for key, words in (("?", "Links"), (",", "Settings"), ("a", "Review")):
            terminal.press(key)
            terminal.sees(words)
            terminal.press("escape")
            terminal.misses(words)
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    styles = set(STYLE.findall(terminal.heard))
    assert {part for style in styles for part in re.split(b"[;:]", style)} <= PLAIN
