"""Scenes: what each picture shows, and the keys that lead there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from textual.events import Paste

from pan123_tui.ui.add_links.review_list import ReviewList
from pan123_tui.ui.add_links.screen import AddScreen
from screenshots.stage import Drive, Setting, StillPilot, wait_until


async def _stay(_pilot: StillPilot) -> None:
    """Show the first screen."""


def _press(*keys: str, until_shown: str = "") -> Drive:
    """Return a function that presses `keys` and waits until `until_shown` is on the screen."""

    async def drive(pilot: StillPilot) -> None:
        await pilot.press(*keys)
        await wait_until(pilot, lambda: until_shown in pilot.app.export_screenshot())

    return drive


PASTED = """\
https://mirror.example.org/debian-cd/13.2.0/amd64/iso-dvd/debian-13.2.0-amd64-DVD-1.iso
看看这个：https://video.example.com/planet-earth/e01.mkv，还有
thunder://QUFodHRwczovL2Nkbi5leGFtcGxlLmNvbS9kb2NzL2d1aWRlLnBkZlpa
https://cdn.example.com/photos/winter.zip
https://cdn.example.com/photos/winter.zip
magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a
https://:8080/nowhere
链接：https://pan.baidu.com/s/1xYzAbC 提取码：8888
www.example.org/talks/keynote.mp4
"""
"""New links, a known one, a duplicate, two that are refused, and two to be looked at."""
ROWS = 9


async def _paste(pilot: StillPilot) -> None:
    pilot.app.screen.post_message(Paste(PASTED))
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, AddScreen))
    await wait_until(pilot, lambda: len(pilot.app.screen.query_one(ReviewList).rows) == ROWS)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture: the program's setting, and the input that leads to the screen."""

    setting: Setting
    drive: Drive = _stay
    command: str = ""
    """Draw the output of this command instead of a screen."""


WIDE = Setting()
NARROW = replace(WIDE, columns=56, rows=30)
SMALL = replace(WIDE, columns=84, rows=26)
ZH = replace(WIDE, language="zh")
_BROWSE = _press("a", "ctrl+o", until_shown="影视")
SCENES: Mapping[str, Scene] = {
    "dashboard": Scene(WIDE),
    "dashboard-zh": Scene(ZH),
    "dashboard-narrow": Scene(NARROW),
    "dashboard-narrow-zh": Scene(replace(NARROW, language="zh")),
    "dashboard-light": Scene(replace(WIDE, theme="pan123-light")),
    "dashboard-light-zh": Scene(replace(ZH, theme="pan123-light")),
    "review": Scene(WIDE, _paste),
    "review-zh": Scene(ZH, _paste),
    "detail": Scene(WIDE, _press(*["j"] * 10, "enter")),
    "detail-zh": Scene(replace(WIDE, language="zh"), _press(*["j"] * 10, "enter")),
    "folders": Scene(SMALL, _BROWSE),
    "folders-zh": Scene(replace(SMALL, language="zh"), _BROWSE),
    "settings": Scene(WIDE, _press("comma")),
    "settings-zh": Scene(ZH, _press("comma")),
    "unconfirmed": Scene(SMALL, _press(*["j"] * 12, "r", until_shown="answer")),
    "unconfirmed-zh": Scene(
        replace(SMALL, language="zh"), _press(*["j"] * 12, "r", until_shown="响应")
    ),
    "first-run": Scene(replace(WIDE, rows=24, has_tasks=False, has_account=False)),
    "first-run-zh": Scene(replace(ZH, rows=24, has_tasks=False, has_account=False)),
    "list": Scene(replace(WIDE, columns=100), command="list"),
    "list-zh": Scene(replace(ZH, columns=100), command="list"),
    "help": Scene(WIDE, _press("question_mark")),
    "help-zh": Scene(ZH, _press("question_mark")),
}
"""By file stem; Chinese pictures end in `-zh`."""
