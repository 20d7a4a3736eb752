"""xterm as it is set up for Chinese: the signs of frames would take two cells."""

from pathlib import Path

import pytest

from tests.terminals.desktops import x_desktop
from tests.terminals.probed import ProbedTerminal


@pytest.mark.slow
@pytest.mark.needs("xterm", "Xvfb", "xdotool")
@pytest.mark.parametrize(("option", "sign"), [("+cjk_width", "▸"), ("-cjk_width", ">")])
def test_signs_are_ascii_where_they_would_be_wide(option: str, sign: str, tmp_path: Path) -> None:
    command = ["xterm", "-u8", option, "-geometry", "120x34", "-e"]
    with (
        x_desktop(tmp_path) as desktop,
        ProbedTerminal(
            desktop, lambda program: [*command, *program], "--demo", log=tmp_path / "log"
        ) as terminal,
    ):
        terminal.start()
        assert terminal.shows(sign, "running", "min", within_s=30), terminal.text
        assert terminal.shows("online")
        desktop.picture().save(tmp_path / "dashboard.png")
        terminal.press("q")
        assert terminal.ends(within_s=60) == 0
