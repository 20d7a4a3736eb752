"""The keyboard in a real terminal: no key is swallowed, however quickly it follows another."""

import time
from pathlib import Path

from tests.bench import stock
from tests.journey.terminal import Terminal


def test_a_key_acts_at_once_after_escape_alt_and_an_unknown_sequence(
    environ: dict[str, str],
) -> None:
    with Terminal(environ=environ) as terminal:
        terminal.sees("No downloads yet")
        for gap_s in (0.04, 0.08, 0.12):
            terminal.press("escape")
            time.sleep(gap_s)
            terminal.press("?")
            terminal.sees("Actions and keys")
            terminal.press("escape")
            terminal.misses("Actions and keys")
        terminal.press("/debian\r")
        terminal.sees("/ debian", "clears")
        terminal.press("escape")
        terminal.misses("/ debian")
        for before in ("\x1bz", "\x1b[4h", "\x1b[999z"):
            terminal.press(before, "?")
            terminal.sees("Actions and keys")
            terminal.press("escape")
            terminal.misses("Actions and keys")
        terminal.leaves()


def test_keys_typed_while_the_program_starts_act_on_the_rows_that_come(
    environ: dict[str, str],
) -> None:
    stock.fill(Path(environ["PAN123_DATA_DIR"]), ended=3)
    with Terminal(environ=environ) as terminal:
        terminal.press("j", "d")
        terminal.sees("1 task removed.")
        terminal.sees(stock.NEWEST)
        terminal.leaves()
