"""Draws all or the named pictures: `python -m screenshots [NAME …]`."""

import asyncio
import io
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import click
import resvg_py
from PIL import Image

from pan123_tui.ui.dashboard.task_panel import TaskPanel
from screenshots.drawing import drawing
from screenshots.scenes import SCENES, Scene
from screenshots.stage import PAINT_INTERVAL_S, run_program

FOLDER = Path(__file__).parent
ZOOM, COLOURS = 1.6, 128
MAX_SCREENSHOTS = 20
MAX_CHANGES = 12
"""Lines of a difference that are printed."""

COMMAND = "uv run python -m screenshots"


async def draw(name: str, scene: Scene, *, expected: str = "") -> str:
    """Run the program as `scene` specifies and return the drawing of its screen.

    Waits a while for the one that is `expected`, else until it no longer changes.
    """
    title = f"pan123-tui: {name}"
    setting = scene.setting
    async with run_program(setting) as pilot:
        await scene.drive(pilot)
        for screen in pilot.app.screen_stack:
            for browser in screen.query(TaskPanel):
                browser.request()  # the clock, which repaints the time since the last check, stands
        svg = ""
        for _ in range(MAX_SCREENSHOTS):
            former, shot = svg, pilot.app.export_screenshot()
            svg = drawing(shot, columns=setting.columns, rows=setting.rows, title=title)
            if svg == (expected or former):
                return svg
            await pilot.pause(PAINT_INTERVAL_S * 3)
        if expected:
            return svg
        raise TimeoutError("the screen never stopped changing")


def committed(name: str) -> str:
    """Return the picture `name` as it was drawn last, empty if it never was."""
    file = FOLDER / f"{name}.svg"
    return file.read_text("utf-8") if file.exists() else ""


def difference(name: str, svg: str) -> str:
    """Return how the committed picture differs from `svg`; empty: it does not."""
    file = f"{name}.svg"
    if not committed(name):
        return f"{file} is not there. Run: {COMMAND} {name}"
    if committed(name) != svg:
        lines = unified_diff(committed(name).splitlines(), svg.splitlines(), lineterm="", n=0)
        changes = "\n".join(islice(lines, 2, 2 + MAX_CHANGES))
        return f"{file} is not what the program shows. Run: {COMMAND} {name}\n{changes}"
    return ""


def write_png(svg: str, file: Path) -> None:
    """Write `svg` to `file` as a small PNG, with this machine's fonts."""
    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))))
    reduced = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(file, optimize=True)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(SCENES)))
def main(names: tuple[str, ...]) -> None:
    """Draw the pictures of the README by running the program on a simulated service."""
    for name in names or SCENES:
        svg = asyncio.run(draw(name, SCENES[name]))
        (FOLDER / f"{name}.svg").write_text(svg, "utf-8")
        write_png(svg, FOLDER / f"{name}.png")
        click.echo(name)


if __name__ == "__main__":
    main()
