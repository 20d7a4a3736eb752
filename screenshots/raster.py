"""Converts SVG drawings to small PNG files, with this machine's fonts."""

import io
from pathlib import Path

import resvg_py
from PIL import Image

ZOOM = 1.6
COLOURS = 128
MAX_BYTES = 300_000


def write_png(svg: str, file: Path) -> None:
    """Write `svg` to `file` as PNG; raises `ValueError` if larger than `MAX_BYTES`."""
    image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))))
    reduced = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(file, optimize=True)
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"{file} is larger than {MAX_BYTES} bytes")
