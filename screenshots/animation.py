"""Draws a recording as an animated GIF, with this machine's fonts."""

import io
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyte
import resvg_py
from PIL import Image
from pyte.screens import Char

from pan123_tui.domain.sanitize import width
from pan123_tui.ui.theme import THEMES
from screenshots.cast import Cast
from screenshots.drawing import Span, window

ZOOM = 1.25
COLOURS = 96
MAX_BYTES = 1_500_000
MERGE_WITHIN_S = 0.1
"""Output within this time is one frame."""


def frames(cast: Cast) -> Iterator[tuple[float, str]]:
    """Yield the frames of a recording as (duration in seconds, SVG)."""
    shown_s, shown = 0.0, ""
    for time_s, svg in _pictures(cast):
        if svg == shown:
            continue
        if shown:
            yield time_s - shown_s, shown
        shown_s, shown = time_s, svg
    if cast.lasts_s > shown_s:  # else it came with the last event
        yield cast.lasts_s - shown_s, shown


def write_gif(cast: Cast, file: Path) -> None:
    """Write `cast` to `file`; raises `ValueError` if the file is larger than `MAX_BYTES`."""
    images, lasts_ms = [], []
    for lasts_s, svg in frames(cast):
        images.append(_rasterized(svg))
        lasts_ms.append(round(lasts_s * 100) * 10)
    palette = _palette(images)
    reduced = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    first, *others = reduced
    first.save(file, save_all=True, append_images=others, duration=lasts_ms, loop=0, optimize=False)
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"{file} is larger than {MAX_BYTES} bytes")


def _pictures(cast: Cast) -> Iterator[tuple[float, str]]:
    """Yield (start in seconds, SVG) after each group of events close together."""
    screen, caption = pyte.Screen(cast.columns, cast.rows), ""
    stream, started_s, is_drawn = pyte.Stream(screen), 0.0, False
    for event in cast.events:
        if is_drawn and (event.kind == "m" or event.time_s - started_s > MERGE_WITHIN_S):
            yield started_s, _picture(screen, caption)
            is_drawn = False
        if not is_drawn:
            started_s = event.time_s
        if event.kind == "m":
            caption = event.text
        else:
            stream.feed(event.text)
            is_drawn = True
    yield started_s, _picture(screen, caption)


def _picture(screen: pyte.Screen, caption: str) -> str:
    spans = [span for row in range(screen.lines) for span in _row(screen, row)]
    return window(
        spans,
        columns=screen.columns,
        rows=screen.lines,
        title="pan123-tui",
        ground=THEMES[0].background or "",
        caption=caption,
    )


def _row(screen: pyte.Screen, row: int) -> Iterator[Span]:
    """Yield the backgrounds and texts of a row; a wide character has an empty second cell."""
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    column = 0
    for (paint, css), group in groupby(cells, key=_style):
        run = list(group)
        yield Span(column, row, len(run), paint)
        text = "".join(char.data for char in run)
        yield Span(column, row, width(text), css, text)
        column += len(run)


def _style(char: Char) -> tuple[str, str]:
    """Return a cell's background and the CSS of its text."""
    ink, paint = _colour(char.fg, THEMES[0].foreground), _colour(char.bg, THEMES[0].background)
    if char.reverse:
        ink, paint = paint, ink
    css = f"fill:{ink}"
    css += ";font-weight:bold" if char.bold else ""
    css += ";text-decoration:underline" if char.underscore else ""
    return paint, css


def _colour(name: str, default: str | None) -> str:
    """Return the SVG colour for pyte's colour name."""
    return default or "" if name == "default" else f"#{name}" if len(name) == 6 else name


def _rasterized(svg: str) -> Image.Image:
    """Rasterize on an opaque background: a GIF has no partial transparency."""
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))))
    ground = Image.new("RGBA", drawn.size, THEMES[0].background or "")
    return Image.alpha_composite(ground, drawn.convert("RGBA")).convert("RGB")


def _palette(images: list[Image.Image]) -> Image.Image:
    """Return a palette for all images, computed from a sheet of some of them."""
    some = images[:: max(1, len(images) // 8)]
    wide, high = some[0].size
    sheet = Image.new("RGB", (wide, high * len(some)))
    for number, image in enumerate(some):
        sheet.paste(image, (0, number * high))
    return sheet.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
