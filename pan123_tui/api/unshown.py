"""Structs that do not show what they hold, neither in a repr nor in rich's."""

from typing import Any

import msgspec


class Unshown(msgspec.Struct, frozen=True):
    """A struct that may hold a secret: a crash report shows its name and nothing else."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []
