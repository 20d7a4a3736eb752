"""ASCII only: a walk through every screen and dialog finds no sign of ours beyond ASCII."""

from dataclasses import replace

from pan123_tui.ui.app import Pan123App
from screenshots.stage import Setting, run_program
from tests.ui.walks import FIRST_WALKS, WALKS, data_of, home, screens_of_ours, walk

PLAIN = Setting(is_ascii=True, columns=150, rows=60, has_folder_names=True)
FIRST_RUN = replace(PLAIN, has_tasks=False, has_account=False)


async def test_no_sign_of_ours_is_beyond_ascii_on_any_screen() -> None:
    found: dict[str, str] = {}
    seen: set[str] = set()
    for setting, walks in ((PLAIN, WALKS), (FIRST_RUN, FIRST_WALKS)):
        async with run_program(setting) as pilot:
            app = pilot.app
            assert isinstance(app, Pan123App)
            for name, keys in walks.items():
                async for way, screen in walk(pilot, keys):
                    seen.add(type(app.screen).__name__)
                    for sign in {*screen} - {*data_of(app)}:
                        if not sign.isascii():
                            found.setdefault(sign, f"{sign!r} in {name} ({way})")
                await home(pilot)
    assert not found, "\n".join(found.values())
    assert not set(screens_of_ours()) - seen - {"TooSmallScreen"}
