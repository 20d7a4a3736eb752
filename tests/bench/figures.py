"""A row of the table: what the usual way costs, what the program does, and the aim."""

from typing import NamedTuple

HEADINGS = f"{'':56}{'usual':>16}{'here':>16}{'ratio':>10}   aim"


class Figure(NamedTuple):
    """A measured value and that of the usual way in the same run; less is better."""

    what: str
    usual: float | None
    here: float
    unit: str
    aim: str

    def __str__(self) -> str:
        ratio = f"{self.here / self.usual:.3f} ×" if self.usual else ""
        usual, here = (
            "" if it is None else f"{it:,.{0 if it >= 100 else 2}f} {self.unit}"
            for it in (self.usual, self.here)
        )
        return f"{self.what:56}{usual:>16}{here:>16}{ratio:>10}   ≤ {self.aim}"
