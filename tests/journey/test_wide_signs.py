"""A terminal that draws the signs of frames two cells wide gets ASCII."""

import pytest

from tests.journey.terminal import Terminal

QUERY = b"\x1b[6n"


class AskedTerminal(Terminal):
    """Says that the sign it is asked about took `cells`."""

    cells = 1

    def on_output(self, drawn: bytes) -> None:
        if QUERY in drawn:
            self.process.send(f"\x1b[2;{1 + self.cells}R")


class WideTerminal(AskedTerminal):
    """Draws the sign as a Chinese terminal may."""

    cells = 2


@pytest.mark.parametrize(
    ("kind", "queued", "frame"), [(AskedTerminal, "◊", "╭"), (WideTerminal, ".", "+")]
)
def test_frames_are_ascii_where_their_signs_take_two_cells(
    kind: type[AskedTerminal], queued: str, frame: str, environ: dict[str, str]
) -> None:
    with kind("--demo", environ=environ) as terminal:
        terminal.sees(queued, "queued", ".mp3")
        terminal.press("?")
        terminal.sees(frame, "Actions and keys", frame if frame == "+" else "╮")
        terminal.press("escape")
        terminal.misses("Actions and keys")
        terminal.leaves()
