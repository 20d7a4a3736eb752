"""The stylesheet in its two parts: what the first frame needs, and the rest.

Textual takes 10 ms to read the whole of it, which is felt on every login.
"""

from pathlib import Path
from typing import NamedTuple

SEAM = "/* ══ After the first frame ══ */"


class Stylesheet(NamedTuple):
    """What `styles.tcss` says."""

    first: str
    """All that is seen at once."""
    rest: str


def read_stylesheet(file: Path) -> Stylesheet:
    """Read the stylesheet `file`; without a seam all of it comes first."""
    first, _seam, rest = file.read_text("utf-8").partition(SEAM)
    return Stylesheet(first, rest)
