"""The pictures in the README: as the program looks today, every letter in its own cells."""

from pathlib import Path

import pytest

from screenshots.__main__ import FOLDER, committed, difference, draw
from screenshots.scenes import SCENES
from tests.ui.textual_private import wait_for_the_event_loop

wait_for_the_event_loop()
ROOT = Path(__file__).parents[2]
MAX_BYTES = 300_000


@pytest.mark.parametrize("name", SCENES)
async def test_a_committed_picture_is_what_the_program_shows(name: str) -> None:
    assert not difference(name, await draw(name, SCENES[name], expected=committed(name)))


def test_each_picture_is_drawn_by_a_scene_and_small_enough_for_a_page() -> None:
    pictures = sorted(FOLDER.glob("*.png"))
    assert {file.stem for file in FOLDER.glob("*.svg")} == {it.stem for it in pictures}
    assert {it.stem for it in pictures} == set(SCENES)
    assert all(0 < it.stat().st_size < MAX_BYTES for it in pictures)
