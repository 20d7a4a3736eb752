"""Record the demo of the README anew: `python -m screenshots.demo [--draw-only] [LANGUAGE …]`."""

from pathlib import Path

import click

from screenshots.animation import write_gif
from screenshots.cast import Cast
from screenshots.recorder import record
from screenshots.story import OPENS_WITH, TELLINGS, story

FOLDER = Path(__file__).parent
COLUMNS, ROWS = 100, 28
SETTLES_S = 6.0
"""After so long the demo's waiting links are sent, and every task has been asked for."""
ZONE = "CST-8"


def name(language: str) -> str:
    """Give the name of the files of a language, which stands at the end unless it is English."""
    return "demo" if language == "en" else f"demo-{language}"


def recorded(language: str) -> Cast:
    """Play the story on the real program and give the recording."""
    words = TELLINGS[language]
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
@click.argument("languages", nargs=-1, type=click.Choice(sorted(TELLINGS)))
@click.option("--draw-only", is_flag=True, help="Draw the recordings that are there.")
def main(languages: tuple[str, ...], *, draw_only: bool) -> None:
    """Play the story of the README on the demo; write the recording and its picture."""
    for language in languages or TELLINGS:
        file = FOLDER / f"{name(language)}.cast"
        if not draw_only:
            recorded(language).write(file)
        write_gif(Cast.read(file), file.with_suffix(".gif"))
        click.echo(file.stem)


if __name__ == "__main__":
    main()
