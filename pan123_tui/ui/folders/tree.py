"""Tree of the account's folders; each is fetched when it is opened."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.query import natural_key
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import plain


class SpecialNode(Enum):
    """A row that is no folder of the tree."""

    DEFAULT = "default"
    """The service's default folder."""
    HEADING = "heading"
    """What cannot be chosen, as the title of the rows below it; the cursor skips it."""
    NOTE = "note"


Data = Folder | SpecialNode
Node = TreeNode[Data]


class FolderTree(Tree[Data]):
    """Posts `Opened` for a folder that is to be fetched, and `Chosen` for the chosen row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", N_("choose"), id="folders.choose"),
        Binding("right,l", "open", N_("open"), id="folders.open"),
        Binding("left,h", "close", N_("close"), id="folders.close", show=False),
        Binding("j", "cursor_down", N_("down"), id="folders.down", show=False),
        Binding("k", "cursor_up", N_("up"), id="folders.up", show=False),
        Binding("g", "scroll_home", N_("to the top"), id="folders.top", show=False),
        Binding("G", "scroll_end", N_("to the end"), id="folders.end", show=False),
    ]

    @dataclass
    class Opened(Message):
        """The `folder` of `node` was opened and is not fetched yet."""

        node: Node
        folder: Folder

    @dataclass
    class Chosen(Message):
        """The row with `data` was chosen."""

        data: Data

    def __init__(self) -> None:
        super().__init__("")
        self.show_root = False
        self.guide_depth = 3
        self.auto_expand = True
        self._fetched: set[int] = set()
        """Ids of the nodes that were fetched or are being fetched."""

    def populate(self, recent: Sequence[tuple[Folder, str]], *, current: int | None) -> None:
        """Show the default folder, the `recent` ones with their parents' paths, and the root.

        The cursor starts on the recent one with the id `current`.
        """
        self._fetched.clear()
        self.clear()
        default = plain(DEFAULT_FOLDER).append(_("  default"), style="dim")
        self.root.add_leaf(default, SpecialNode.DEFAULT)
        if recent:
            self.root.add_leaf(plain(_("Recent"), style="dim"), SpecialNode.HEADING)
        for folder, path in recent:
            label = plain(folder.name).append("  ").append_text(plain(path, style="dim"))
            self.root.add_leaf(label, folder)
        self.root.add(plain(_("All folders")), Folder(ROOT_ID, "", ROOT_ID)).expand()
        ids = [folder.id for folder, _path in recent]
        self.cursor_line = ids.index(current) + 2 if current in ids else 0

    @property
    def parent_for_new(self) -> Node:
        """The node that a new folder is created in: the folder under the cursor, or the root."""
        node = self.cursor_node
        is_folder = node is not None and isinstance(node.data, Folder) and node.allow_expand
        return node if node is not None and is_folder else self.root.children[-1]

    def add_folders(self, node: Node, folders: Iterable[Folder]) -> Node:
        """Add `folders` below `node` by name; return the node of the last one, else `node`."""
        node.allow_expand = True
        last = node
        for folder in folders:
            children = [c for c in node.children if isinstance(c.data, Folder)]
            if existing := [child for child in children if child.data == folder]:
                last = existing[0]
                continue
            index = bisect(children, natural_key(folder.name), key=_sort_key)
            last = node.add(plain(folder.name), folder, before=index)
        return last

    def set_note(self, node: Node, text: str) -> None:
        """Show `text` as the only note below `node`; an empty text removes the note."""
        for child in list(node.children):
            if child.data is SpecialNode.NOTE:
                child.remove()
        if text:
            node.add_leaf(plain(text, style="dim"), SpecialNode.NOTE)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Data]) -> None:
        event.stop()
        self._request_fetch(event.node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Data]) -> None:
        event.stop()

    def action_cursor_down(self) -> None:
        super().action_cursor_down()
        if self._is_on_heading:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        super().action_cursor_up()
        if self._is_on_heading:
            super().action_cursor_up()

    @property
    def _is_on_heading(self) -> bool:
        return self.cursor_node is not None and self.cursor_node.data is SpecialNode.HEADING

    def action_choose(self) -> None:
        node = self.cursor_node
        if node is None or node.data is None or self._is_on_heading:
            return
        if node.data is SpecialNode.NOTE and node.parent is not None:
            self._fetched.discard(node.parent.id)
            self._request_fetch(node.parent)
        else:
            self.post_message(self.Chosen(node.data))

    def action_open(self) -> None:
        """Open the folder under the cursor, or move to its first row if it is open."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if not node.is_expanded:
            node.expand()
        elif node.children:
            self.move_cursor(node.children[0])

    def action_close(self) -> None:
        """Close the folder under the cursor, or move to its parent if it is closed."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded:
            node.collapse()
        else:
            self.action_cursor_parent()

    def _request_fetch(self, node: Node) -> None:
        if node.id not in self._fetched and isinstance(node.data, Folder):
            self._fetched.add(node.id)
            self.post_message(self.Opened(node, node.data))


def _sort_key(node: Node) -> tuple[object, ...]:
    return natural_key(node.data.name) if isinstance(node.data, Folder) else ()
