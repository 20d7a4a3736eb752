"""The recorded demo in the README: a recording that players read, and the story that it tells."""

from pathlib import Path

import pyte
import pytest

from screenshots.animation import MAX_BYTES
from screenshots.cast import Cast
from screenshots.demo import FOLDER, name
from screenshots.story import FAILED, OPENS_WITH, STORY_TEXTS, story

ROOT = Path(__file__).parents[2]
README = {"en": "README.md", "zh": "README.zh-CN.md"}
LANGUAGES = pytest.mark.parametrize("language", STORY_TEXTS)


def recording(language: str) -> Path:
    return FOLDER / f"{name(language)}.cast"


def screens(cast: Cast) -> list[str]:
    """What a terminal shows after each event."""
    screen = pyte.Screen(cast.columns, cast.rows)
    stream, seen = pyte.Stream(screen), []
    for event in cast.events:
        if event.kind == "o":
            stream.feed(event.text)
            rows = (screen.buffer[row] for row in range(screen.lines))
            lines = ("".join(row[n].data for n in range(screen.columns)) for row in rows)
            seen.append("\n".join(lines))
    return seen


@LANGUAGES
def test_the_recording_shows_what_the_story_tells(language: str) -> None:
    words, seen = STORY_TEXTS[language], screens(Cast.read(recording(language)))
    told = [beat.shows for beat in story(words) if beat.shows]
    told += [(words.running, FAILED), (words.done, "attention-is-all-you-need.pdf"), (OPENS_WITH,)]
    for line_words in told:
        assert any(
            all(word in line for word in line_words)
            for screen in seen
            for line in screen.splitlines()
        ), line_words


@LANGUAGES
def test_the_readme_begins_with_the_moving_picture_and_it_is_small(language: str) -> None:
    file = recording(language).with_suffix(".gif")
    first_section = (ROOT / README[language]).read_text("utf-8").partition("\n## ")[0]
    assert f"](screenshots/{file.name})" in first_section
    assert file.stat().st_size < MAX_BYTES
