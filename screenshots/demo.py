"""Records the demo of the README: `python -m screenshots.demo [--draw-only] [LANGUAGE …]`."""

from pathlib import Path

import click

from screenshots.animation import write_gif
from screenshots.cast import Cast
from screenshots.recorder import record
from screenshots.story import OPENS_WITH, STORY_TEXTS, story

FOLDER = Path(__file__).parent
COLUMNS, ROWS = 100, 28
SETTLES_S = 6.0
"""Time until the demo's queued links are sent and every task is polled."""
ZONE = "CST-8"


def name(language: str) -> str:
    """Return the file stem of a language: with a suffix unless it is English."""
    return "demo" if language == "en" else f"demo-{language}"


def recorded(language: str) -> Cast:
    """Play the story in the program and return the recording."""
    words = STORY_TEXTS[language]
    return record(
        list(story(words)),
        environ={"PAN123_LANG": language, "TZ": ZONE},
        columns=COLUMNS,
        rows=ROWS,
        title=words.title,
        opens_with=OPENS_WITH,
        settles_s=SETTLES_S,
    )


@click.command()
@click.argument("languages", nargs=-1, type=click.Choice(sorted(STORY_TEXTS)))
@click.option("--draw-only", is_flag=True, help="Draw the recordings that are there.")
def main(languages: tuple[str, ...], *, draw_only: bool) -> None:
    """Play the story in the demo and write the recording and its GIF."""
    for language in languages or STORY_TEXTS:
        file = FOLDER / f"{name(language)}.cast"
        if not draw_only:
            recorded(language).write(file)
        write_gif(Cast.read(file), file.with_suffix(".gif"))
        click.echo(file.stem)


if __name__ == "__main__":
    main()
