"""The pictures in the README are as the program looks today, and its first sight is few things."""

import re
from pathlib import Path

import pytest

from screenshots.__main__ import FOLDER, committed, difference, draw
from screenshots.scenes import SCENES
from screenshots.stage import Setting, run_program
from tests.ui.stage import shown
from tests.ui.textual_private import wait_for_the_event_loop

wait_for_the_event_loop()
ROOT = Path(__file__).parents[2]
MAX_BYTES = 300_000
MOST_AT_FIRST = 21
"""A person has to take in no more at first sight; the demo's mark is not among them."""


@pytest.mark.parametrize("name", SCENES)
async def test_a_committed_picture_is_what_the_program_shows(name: str) -> None:
    assert not difference(name, await draw(name, SCENES[name], expected=committed(name)))


def test_each_picture_is_drawn_by_a_scene_and_small_enough_for_a_page() -> None:
    pictures = sorted(FOLDER.glob("*.png"))
    assert {file.stem for file in FOLDER.glob("*.svg")} == {it.stem for it in pictures}
    assert {it.stem for it in pictures} == set(SCENES)
    assert all(0 < it.stat().st_size < MAX_BYTES for it in pictures)


async def test_the_first_sight_of_the_demo_is_few_things() -> None:
    async with run_program(Setting(columns=100, rows=30)) as pilot:
        lines = [line for line in shown(pilot.app).splitlines() if line.strip()]
        table = pilot.app.screen.query_one("#tasks").region
    around = [*lines[: table.y + 1], *lines[table.bottom :]]
    things = [thing for line in around for thing in re.split(r" {2,}", line.strip())]
    assert len(things) <= MOST_AT_FIRST, things
