"""The tabs with their counts, in one line."""

from collections.abc import Mapping

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from pan123_tui.domain.query import Query, View
from pan123_tui.i18n import _
from pan123_tui.wording.formats import VIEW_LABELS, number

_CHOSEN = "bold underline $block-cursor-foreground on $block-cursor-background"


class ViewTabs(Widget):
    """One tab for each view; a click does what its key does."""

    counts: reactive[Mapping[View, int]] = reactive[Mapping[View, int]]({})
    list_query = reactive(Query())
    auto_links = False
    """Textual would repaint what is under a moving mouse."""

    def render(self) -> Content:
        """Return the tabs, with their keys if there is room."""
        line = self._line(has_keys=True)
        return line if line.cell_length <= self.size.width else self._line(has_keys=False)

    def _line(self, *, has_keys: bool) -> Content:
        line = Content()
        for key, (view, label) in enumerate(VIEW_LABELS.items(), start=1):
            is_chosen = view == self.list_query.view
            muted = "" if is_chosen else "$text-muted"
            parts = (f"{key}:" if has_keys else "", muted), _(label)
            count = f" {number(self.counts[view])}" if self.counts else ""
            tab = Content.assemble(*parts, (count, muted))
            tab = Content.assemble(" ", tab.stylize(_CHOSEN if is_chosen else ""), " ")
            line += tab.stylize(Style.from_meta({"@click": f"screen.act('view.show_{view}')"}))
        return line
