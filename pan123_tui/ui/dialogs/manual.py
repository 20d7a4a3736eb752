"""The manual in the terminal: a list of its pages, and the chosen page."""

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, VerticalScroll
from textual.widgets import Markdown, OptionList, Static
from textual.widgets.option_list import Option

from pan123_tui.domain.sanitize import width
from pan123_tui.i18n import N_
from pan123_tui.manual import PAGES, page_text, page_title
from pan123_tui.system.processes import open_in_browser, resume_collection
from pan123_tui.terminal.textual_private import TerminalApp, words
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES, stylesheet
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.ui.widgets.styled_text import GAP

_NARROW_CELLS = 16
"""A column of a table that is no wider stays so, as long as others can give way."""


class ManualScreen(Dialog[None]):
    """Shows `page`; the other pages are one key away, and links between pages work."""

    AUTO_FOCUS = "#manual-body"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    BINDINGS = [
        Binding("escape,q", "cancel", N_("back"), id="manual.close"),
        Binding("right,l", "turn(1)", N_("next chapter"), id="manual.next"),
        Binding("left,h", "turn(-1)", N_("previous chapter"), id="manual.former"),
        Binding("j", "scroll(1)", N_("down"), id="manual.down", show=False),
        Binding("k", "scroll(-1)", N_("up"), id="manual.up", show=False),
    ]

    def __init__(self, page: str = PAGES[0]) -> None:
        super().__init__()
        self._page = page

    def compose(self) -> ComposeResult:
        titles = [Option(page_title(name), id=name) for name in PAGES]
        with Container(id="manual-box"):
            yield OptionList(*titles, id="manual-pages", markup=False)
            with VerticalScroll(id="manual-body"):
                yield Markdown(open_links=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._choose(PAGES.index(self._page))

    def action_turn(self, pages: int) -> None:
        """Show the page that comes `pages` later; it stops at both ends."""
        self._choose(PAGES.index(self._page) + pages)

    def action_scroll(self, lines: int) -> None:
        self.query_one("#manual-body").scroll_relative(y=lines)

    def _choose(self, index: int) -> None:
        self.query_one(OptionList).highlighted = max(0, min(index, len(PAGES) - 1))

    @on(OptionList.OptionHighlighted)
    def _turn_to(self, event: OptionList.OptionHighlighted) -> None:
        self._page = event.option_id or self._page
        self._show()

    @on(OptionList.OptionSelected)
    def _read(self) -> None:
        self.query_one("#manual-body").focus()

    @on(Markdown.LinkClicked)
    def _follow(self, event: Markdown.LinkClicked) -> None:
        name = event.href.removesuffix(".md")
        if name in PAGES:
            self._choose(PAGES.index(name))
        else:
            self.app.run_worker(open_in_browser(event.href))

    @work(group="manual", exclusive=True)
    async def _show(self) -> None:
        await self.query_one(Markdown).update(page_text(self._page))
        self._fit_tables()
        self.query_one("#manual-body").scroll_home(animate=False)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fit_tables)

    def _fit_tables(self) -> None:
        """Narrow the widest columns; Textual narrows the first ones, to single letters."""
        room = self.query_one(Markdown).content_size.width
        for table in self.query("MarkdownTableContent") if room else ():
            if texts := [str(cell.content) for cell in table.query_children(Static)]:
                *widths, _last = column_widths(texts, table.styles.grid_size_columns, room)
                table.set_styles(grid_columns=" ".join([*map(str, widths), "1fr"]))


def column_widths(texts: Sequence[str], columns: int, room: int) -> list[int]:
    """Return the widths of columns that fit into `room`; `texts` are those of the cells by row.

    The column with the least text for its width gives way first; as long as another one can, none
    that is narrow or as wide as its longest word.
    """
    cells = [texts[column::columns] for column in range(columns)]
    widths = [max(map(width, column)) for column in cells]
    amounts = [sum(map(width, column)) or 1 for column in cells]
    least = [
        max(_NARROW_CELLS, *(width(word) for text in column for *_, word in words(text)))
        for column in cells
    ]
    while sum(widths) > room - GAP * (columns - 1):
        wide = [column for column in range(columns) if widths[column] > least[column]]
        loose = max(wide, key=lambda column: widths[column] / amounts[column], default=None)
        widths[widths.index(max(widths)) if loose is None else loose] -= 1
    return widths


class ManualApp(TerminalApp[None]):
    CSS_PATH = stylesheet()
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME

    def on_mount(self) -> None:
        self.push_screen(ManualScreen(self._page), lambda _result: self.exit())

    def on_ready(self) -> None:
        self.call_after_refresh(resume_collection)
