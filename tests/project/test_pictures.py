"""The pictures of the READMEs: as the program looks today, small, and telling their story."""

import re
from pathlib import Path

import pyte
import pytest

from screenshots.__main__ import FOLDER, committed, difference, draw
from screenshots.animation import MAX_BYTES
from screenshots.cast import Cast
from screenshots.demo import name as name_of
from screenshots.scenes import SCENES
from screenshots.stage import Setting, run_program
from screenshots.story import FAILED, OPENS_WITH, STORY_TEXTS, story
from tests.ui.stage import shown
from tests.ui.textual_private import wait_for_the_event_loop

wait_for_the_event_loop()
README = {"en": "README.md", "zh": "README.zh-CN.md"}


@pytest.mark.parametrize("name", SCENES)
async def test_a_committed_picture_is_what_the_program_shows(name: str) -> None:
    assert not difference(name, await draw(name, SCENES[name], expected=committed(name)))


def test_each_picture_is_drawn_by_a_scene_and_small_enough_for_a_page() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(SCENES)
    assert {file.stem for file in FOLDER.glob("*.png")} == set(SCENES)
    assert all(0 < file.stat().st_size < 300_000 for file in FOLDER.glob("*.png"))


async def test_the_first_sight_of_the_demo_is_few_things() -> None:
    async with run_program(Setting(columns=100, rows=30)) as pilot:
        lines = [line for line in shown(pilot.app).splitlines() if line.strip()]
        table = pilot.app.screen.query_one("#tasks").region
    around = [*lines[: table.y + 1], *lines[table.bottom :]]
    assert sum(len(re.split(r" {2,}", line.strip())) for line in around) <= 23


def lines_of(cast: Cast) -> set[str]:
    """Return each line that a terminal shows at any time."""
    screen = pyte.Screen(cast.columns, cast.rows)
    stream, seen = pyte.Stream(screen), set[str]()
    for event in cast.events:
        if event.kind == "o":
            stream.feed(event.text)
            seen.update(screen.display)
    return seen


@pytest.mark.parametrize("language", STORY_TEXTS)
def test_the_moving_picture_is_small_comes_first_and_shows_what_the_story_tells(
    language: str,
) -> None:
    recording, words = FOLDER / f"{name_of(language)}.cast", STORY_TEXTS[language]
    seen = {re.sub(r"(?<=[^\x00-\x7f]) ", "", line) for line in lines_of(Cast.read(recording))}
    told = [beat.shows for beat in story(words) if beat.shows]
    told += [(words.running, FAILED), (words.done, "attention-is-all-you-need.pdf"), (OPENS_WITH,)]
    for texts in told:
        assert any(all(text in line for text in texts) for line in seen), texts
    file = recording.with_suffix(".gif")
    readme = (Path(__file__).parents[2] / README[language]).read_text("utf-8")
    assert f"](screenshots/{file.name})" in readme.partition("\n## ")[0]
    assert file.stat().st_size < MAX_BYTES
