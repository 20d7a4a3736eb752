"""Draws the output of a command as a terminal shows it."""

import io
import os
from unittest.mock import patch

from click.testing import CliRunner
from rich.console import Console
from rich.text import Text
from textual.theme import Theme

from pan123_tui.cli.commands import program
from pan123_tui.ui.theme import DARK
from screenshots.drawing import drawing
from screenshots.stage import Setting, stored_demo


def draw_command(arguments: str, setting: Setting, *, title: str) -> str:
    """Run `pan123-tui` with `arguments` on the demo's tasks and draw its output."""
    with stored_demo(setting) as environ, patch.dict(os.environ, environ, clear=True):
        result = CliRunner().invoke(program, arguments.split(), catch_exceptions=False)
    lines = [f"$ pan123-tui {arguments}", *result.stdout.splitlines()]
    shown = [line for line in lines if line][: setting.rows]
    return drawing(
        _screenshot(shown, DARK, setting.columns),
        columns=setting.columns,
        rows=len(shown),
        title=title,
    )


def _screenshot(lines: list[str], theme: Theme, columns: int) -> str:
    console = Console(
        width=columns,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        record=True,
    )
    for number, line in enumerate(lines):
        colour = theme.primary if number == 0 else theme.foreground
        text = Text(line, style=f"{colour} on {theme.background}", no_wrap=True)
        text.truncate(columns, overflow="ellipsis", pad=True)
        console.print(text, overflow="ellipsis", no_wrap=True)
    return console.export_svg()
