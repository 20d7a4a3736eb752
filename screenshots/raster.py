"""Pictures of drawings: SVG to small PNG, with this machine's fonts."""

import io
from pathlib import Path

import resvg_py
from PIL import Image

ZOOM = 1.6
COLOURS = 128
MAX_BYTES = 300_000


def write_png(svg: str, file: Path) -> None:
    """Paint `svg` into `file`; raises `ValueError` where it gets too large for a README."""
    painted = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM))))
    reduced = painted.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(file, optimize=True)
    if file.stat().st_size > MAX_BYTES:
        raise ValueError(f"{file} is larger than {MAX_BYTES} bytes")
