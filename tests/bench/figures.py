"""A row of the table: the cost of the baseline, the cost of the program, and the limit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its baseline; less is better."""

    what: str
    baseline: float | None
    """The baseline's value in the same run; None: it has none."""
    ours: float
    unit: str
    limit: float
    """The largest accepted value, in `unit`, or relative to the baseline if `is_ratio`."""
    is_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """The value relative to the baseline."""
        return self.ours / self.baseline if self.baseline else None

    @property
    def is_met(self) -> bool:
        """Whether the value is within the limit."""
        value = self.ratio if self.is_ratio else self.ours
        return value is not None and value <= self.limit

    def __str__(self) -> str:
        limit = f"{self.limit:g} ×" if self.is_ratio else f"{self.limit:,g} {self.unit}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3f} ×"
        baseline = "" if self.baseline is None else f"{_number(self.baseline)} {self.unit}"
        return (
            f"{self.what:56}{baseline:>16}"
            f"{_number(self.ours) + ' ' + self.unit:>16}{ratio:>10}"
            f"   ≤ {limit:14}{'' if self.is_met else 'MISSED'}"
        )


HEADINGS = f"{'':56}{'baseline':>16}{'ours':>16}{'ratio':>10}   aim"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
