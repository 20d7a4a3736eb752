"""The tree of the account's folders, filled where it is opened."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from pan123_tui.domain.arrival_check import DEFAULT_FOLDER
from pan123_tui.domain.folders import ROOT_ID, Folder
from pan123_tui.domain.sorting import natural_key
from pan123_tui.i18n import N_, _
from pan123_tui.ui.widgets.styled_text import plain


class SpecialNode(Enum):
    """A line that is no folder."""

    DEFAULT = "default"
    """The folder that the service takes by itself."""
    NOTE = "note"


Data = Folder | SpecialNode
Node = TreeNode[Data]


class FolderTree(Tree[Data]):
    """Asks to have a folder read when it is opened; says which line is chosen."""

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
        """The folder of `node` is open and was not read yet."""

        node: Node

    @dataclass
    class Chosen(Message):
        """The line with `data` was chosen."""

        data: Data

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", id=id)
        self.show_root = False
        self.guide_depth = 3
        self.auto_expand = True
        self._read: set[int] = set()
        """Ids of the nodes that were read."""

    def show(self, recent: Sequence[tuple[Folder, str]]) -> None:
        """Begin anew: the service's own folder, those used lately with their paths, and all."""
        self._read.clear()
        self.clear()
        own = plain(DEFAULT_FOLDER)
        own.append(_("  the service's own"), style="dim")
        self.root.add_leaf(own, SpecialNode.DEFAULT)
        if recent:
            self.root.add_leaf(plain(_("used lately"), style="dim"), SpecialNode.NOTE)
        for folder, path in recent:
            self.root.add_leaf(_label(folder, path), folder)
        self.root.add(plain(_("All folders")), Folder(ROOT_ID, "", ROOT_ID)).expand()

    def name_recent(self, recent: Sequence[tuple[Folder, str]]) -> None:
        """Say the folders used lately by names that have become known."""
        named = {folder.id: (folder, path) for folder, path in recent}
        for node in self.root.children[:-1]:
            if isinstance(node.data, Folder) and node.data.id in named:
                node.data, path = named[node.data.id]
                node.set_label(_label(node.data, path))

    @property
    def parent_for_new(self) -> Node:
        """Where a new folder goes: into the folder under the cursor."""
        node = self.cursor_node
        is_folder = node is not None and isinstance(node.data, Folder) and node.allow_expand
        return node if node is not None and is_folder else self.root.children[-1]

    def place(self, node: Node, folders: Iterable[Folder]) -> Node | None:
        """Put `folders` under `node`, in the order of their names; give the last one's node."""
        node.allow_expand = True
        placed = None
        for folder in folders:
            kept = [c for c in node.children if isinstance(c.data, Folder)]
            twins = [child for child in kept if child.data == folder]
            if twins:
                placed = twins[0]
                continue
            at = bisect(kept, natural_key(folder.name), key=_order)
            placed = node.add(plain(folder.name), folder, before=at)
        return placed

    def note(self, node: Node, text: str) -> None:
        """Say `text` in a line of its own under `node`; empty: take the line away."""
        for child in list(node.children):
            if child.data is SpecialNode.NOTE:
                child.remove()
        if text:
            node.add_leaf(plain(text, style="dim"), SpecialNode.NOTE)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Data]) -> None:
        event.stop()
        self._ask_for(event.node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[Data]) -> None:
        event.stop()

    def action_choose(self) -> None:
        node = self.cursor_node
        if node is None or node.data is None:
            return
        if node.data is SpecialNode.NOTE and node.parent is not None:
            self._read.discard(node.parent.id)
            self._ask_for(node.parent)
        else:
            self.post_message(self.Chosen(node.data))

    def action_open(self) -> None:
        """Open the folder under the cursor, or go to the first one in it."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if not node.is_expanded:
            node.expand()
        elif node.children:
            self.move_cursor(node.children[0])

    def action_close(self) -> None:
        """Close the folder under the cursor, or go to the one that it is in."""
        node = self.cursor_node
        if node is not None and node.allow_expand and node.is_expanded:
            node.collapse()
        else:
            self.action_cursor_parent()

    def _ask_for(self, node: Node) -> None:
        if node.id not in self._read and isinstance(node.data, Folder):
            self._read.add(node.id)
            self.post_message(self.Opened(node))


def _label(folder: Folder, path: str) -> Text:
    return plain(folder.name).append("  ").append_text(plain(path, style="dim"))


def _order(node: Node) -> tuple[object, ...]:
    return natural_key(node.data.name) if isinstance(node.data, Folder) else ()
