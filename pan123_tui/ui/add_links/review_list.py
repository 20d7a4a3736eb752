"""The list of the reviewed links."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from pan123_tui.client.task_model import TaskModel
from pan123_tui.domain.links.review import ReviewRow, is_alike, toggled
from pan123_tui.domain.task import DownloadRequest
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.add_links.review_row import ReviewSnapshot, RowVisual


class ReviewList(OptionList, inherit_bindings=False):
    """Shows review rows, and changes them as the user wants.

    The lines without a link are one line at the end, which opens.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "space",
            "toggle_row",
            N_("keep/skip"),
            id="review.toggle",
            tooltip=N_("Keep or skip this row; accept a row that needs a look"),
        ),
        Binding(
            "ctrl+a",
            "toggle_row(True)",
            N_("all like this"),
            id="review.toggle_alike",
            tooltip=N_("Keep, skip or take all rows with the same verdict"),
        ),
        Binding(
            "enter",
            "select",
            N_("edit"),
            id="review.edit",
            tooltip=N_("Change its link, name and folder"),
        ),
        Binding(
            "d,delete", "screen.drop", N_("drop"), id="review.drop", tooltip=N_("Drop this row")
        ),
        Binding("up,k", "move(-1)", N_("up"), id="review.up", show=False),
        Binding("down,j", "move(1)", N_("down"), id="review.down", show=False),
        Binding("pageup", "page_up", N_("page up"), id="review.page_up", show=False),
        Binding("pagedown", "page_down", N_("page down"), id="review.page_down", show=False),
        Binding("home,g", "first", N_("first"), id="review.first", show=False),
        Binding("end,G", "last", N_("last"), id="review.last", show=False),
    ]

    def __init__(
        self,
        model: TaskModel,
        *,
        on_change: Callable[[Iterable[ReviewRow]], None],
        id: str,  # noqa: A002 - Textual's name
    ) -> None:
        """`on_change` is called with the changed rows, and shows them.

        `model` has the tasks that rows can be duplicates of.
        """
        super().__init__(id=id, markup=False)
        self._model = model
        self._on_change = on_change
        self.rows: Sequence[ReviewRow] = ()
        """The rows in the list, those without a link at the end."""
        self._snapshot = ReviewSnapshot.of((), DownloadRequest(""), {}, {})
        self._addresses = 0
        self._places = (0, 0, -1)
        """What the options stand for: the numbers of links, of other lines, and of rows shown."""
        self._is_open = False
        """Whether the lines without a link are shown."""

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor; None on the line that opens."""
        index = self.row_index(self.highlighted)
        return None if index is None else self.rows[index]

    def row_index(self, place: int | None) -> int | None:
        """Return the index of the row at `place`; None for the line that opens, and for none."""
        if place is None or place < self._addresses:
            return place
        return place - 1 if self._addresses < place <= len(self.rows) else None

    def show(self, rows: Sequence[ReviewRow], common: DownloadRequest) -> None:
        """Show `rows` with the values `common` to all; the cursor stays in its place."""
        self.rows = rows
        self._addresses = sum(not row.is_mere_text for row in self.rows)
        texts = len(self.rows) - self._addresses
        shown = self._addresses + texts * self._is_open
        self._snapshot = ReviewSnapshot.of(
            self.rows, common, self._model.folder_names, self._model.tasks
        )
        former, self._places = self._places, (self._addresses, texts, shown)
        if self._places == former:
            # One new prompt has all rows drawn anew, in a fraction of the time of new options.
            self.replace_option_prompt_at_index(0, self.options[0].prompt)
            return
        options = [Option(RowVisual(partial(self._draw, index))) for index in range(shown)]
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

    def action_toggle_row(self, with_alike: bool = False) -> None:
        """Take or skip the row, and all with the same verdict if `with_alike`."""
        if (chosen := self.row) is None:
            self._toggle_texts()
        elif chosen.has_link:
            self._on_change(
                toggled(row) if row is chosen or (with_alike and is_alike(row, chosen)) else row
                for row in self.rows
            )
            self.action_move(not with_alike)

    def action_select(self) -> None:
        """Let the row be edited."""
        if self.row is None:
            self._toggle_texts()
        else:
            super().action_select()

    def on_click(self, event: Click) -> None:
        """Move to the row; toggle it on its mark, and edit it on a double click."""
        event.prevent_default()  # a click would edit
        place, offset = event.style.meta.get("option"), event.get_content_offset(self)
        if place is None or offset is None:
            return
        self.highlighted = place
        if self.row is None or (offset.x >= 2 and event.chain == 2):
            self.action_select()
        elif offset.x < 2:
            self.action_toggle_row()
            self.highlighted = place

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def _draw(self, index: int, cells: int) -> Content:
        return self._snapshot.draw(index, cells)

    def _toggle_texts(self) -> None:
        if self.rows:
            self._is_open = not self._is_open
            self._on_change(self.rows)

    def _fold_text(self, count: int) -> str:
        text = ngettext("{count} line of other text", "{count} lines of other text", count)
        sign = "▾" if self._is_open else "▸"
        return f"{sign} {text}"
