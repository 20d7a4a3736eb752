"""Make the pictures anew, all or those named: `python -m screenshots [--check] [NAME …]`."""

import asyncio
from pathlib import Path

import click

from pan123_tui.ui.dashboard.task_panel import TaskPanel
from screenshots.command import draw_command
from screenshots.drawing import drawing
from screenshots.scenes import SCENES, Scene
from screenshots.stage import PAINT_INTERVAL_S, StillPilot, running

FOLDER = Path(__file__).parent
MOST_LOOKS = 20
COMMAND = "uv run python -m screenshots"


async def draw(name: str, scene: Scene) -> str:
    """Run the program as `scene` says and give the drawing of its screen."""
    title = f"pan123-tui: {name}"
    if scene.command:
        return draw_command(scene.command, scene.setting, title=title)
    async with running(scene.setting) as pilot:
        await scene.drive(pilot)
        setting, shot = scene.setting, await settled_shot(pilot)
        return drawing(shot, columns=setting.columns, rows=setting.rows, title=title)


async def settled_shot(pilot: StillPilot) -> str:
    """Give the screen once it has stayed the same for longer than the program saves up a paint."""
    for screen in pilot.app.screen_stack:
        for browser in screen.query(TaskPanel):
            browser.tick()  # when a task was checked is painted with the clock, which stands still
    former = pilot.app.export_screenshot()
    for _ in range(MOST_LOOKS):
        await pilot.pause(PAINT_INTERVAL_S * 3)
        shot = pilot.app.export_screenshot()
        if shot == former:
            return shot
        former = shot
    raise TimeoutError("the screen never came to rest")


def difference(name: str, svg: str) -> str:
    """Say how the committed picture differs from `svg`; empty: it does not."""
    file = FOLDER / f"{name}.svg"
    if not file.exists():
        return f"{file.name} is not there. Run: {COMMAND} {name}"
    if file.read_text("utf-8") != svg:
        return f"{file.name} is not what the program shows. Run: {COMMAND} {name}"
    return ""


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(sorted(SCENES)))
@click.option("--check", is_flag=True, help="Write nothing; fail where a picture is stale.")
@click.option("--svg-only", is_flag=True, help="Leave the PNG files alone; needs no fonts.")
def main(names: tuple[str, ...], *, check: bool, svg_only: bool) -> None:
    """Draw the screens of the README by driving the program on a simulated service."""
    stale = []
    for name in names or SCENES:
        svg = asyncio.run(draw(name, SCENES[name]))
        if check:
            stale += [complaint] if (complaint := difference(name, svg)) else []
            continue
        (FOLDER / f"{name}.svg").write_text(svg, "utf-8")
        if not svg_only:
            from screenshots.raster import write_png  # noqa: PLC0415 - only it needs fonts

            write_png(svg, FOLDER / f"{name}.png")
        click.echo(name)
    if stale:
        raise click.ClickException("\n".join(stale))


if __name__ == "__main__":
    main()
