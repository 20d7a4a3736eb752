"""The tabs of the views with their counts, in one line."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.shown import Shown
from pan123_tui.wording.formats import number, shown_glyph

ViewCount = tuple[View, str, int]
"""A view, its label and its number of tasks."""
_GLYPHS: Mapping[View, str] = {
    View.ACTIVE: shown_glyph(Shown.RUNNING),
    View.TROUBLE: shown_glyph(Shown.FAILED),
    View.DONE: shown_glyph(Shown.DONE),
}
"""What replaces a label where the line is short."""
_CHOSEN = "bold underline $block-cursor-foreground on $block-cursor-background"
_MUTED = "$text-muted"


class ViewTabs(Widget):
    """One tab for each view; a click is as its key."""

    views: reactive[Sequence[ViewCount]] = reactive(())
    """The views, from the left."""
    list_query = reactive(Query())
    """The current query."""
    auto_links = False
    """Textual would repaint what is under a moving mouse."""

    def render(self) -> Content:
        """Return the tabs in the fullest variant that fits."""
        line = Content()
        for tabs in self._variants():
            line = Content("").join(tabs)
            if line.cell_length <= self.size.width:
                break
        return line

    def _variants(self) -> Iterator[list[Content]]:
        """Yield the tabs with their keys, without them, and with signs for all but the chosen."""
        chosen = self.list_query.view
        yield [_tab(it, chosen, key=f"{n}:") for n, it in enumerate(self.views, start=1)]
        yield [_tab(it, chosen) for it in self.views]
        yield [
            _tab((view, label if view == chosen else _GLYPHS.get(view, label), count), chosen)
            for view, label, count in self.views
        ]


def _tab(view_count: ViewCount, chosen: View, *, key: str = "") -> Content:
    view, label, count = view_count
    muted = "" if view == chosen else _MUTED
    tab = Content.assemble((key, muted), label, (f" {number(count)}", muted))
    tab = Content.assemble(" ", tab.stylize(_CHOSEN if view == chosen else ""), " ")
    return tab.stylize(Style.from_meta({"@click": f"screen.act('view.show_{view}')"}))
