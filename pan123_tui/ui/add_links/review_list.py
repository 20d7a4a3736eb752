"""The list of reviewed links: each row with its verdict, name, folder and link."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.styles import RulesMap
from textual.events import Click, Key
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import ReviewRow, Verdict, final_names
from pan123_tui.domain.sanitize import TruncateAt, sanitize, width
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.wording.formats import folder_name
from pan123_tui.wording.inputs import verdict_text

MIN_SINGLE_LINE_WIDTH = 70
"""Width from which a row takes only one line."""
MIN_LINK_COLUMN_WIDTH = 110
"""Width from which the link always has a column of its own."""
VERDICT_CELLS = 24
_MAX_FOLDER_CELLS = 20
_GAP = 2
_MARK_CELLS = 2
_MUTED = "$text-muted"
_SIGNS = {
    Verdict.KEPT: ("√", "$text-success"),
    Verdict.DOUBTFUL: ("?", "$text-warning"),
    Verdict.REFUSED: ("×", "$text-error"),
    Verdict.SKIPPED: ("-", _MUTED),
}
"""The sign of each verdict, and its style."""


class RowVisual(Visual):
    """One row, drawn only when it comes into sight, so that any number of links is possible."""

    def __init__(self, draw: Callable[[int], Content]) -> None:
        """`draw` returns the row for a width in cells."""
        self._draw = draw

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        return lines_per_row(width)

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        return self._draw(width).render_strips(width, height, style, options)


def lines_per_row(cells: int) -> int:
    """Return how many lines a row takes in `cells` cells."""
    return 1 if cells >= MIN_SINGLE_LINE_WIDTH else 2


def kind_of(row: ReviewRow) -> object:
    """Return what rows with the same verdict have in common."""
    return row.verdict, row.doubt, row.reason, row.is_repeated, row.known_as > 0


def _verdict_cells(rows: Sequence[ReviewRow]) -> int:
    """Return the width of the widest verdict, up to `VERDICT_CELLS`, and a gap."""
    kinds = {kind_of(it): it for it in rows if not it.is_mere_text}
    widest = max((width(verdict_text(row)) for row in kinds.values()), default=0)
    is_known = any(row.known_as for row in kinds.values())
    return (VERDICT_CELLS if is_known else min(widest, VERDICT_CELLS)) + _GAP


def _cells(text: str) -> int:
    return width(text) + _GAP if text else 0


def _column(text: str, cells: int, style: str, *, cut: TruncateAt = "end") -> Content:
    """Return untrusted `text` cut or padded to `cells` cells, with a gap at its end."""
    shown = sanitize(text, max(cells - _GAP, 0), truncate_at=cut)
    return Content.styled(shown, style).pad_right(max(cells - width(shown), 0))


class ReviewList(OptionList):
    """Shows review rows; lines without a link share one at the end, which can be opened.

    No letter is a key of it: each may begin an address, which is typed or comes as a plain paste.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "screen.toggle_row", N_("on/off"), id="review.toggle"),
        Binding("ctrl+a", "screen.toggle_row(True)", N_("all like this"), id="review.toggle_alike"),
        Binding("enter", "select", N_("edit"), id="review.edit"),
        Binding("delete", "screen.drop", N_("drop"), id="review.drop"),
        Binding("backspace", "screen.drop", show=False),  # the only one that a phone has
        Binding("up", "move(-1)", N_("up"), id="review.up", show=False),
        Binding("down", "move(1)", N_("down"), id="review.down", show=False),
    ]

    def __init__(self, model: TaskModel, *, id: str) -> None:
        """`model` has the tasks that rows may duplicate."""
        super().__init__(id=id, markup=False)
        self._model = model
        self.rows: Sequence[ReviewRow] = ()
        """The rows in the list, those without a link at the end."""
        self._folders: Mapping[int, str] = {}
        self._names: Sequence[str] = ()
        self._verdict_cells = 0
        self._addresses = 0
        self._places = (0, 0, -1)
        """What the options are made of: the numbers of links, of other lines, and of rows shown."""
        self._is_open = False
        """Whether the lines without a link are shown."""

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor; None on the line that opens."""
        place = self.highlighted
        if place is None or place == self._addresses:
            return None
        return self.rows[place - (place > self._addresses)]

    def show(self, rows: Sequence[ReviewRow], common: DownloadRequest) -> None:
        """Show `rows` with the values `common` to all; the cursor stays in its place."""
        self.rows = rows
        self._addresses = sum(not row.is_mere_text for row in self.rows)
        self._names, self._folders = final_names(rows, common.name), self._model.folder_names
        self._verdict_cells = _verdict_cells(rows)
        self._show_lines()

    def _show_lines(self) -> None:
        texts = len(self.rows) - self._addresses
        shown = self._addresses + texts * self._is_open
        former, self._places = self._places, (self._addresses, texts, shown)
        if self._places == former:
            # One new prompt makes all rows redraw, in a fraction of the time that new options take.
            self.replace_option_prompt_at_index(0, self.options[0].prompt)
            return
        options = [Option(RowVisual(partial(self.draw, index))) for index in range(shown)]
        if texts:
            options.insert(self._addresses, Option(self._fold_text(texts)))
        elif not options:
            options.append(Option(_("Each link becomes a row."), disabled=True))
        cursor, top = self.highlighted or 0, self.scroll_y
        self.set_options(options)
        self.scroll_to(y=top, animate=False, immediate=True)
        self.highlighted = cursor

    def action_move(self, places: int) -> None:
        """Move the cursor, but not from one end of the list to the other."""
        self.highlighted = (self.highlighted or 0) + places

    def action_select(self) -> None:
        if self.row is None:
            self.toggle_texts()
        else:
            super().action_select()

    def on_click(self, event: Click) -> None:
        """Move to the row, without editing it."""
        event.prevent_default()
        self.highlighted = event.style.meta.get("option", self.highlighted)

    def on_key(self, event: Key) -> None:
        """Leave the list at its upper end."""
        if event.key == "up" and not self.highlighted:
            self.screen.focus_previous()

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def draw(self, index: int, cells: int) -> Content:
        """Return row `index` as one line of `cells` cells, or as two if there are few."""
        row = self.rows[index]
        verdict = verdict_text(row, self._model.tasks.get(row.known_as))
        sent_name = self._names[index]
        name = (sent_name or row.shown_name) if row.has_link else row.text
        own_folder = folder_name(row.folder_id or 0, self._folders)
        folder = sanitize(f"→ {own_folder}", _MAX_FOLDER_CELLS) if row.folder_id else ""
        folder_cells = _cells(folder)
        link = row.text if row.has_link else ""
        free = max(cells - _MARK_CELLS, 0)
        sign, verdict_style = _SIGNS[row.verdict]
        verdict_style = "$text-warning" if row.is_duplicate or row.doubt else verdict_style
        is_named = bool(sent_name) and row.verdict is not Verdict.SKIPPED
        name_style = "" if is_named or row.verdict is Verdict.REFUSED else _MUTED
        head = Content.styled(f"{sign} ", verdict_style)
        if lines_per_row(cells) == 2:
            verdict_cells = min(_cells(verdict), self._verdict_cells, free)
            return Content.assemble(
                head,
                _column(name, free - folder_cells, name_style),
                _column(folder, folder_cells, _MUTED),
                "\n" + " " * _MARK_CELLS,
                _column(verdict, verdict_cells, verdict_style),
                _column(link, free - verdict_cells, _MUTED, cut="middle"),
            )
        verdict_cells = min(self._verdict_cells, free)
        free -= verdict_cells + folder_cells
        ends_with_name = not sent_name and link.endswith(row.shown_name)
        link_cells = free // 2 if cells >= MIN_LINK_COLUMN_WIDTH or not ends_with_name else free
        if not link:
            link_cells = 0
        return Content.assemble(
            head,
            _column(verdict, verdict_cells, verdict_style),
            _column(name, free - link_cells, name_style),
            _column(folder, folder_cells, _MUTED),
            _column(link, link_cells, _MUTED, cut="middle"),
        )

    def toggle_texts(self) -> None:
        """Show or hide the lines without a link."""
        if self.rows:
            self._is_open = not self._is_open
            self._show_lines()
            if self._is_open:  # otherwise only the arrow would change, at the end of the list
                self.call_after_refresh(self.scroll_to_highlight, top=True)

    def _fold_text(self, count: int) -> str:
        text = ngettext("{count} line of other text", "{count} lines of other text", count)
        sign = "▾" if self._is_open else "▸"
        return f"{sign} {text}"
