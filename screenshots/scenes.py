"""The scenes: what each picture shows, and the keys that lead there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual.events import Paste
from textual.widgets import DataTable

from screenshots.stage import Drive, Setting, StillPilot, until


async def _stay(_pilot: StillPilot) -> None:
    """Show what is there from the start."""


def _press(*keys: str) -> Drive:
    async def drive(pilot: StillPilot) -> None:
        await pilot.press(*keys)
        await pilot.pause()

    return drive


def _search_and_press(text: str, *keys: str) -> Drive:
    async def drive(pilot: StillPilot) -> None:
        await pilot.press("slash", *text, "enter")
        await until(pilot, lambda: pilot.app.screen.query_one(DataTable).row_count == 1)
        await pilot.press(*keys)
        await pilot.pause()

    return drive


PASTED = """\
https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso
看看这个：https://video.example.com/planet-earth/e01.mkv，还有
thunder://QUFodHRwczovL2Nkbi5leGFtcGxlLmNvbS9kb2NzL2d1aWRlLnBkZlpa
https://cdn.example.com/photos/winter.zip
https://cdn.example.com/photos/winter.zip
magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a
https://:8080/nowhere
"""
"""New links, one that is known, one twice, and two that the service would not take."""


async def _paste(pilot: StillPilot) -> None:

    pilot.app.screen.post_message(Paste(PASTED))
    await until(pilot, lambda: type(pilot.app.screen).__name__ == "AddScreen")
    await pilot.pause(0.5)
    await pilot.pause()


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: what the program begins with, and how it gets where it is to be shown."""

    setting: Setting
    drive: Drive = _stay


WIDE = Setting()
NARROW = replace(WIDE, columns=56, rows=30)
ZH = replace(WIDE, language="zh")
SCENES: Mapping[str, Scene] = {
    "dashboard": Scene(WIDE),
    "dashboard-zh": Scene(ZH),
    "dashboard-narrow": Scene(NARROW),
    "dashboard-light": Scene(replace(WIDE, theme="pan123-light")),
    "tray": Scene(WIDE, _paste),
    "tray-zh": Scene(ZH, _paste),
    "detail": Scene(WIDE, _search_and_press("lecture", "enter")),
    "detail-zh": Scene(ZH, _search_and_press("lecture", "enter")),
    "unconfirmed": Scene(WIDE, _search_and_press("雪山", "r")),
    "first-run": Scene(replace(WIDE, rows=24, has_tasks=False, has_account=False)),
    "first-run-zh": Scene(replace(ZH, rows=24, has_tasks=False, has_account=False)),
    "help": Scene(WIDE, _press("question_mark")),
    "help-zh": Scene(ZH, _press("question_mark")),
}
"""By the name of the picture's file; the language stands at the end where there are two."""
