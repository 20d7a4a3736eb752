"""The keyboard in a real terminal: no key is swallowed, however quickly it follows another."""

import time
from pathlib import Path

import pytest

from tests.bench import stock
from tests.journey.terminal import Terminal


class RecordingTerminal(Terminal):
    """Keeps everything that was sent to it."""

    written = b""

    def on_output(self, drawn: bytes) -> None:
        self.written += drawn


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
    }


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
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0


def test_keys_typed_while_the_program_starts_act_on_the_rows_that_come(
    environ: dict[str, str],
) -> None:
    stock.fill(Path(environ["PAN123_DATA_DIR"]), ended=3)
    with Terminal(environ=environ) as terminal:
        terminal.press("j", "d")
        terminal.sees("1 task removed.")
        terminal.sees(stock.NEWEST)
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0


def test_gnu_screen_gets_no_mouse_tracking_because_it_would_delay_escape(
    environ: dict[str, str],
) -> None:
    screen = {"TERM": "screen-256color", "STY": "4711.pts-0.host"}
    with RecordingTerminal(environ=environ | screen) as terminal:
        terminal.sees("No downloads yet")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
    assert b"\x1b[?1049h" in terminal.written
    assert b"\x1b[?1000h" not in terminal.written
    assert b"\x1b[?1003h" not in terminal.written
