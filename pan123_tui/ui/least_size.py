"""The least size of a terminal on which anything of use can be drawn."""

from textual.geometry import Size

FLOOR = Size(40, 12)


def is_too_small(size: Size) -> bool:
    """Tell whether nothing of use can be drawn on `size`."""
    return size.width < FLOOR.width or size.height < FLOOR.height
