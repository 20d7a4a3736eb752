"""The tabs of the views with their counts, in one line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.domain.query import Query, View
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.shown import Shown
from pan123_tui.wording import formats

ViewCount = tuple[str, str, int]
"""A view's key, its label and its number of tasks."""


VIEW_GLYPHS: Mapping[str, str] = {
    View.ACTIVE: formats.shown_glyph(Shown.RUNNING),
    View.TROUBLE: formats.shown_glyph(Shown.FAILED),
    View.DONE: formats.shown_glyph(Shown.DONE),
}
"""The glyph that replaces a view's label where the line is short."""
CHOSEN_STYLE = "bold underline $block-cursor-foreground on $block-cursor-background"
MUTED_STYLE = "$text-muted"


class TabText(NamedTuple):
    """The text of a tab, in parts."""

    key: str
    """The digit that shows the view, with a colon; may be empty."""
    name: str
    """The label, or its glyph."""
    number: str = ""


class Tab(NamedTuple):
    """The place and text of a view's tab."""

    key: str
    start: int
    """Cells from the left edge."""
    parts: TabText

    @property
    def text(self) -> str:
        """The whole text, with a blank before and after."""
        return f" {self.parts.key}{self.parts.name}{self.parts.number} "

    @property
    def end(self) -> int:
        return self.start + width(self.text)


class ViewTabs(Widget):
    """One tab for each view; a click posts `ViewChosen` and changes nothing else."""

    @dataclass
    class ViewChosen(Message):
        """The tab of the view `key` was clicked."""

        key: str

    views: reactive[Sequence[ViewCount]] = reactive(())
    """The views, from the left."""
    list_query = reactive(Query())
    """The current query."""

    def render(self) -> Content:
        content: list[Content | tuple[str, str] | str] = []
        for tab in layout_tabs(self.views, self.list_query.view, self.size.width):
            if tab.key == self.list_query.view:
                content += [" ", (tab.text.strip(), CHOSEN_STYLE), " "]
            else:
                key, name, number = tab.parts
                content += [" ", (key, MUTED_STYLE), name, (number, MUTED_STYLE), " "]
        return Content.assemble(*content)

    def on_click(self, event: Click) -> None:
        event.stop()
        for tab in layout_tabs(self.views, self.list_query.view, self.size.width):
            if tab.start <= event.x < tab.end:
                self.post_message(self.ViewChosen(tab.key))


def layout_tabs(views: Sequence[ViewCount], chosen: str, cells: int) -> list[Tab]:
    """Lay out the tabs on `cells` cells, in the fullest variant that fits."""
    tabs: list[Tab] = []
    for texts in _variants(views, chosen):
        tabs = []
        start = 0
        for (key, _, _), text in zip(views, texts, strict=True):
            tabs.append(Tab(key, start, text))
            start = tabs[-1].end
        if start <= cells:
            break
    return tabs


def _variants(views: Sequence[ViewCount], chosen: str) -> Iterator[list[TabText]]:
    """Yield the texts of all tabs, the fullest variant first."""
    full = [
        TabText(f"{n}:", label, f" {formats.number(count)}")
        for n, (_, label, count) in enumerate(views, start=1)
    ]
    yield full
    plain = [text._replace(key="") for text in full]
    yield plain
    # Only the chosen tab keeps its label: the table shows what the other glyphs mean.
    short = [
        text if key == chosen else text._replace(name=VIEW_GLYPHS.get(key, text.name))
        for text, (key, _, _) in zip(plain, views, strict=True)
    ]
    yield short
    yield [
        text if key == chosen else text._replace(number="")
        for text, (key, _, _) in zip(short, views, strict=True)
    ]
