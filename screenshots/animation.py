"""An animated picture of a recording, with this machine's fonts."""

import io
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyte
import resvg_py
from PIL import Image
from pyte.screens import Char

from pan123_tui.domain.sanitize import width
from pan123_tui.ui.theme import DARK
from screenshots.cast import Cast
from screenshots.drawing import Span, window

ZOOM = 1.25
COLOURS = 96
MAX_BYTES = 1_500_000
CALM_S = 0.1
"""What is drawn within so short a time is one picture."""


def frames(cast: Cast) -> Iterator[tuple[float, str]]:
    """Give the pictures of a recording as (how long it is shown in seconds, SVG)."""
    shown_s, shown = 0.0, ""
    for time_s, svg in _pictures(cast):
        if svg == shown:
            continue
        if shown:
            yield time_s - shown_s, shown
        shown_s, shown = time_s, svg
    if cast.lasts_s > shown_s:  # else it came with the very end
        yield cast.lasts_s - shown_s, shown


def write_gif(cast: Cast, file: Path) -> None:
    """Paint `cast` into `file`; raises `ValueError` where it gets too large for a README."""
    images, lasts_ms = [], []
    for lasts_s, svg in frames(cast):
        images.append(_painted(svg))
        lasts_ms.append(round(lasts_s * 100) * 10)
    palette = _palette(images)
    reduced = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    first, *others = reduced
    first.save(file, save_all=True, append_images=others, duration=lasts_ms, loop=0, optimize=False)
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"{file} is larger than {MAX_BYTES} bytes")


def _pictures(cast: Cast) -> Iterator[tuple[float, str]]:
    """Give (when, SVG) after each run of events that follow each other closely."""
    screen, caption = pyte.Screen(cast.columns, cast.rows), ""
    stream, begun_s, is_drawn = pyte.Stream(screen), 0.0, False
    for event in cast.events:
        if is_drawn and (event.kind == "m" or event.time_s - begun_s > CALM_S):
            yield begun_s, _picture(screen, caption)
            is_drawn = False
        if not is_drawn:
            begun_s = event.time_s
        if event.kind == "m":
            caption = event.text
        else:
            stream.feed(event.text)
            is_drawn = True
    yield begun_s, _picture(screen, caption)


def _picture(screen: pyte.Screen, caption: str) -> str:
    spans = [span for row in range(screen.lines) for span in _row(screen, row)]
    return window(
        spans,
        columns=screen.columns,
        rows=screen.lines,
        title="pan123-tui",
        ground=DARK.background or "",
        caption=caption,
    )


def _row(screen: pyte.Screen, row: int) -> Iterator[Span]:
    """Give the backgrounds and texts of a row; a wide letter has an empty cell behind it."""
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    column = 0
    for (paint, css), group in groupby(cells, key=_style):
        run = list(group)
        yield Span(column, row, len(run), paint)
        text = "".join(char.data for char in run)
        yield Span(column, row, width(text), css, text)
        column += len(run)


def _style(char: Char) -> tuple[str, str]:
    """Give a cell's background and the CSS of its letter."""
    ink, paint = _colour(char.fg, DARK.foreground), _colour(char.bg, DARK.background)
    if char.reverse:
        ink, paint = paint, ink
    css = f"fill:{ink}"
    css += ";font-weight:bold" if char.bold else ""
    css += ";text-decoration:underline" if char.underscore else ""
    return paint, css


def _colour(name: str, default: str | None) -> str:
    """Give pyte's name of a colour as SVG's."""
    return default or "" if name == "default" else f"#{name}" if len(name) == 6 else name


def _painted(svg: str) -> Image.Image:
    """Paint without transparency: a GIF has no half transparent corners."""
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))))
    ground = Image.new("RGBA", drawn.size, DARK.background or "")
    return Image.alpha_composite(ground, drawn.convert("RGBA")).convert("RGB")


def _palette(images: list[Image.Image]) -> Image.Image:
    """Give colours that fit all images: of some of them, beside each other."""
    some = images[:: max(1, len(images) // 8)]
    wide, high = some[0].size
    sheet = Image.new("RGB", (wide, high * len(some)))
    for number, image in enumerate(some):
        sheet.paste(image, (0, number * high))
    return sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
