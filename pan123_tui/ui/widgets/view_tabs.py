"""The state views with their counts, one line, the chosen one marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from pan123_tui import wording
from pan123_tui.domain.visible import width

Entry = tuple[str, str, int]
"""A view's key, its label, and how many tasks it holds."""


class Tab(NamedTuple):
    """Where a view stands on the line, and what is written there."""

    key: str
    start: int
    """Cells from the left edge."""
    text: str

    @property
    def end(self) -> int:
        return self.start + width(self.text)


class ViewTabs(Widget):
    """One tab for each view; says which one was clicked and changes nothing by itself."""

    @dataclass
    class ViewChosen(Message):
        """The tab of the view `key` was clicked."""

        key: str

    def __init__(self, entries: Sequence[Entry] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._entries = tuple(entries)
        self._chosen = entries[0][0] if entries else ""

    @property
    def chosen(self) -> str:
        """The key of the view that is marked as the current one."""
        return self._chosen

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these views, in this order."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._chosen = self._chosen or (entries[0][0] if entries else "")
            self.refresh()

    def choose(self, key: str) -> None:
        """Mark the view `key` as the current one."""
        if key != self._chosen:
            self._chosen = key
            self.refresh()

    def render(self) -> Content:
        pieces: list[Content | str] = []
        for tab in laid_out(self._entries, self._chosen, self.size.width):
            is_chosen = tab.key == self._chosen
            style = (
                "bold underline $block-cursor-foreground on $block-cursor-background"
                if is_chosen
                else "$text-muted"
            )
            inner = Content.styled(tab.text.strip(), style)
            pieces += [" ", inner, " "]
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        event.stop()
        for tab in laid_out(self._entries, self._chosen, self.size.width):
            if tab.start <= event.x < tab.end:
                self.post_message(self.ViewChosen(tab.key))


def laid_out(entries: Sequence[Entry], chosen: str, cells: int) -> list[Tab]:
    """Place the tabs on `cells` cells, with as much of each as all of them leave room for."""
    tabs: list[Tab] = []
    for words in _by_detail(entries, chosen):
        tabs = []
        start = 0
        for (key, _, _), text in zip(entries, words, strict=True):
            tabs.append(Tab(key, start, f" {text} "))
            start = tabs[-1].end
        if start <= cells:
            break
    return tabs


def _by_detail(entries: Sequence[Entry], chosen: str) -> Iterator[list[str]]:
    """Give the tabs' words, the fullest first: its key on the keyboard, label, count."""
    numbered = list(enumerate(entries, start=1))
    yield [f"{n} {label} {wording.number(count)}" for n, (_, label, count) in numbered]
    yield [f"{label} {wording.number(count)}" for _, label, count in entries]
    yield [
        f"{n} {label} {wording.number(count)}" if key == chosen else f"{n} {wording.number(count)}"
        for n, (key, label, count) in numbered
    ]
    yield [f"{n} {label}" if key == chosen else str(n) for n, (key, label, _) in numbered]
