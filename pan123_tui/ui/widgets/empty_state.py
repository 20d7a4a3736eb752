"""What stands in the table's place when there is nothing to show: what to do first, or why."""

from textual.content import Content
from textual.widgets import Static


class EmptyState(Static):
    """A heading and a few lines of advice; invisible while there is something to show."""

    def __init__(self) -> None:
        super().__init__(markup=False, id="empty")
        self.display = False
        self._shown: tuple[str, str] | None = None

    def show(self, heading: str, advice: str = "") -> None:
        """Say `heading`, and under it `advice`, one thought a line."""
        if self._shown != (heading, advice):
            self._shown = (heading, advice)
            self.update(
                Content("\n\n").join(
                    [Content.styled(heading, "bold $text"), Content.styled(advice, "$text-muted")]
                )
            )
        self.display = True

    def hide(self) -> None:
        """Make room for the table."""
        self.display = False
