"""The manual in the terminal: a list of its pages, and the chosen page."""

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.widgets import Markdown, OptionList
from textual.widgets.option_list import Option

from pan123_tui.i18n import N_
from pan123_tui.manual import PAGES, page_text, page_title
from pan123_tui.system.processes import open_in_browser, resume_collection
from pan123_tui.terminal.driver import TerminalDriver
from pan123_tui.terminal.textual_private import TerminalApp
from pan123_tui.ui.dialogs import Dialog
from pan123_tui.ui.theme import DEFAULT_THEME, THEMES, stylesheet
from pan123_tui.ui.widgets.key_bar import KeyBar


class ManualScreen(Dialog[None]):
    """Shows `page`; the other pages are one key away, and links between pages work."""

    AUTO_FOCUS = "#manual-body"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", N_("back"), id="manual.close"),
        Binding("right,l", "turn(1)", N_("next page"), id="manual.next"),
        Binding("left,h", "turn(-1)", N_("previous page"), id="manual.former"),
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
        self.query_one("#manual-body").scroll_home(animate=False)


class ManualApp(TerminalApp[None]):
    """The manual without the dashboard."""

    CSS_PATH = stylesheet()
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, page: str) -> None:
        super().__init__(driver_class=TerminalDriver)
        self._page = page
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME

    def on_mount(self) -> None:
        self.push_screen(ManualScreen(self._page), lambda _result: self.exit())

    def on_ready(self) -> None:
        self.call_after_refresh(resume_collection)
