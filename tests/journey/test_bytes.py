"""How many bytes each action sends, in 256 colours at 120×34: over SSH they are what is felt."""

from pathlib import Path

from pan123_tui.terminal.driver import NO_HOVER
from tests.bench import stock
from tests.journey.terminal import Terminal

MOUSE_MOVES = "".join(f"\x1b[<35;{column};34M" for column in range(1, 110, 3))
CTRL_L = "\x0c"
CLICK_ON_FAILED = "\x1b[<0;28;1M\x1b[<0;28;1m"
"""Where no move of the mouse was reported before."""


class CountingTerminal(Terminal):
    """Counts the bytes that were sent to it."""

    counted = 0

    def spent(self) -> int:
        """Return the number of bytes since the last call, once nothing more comes."""
        before = -1
        while before != len(self.heard):
            before = len(self.heard)
            self.read_output(0.2)
        spent, self.counted = before - self.counted, before
        return spent


STEPS = (
    ("a sweep of the mouse over the foot", MOUSE_MOVES, "", 100),
    ("the cursor", "j", "", 600),
    ("the details", "enter", "Saved as", 8000),
    ("the help", "?", "Paste the links", 9000),
    ("the help closed", "escape", "Saved as", 8000),
    ("the input screen", "a", "Paste any text", 8000),
    ("a first letter", "h", " h", 400),
    ("a letter", "t", " ht ", 400),
)
"""What is done, the keys for it, what is shown then, and the most bytes.

Those for the sweep are for the status bar, which may tell that time has passed.
"""


def test_each_action_stays_within_its_budget(environ: dict[str, str], tmp_path: Path) -> None:
    stock.fill(tmp_path / "data", ended=60)
    with CountingTerminal(environ=environ | {"COLORTERM": ""}) as terminal:
        terminal.sees(stock.NEWEST)
        terminal.sees("offline")
        spent = {"the start": (terminal.spent(), 12_000)}
        for name, keys, shown, budget in STEPS:
            terminal.press(keys)
            terminal.sees(shown)
            spent[name] = terminal.spent(), budget
        before = terminal.text
        terminal.screen.reset()  # as if another program had written over it
        terminal.press(CTRL_L)
        terminal.sees("Each link becomes a row")
        terminal.spent()
        assert terminal.text == before
        terminal.press("escape")
        terminal.sees(stock.NEWEST)
        terminal.press(CLICK_ON_FAILED)
        terminal.misses(stock.NEWEST)
        assert NO_HOVER.encode() in terminal.heard.rpartition(b"\x1b[?1003h")[2]
    assert {name: it for name, it in spent.items() if it[0] > it[1]} == {}
