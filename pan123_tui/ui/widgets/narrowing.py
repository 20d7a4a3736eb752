"""The line that says that a search or a filter is on, so that nobody misses what it hides."""

from textual.content import Content
from textual.widgets import Static

from pan123_tui.i18n import _
from pan123_tui.ui.formatting import plain_content
from pan123_tui.wording import number


class Narrowing(Static):
    """Invisible while everything of the view is shown."""

    def __init__(self, *, back_key: str) -> None:
        """Take the key to name for showing everything again."""
        super().__init__(markup=False, id="narrowing")
        self._back_key = back_key
        self.display = False
        self._shown = ""

    def show(self, search: str, expression: str, *, hits: int, total: int) -> None:
        """Say what is searched and filtered for, and how many of how many tasks are left."""
        parts = [f"/ {search}"] if search else []
        parts += [_("filter: {filter}").format(filter=expression)] if expression else []
        self.display = bool(parts)
        parts += [
            _("{hits} of {total}").format(hits=number(hits), total=number(total)),
            _("{key} shows all").format(key=self._back_key),
        ]
        text = "  ·  ".join(parts)
        if text != self._shown:
            self._shown = text
            self.update(Content(" ") + plain_content(text))
