"""A terminal gets the colours and the signs that it has, none with NO_COLOR, and still sees all."""

import re
from pathlib import Path

import pytest

from pan123_tui.domain.task import Task
from tests.journey.terminal import Terminal
from tests.shell import Shell

STYLE = re.compile(rb"\x1b\[([0-9;:]*)m")
TRUE_COLOR, EIGHT_BIT = re.compile(rb"[34]8;2;[\d;]+"), re.compile(rb"[34]8;5;\d+")
PLAIN = {b"", b"0", b"1", b"2", b"3", b"4", b"7", b"9", b"22", b"23", b"24", b"27", b"29"}
"""Bold, dim, italic, underlined, reversed, struck, and their resets."""
STATES = ("running", "unsure", "done", "failed")
"""The states that the demo's tasks stay in."""


class WideTerminal(Terminal):
    """Says that the sign it is asked about took two cells, as in a Chinese terminal it may."""

    def on_output(self, drawn: bytes) -> None:
        if b"\x1b[6n" in drawn:
            self.process.send("\x1b[2;3R")


@pytest.mark.parametrize(
    ("kind", "term", "colours", "corner"),
    [(Terminal, "alacritty", (True, False), "╭"), (WideTerminal, "xterm", (False, True), "+")],
)
def test_colours_and_frames_are_those_of_term_as_over_ssh_which_passes_no_colorterm(
    kind: type[Terminal], term: str, colours: tuple[bool, bool], corner: str, tmp_path: Path
) -> None:
    shell = Shell(tmp_path)
    shell.store(Task(id=1, url="https://h/a.mp3", created_at=1.0), is_paused=True)
    with kind(environ=shell.environ | {"TERM": term, "COLORTERM": ""}) as terminal:
        terminal.sees("◊" if corner == "╭" else ".", "queued", ".mp3")
        terminal.press("?")
        terminal.sees(corner, "Help: actions and keys")
        terminal.press("escape")
        terminal.misses("Help: actions and keys")
        terminal.leaves()
    styles = b";".join(STYLE.findall(terminal.heard))
    assert (bool(TRUE_COLOR.search(styles)), bool(EIGHT_BIT.search(styles))) == colours


def is_underlined(terminal: Terminal, words: str) -> bool:
    """Return whether the first character of `words` is."""
    for row, line in enumerate(terminal.lines):
        if words in line:
            return bool(terminal.screen.buffer[row][line.index(words)].underscore)
    return False


def test_without_colours_what_is_chosen_is_seen(environ: dict[str, str]) -> None:
    with Terminal("--demo", environ=environ | {"NO_COLOR": "1"}) as terminal:
        terminal.sees("logged in")
        for state in STATES:
            terminal.sees(state)
        terminal.waits(lambda: is_underlined(terminal, "all"), "the view is not seen")
        terminal.press("s")
        terminal.waits(lambda: is_underlined(terminal, "√ added"), "the choice is not seen")
        terminal.press("escape")
        terminal.misses("√ added")
        for key, words in (("?", "Links"), (",", "Settings"), ("a", "Review")):
            terminal.press(key)
            terminal.sees(words)
            terminal.press("escape")
            terminal.misses(words)
        terminal.press("Q")
        assert terminal.ends(within_s=60) == 0
    styles = set(STYLE.findall(terminal.heard))
    assert {part for style in styles for part in re.split(b"[;:]", style)} <= PLAIN
