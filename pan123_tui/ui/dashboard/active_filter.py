"""The line that shows the search in use."""

from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from pan123_tui.i18n import _
from pan123_tui.ui.widgets.styled_text import plain_content
from pan123_tui.wording.formats import number


class ActiveFilterLine(Static):
    """The search in use on one line, of which the end may not fit; hidden while there is none."""

    parts: reactive[tuple[str, str]] = reactive(("", ""))
    """How much is found, and the search; for a batch how it stands, and nothing."""
    shows_back_key = reactive(True)
    """Whether the back key shows everything at once, and undoes nothing else before."""

    def __init__(self, *, back_key: str) -> None:
        super().__init__(markup=False)
        self._back_key = back_key
        self.display = False

    def show(self, line: str, *, hits: int, total: int, batch: str = "") -> None:
        """Show how many tasks match `line`, or how the `batch` stands that it selects."""
        counts = _("{hits} of {total}").format(hits=number(hits), total=number(total))
        self.display = bool(line)
        self.parts = (batch, "") if batch else (counts, f"/ {line}")

    def render(self) -> Content:
        """Return the parts, and the key that shows everything."""
        found, line = self.parts
        hint = _("{key} clears it").format(key=self._back_key) if self.shows_back_key else ""
        return plain_content("  ·  ".join(filter(None, (found, hint, line))))
