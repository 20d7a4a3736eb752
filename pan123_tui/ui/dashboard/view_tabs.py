"""The state views with their counts, one line, the chosen one marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from pan123_tui.domain.query import View
from pan123_tui.domain.sanitize import width
from pan123_tui.domain.task import TaskState
from pan123_tui.wording import formats

Entry = tuple[str, str, int]
"""A view's key, its label, and how many tasks it holds."""


SIGNS: Mapping[str, str] = {
    View.ACTIVE: formats.state_glyph(TaskState.RUNNING),
    View.FAILED: formats.state_glyph(TaskState.FAILED),
    View.WAITING: formats.state_glyph(TaskState.QUEUED),
    View.SUCCEEDED: formats.state_glyph(TaskState.SUCCEEDED),
    View.STALLED: formats.STALLED_GLYPH,
}
"""What stands for a view's label where the line is short: the sign of its tasks in the table."""
CHOSEN_STYLE = "bold underline $block-cursor-foreground on $block-cursor-background"
QUIET_STYLE = "$text-muted"


class Words(NamedTuple):
    """What is written on a tab."""

    key: str
    """Of the keyboard, with a colon; may be empty."""
    name: str
    """The label, or the sign that stands for it."""
    number: str = ""


class Tab(NamedTuple):
    """Where a view stands on the line, and what is written there."""

    key: str
    start: int
    """Cells from the left edge."""
    words: Words

    @property
    def text(self) -> str:
        """All that is written, with a blank before and after."""
        return f" {self.words.key}{self.words.name}{self.words.number} "

    @property
    def end(self) -> int:
        return self.start + width(self.text)


class ViewTabs(Widget):
    """One tab for each view; says which one was clicked and changes nothing by itself."""

    @dataclass
    class ViewChosen(Message):
        """The tab of the view `key` was clicked."""

        key: str

    entries: reactive[Sequence[Entry]] = reactive(())
    """The views, in this order."""
    chosen = reactive("")
    """The key of the view that is marked as the current one."""

    def render(self) -> Content:
        pieces: list[Content | tuple[str, str] | str] = []
        for tab in laid_out(self.entries, self.chosen, self.size.width):
            if tab.key == self.chosen:
                pieces += [" ", (tab.text.strip(), CHOSEN_STYLE), " "]
            else:
                key, name, number = tab.words
                pieces += [" ", (key, QUIET_STYLE), name, (number, QUIET_STYLE), " "]
        return Content.assemble(*pieces)

    def on_click(self, event: Click) -> None:
        event.stop()
        for tab in laid_out(self.entries, self.chosen, self.size.width):
            if tab.start <= event.x < tab.end:
                self.post_message(self.ViewChosen(tab.key))


def laid_out(entries: Sequence[Entry], chosen: str, cells: int) -> list[Tab]:
    """Place the tabs on `cells` cells, with as much of each as all of them leave room for."""
    tabs: list[Tab] = []
    for lines in _by_detail(entries, chosen):
        tabs = []
        start = 0
        for (key, _, _), words in zip(entries, lines, strict=True):
            tabs.append(Tab(key, start, words))
            start = tabs[-1].end
        if start <= cells:
            break
    return tabs


def _by_detail(entries: Sequence[Entry], chosen: str) -> Iterator[list[Words]]:
    """Give the tabs' words, the fullest first: key of the keyboard, label or sign, count."""
    full = [
        Words(f"{n}:", label, f" {formats.number(count)}")
        for n, (_, label, count) in enumerate(entries, start=1)
    ]
    yield full
    plain = [words._replace(key="") for words in full]
    yield plain
    # Only the chosen one keeps its label: the others are known by the signs of their tasks.
    short = [
        words if key == chosen else words._replace(name=SIGNS.get(key, words.name))
        for words, (key, _, _) in zip(plain, entries, strict=True)
    ]
    yield short
    yield [
        words if key == chosen else words._replace(number="")
        for words, (key, _, _) in zip(short, entries, strict=True)
    ]
