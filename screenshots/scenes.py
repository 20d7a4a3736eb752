"""Scenes: what each picture shows, and the keys that lead there."""

from collections.abc import Mapping
from typing import NamedTuple

from textual.events import Paste

from pan123_tui.ui.add_links.screen import AddScreen
from screenshots.stage import Drive, Setting, StillPilot, wait_until

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

    def is_read() -> bool:
        screen = pilot.app.screen
        return isinstance(screen, AddScreen) and len(screen.review.rows) == ROWS

    await wait_until(pilot, is_read)


async def _open_details(pilot: StillPilot) -> None:
    await pilot.press(*["j"] * 10, "enter")
    await wait_until(pilot, lambda: True)


class Scene(NamedTuple):
    """A picture: the program's setting, and the input that leads to the screen."""

    setting: Setting
    drive: Drive


EN, ZH = Setting(), Setting(language="zh")
SCENES: Mapping[str, Scene] = {
    "review": Scene(EN, _paste),
    "review-zh": Scene(ZH, _paste),
    "detail": Scene(EN, _open_details),
    "detail-zh": Scene(ZH, _open_details),
}
"""By file stem; Chinese pictures end in `-zh`."""
