"""The list of what failed: each host with its links below it."""

from collections.abc import Sequence

from rich.segment import Segments
from textual.message import Message

from pan123_tui.domain.link_check import HostGroup
from pan123_tui.domain.task import Task
from pan123_tui.ui.widgets.failure_lines import Tested, columns, host_cells, task_cells
from pan123_tui.ui.widgets.toned_table import TonedTable
from pan123_tui.ui.widgets.window_table import Heading


class FailureTable(TonedTable):
    """Shows host groups; the cursor stands on a task, or on a host to mean all of its tasks."""

    class Highlighted(Message):
        """Another line is under the cursor, or none."""

    def __init__(self, tested: Tested, *, window_rows: int = 150) -> None:
        super().__init__(window_rows=window_rows)
        self._tested = tested
        self._groups: dict[int, HostGroup] = {}
        self._tasks: dict[int, Task] = {}
        self._group_of: dict[int, HostGroup] = {}
        self._host_keys: dict[str, int] = {}
        self._highlighted: int | None = None

    def show(self, groups: Sequence[HostGroup]) -> None:
        """Show `groups`; the cursor stays where it was, or goes on to what comes next."""
        is_first = not self._host_keys
        keyed = {self._key_of(group.host): group for group in groups}
        self._groups = keyed
        self._group_of = {task.id: group for group in groups for task in group.tasks}
        self._tasks = {task.id: task for group in groups for task in group.tasks}
        order = [
            key for host, group in keyed.items() for key in (host, *(t.id for t in group.tasks))
        ]
        self.reorder(order)
        if is_first and len(order) > 1:
            self.move_to(order[1])
        self.paint()
        self.post_message(self.Highlighted())

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor; None: a host is, or nothing."""
        return None if self.cursor_key is None else self._tasks.get(self.cursor_key)

    @property
    def cursor_group(self) -> HostGroup | None:
        """The host that the cursor is on or in."""
        key = self.cursor_key
        if key is None:
            return None
        return self._groups.get(key) or self._group_of.get(key)

    def headings(self, total: int) -> list[Heading]:
        return [Heading(*column) for column in columns(total)]

    def row_cells(self, key: int) -> list[Segments]:
        total = self.table_width
        if group := self._groups.get(key):
            return self.toned(host_cells(group, total))
        if (task := self._tasks.get(key)) is None:
            return self.toned([(), ()])
        return self.toned(task_cells(task, self._tested, total))

    def note_cursor(self) -> None:
        if self._highlighted != self.cursor_key:
            self._highlighted = self.cursor_key
            self.post_message(self.Highlighted())

    def _key_of(self, host: str) -> int:
        """Give the key of a host, always the same: negative, for those of tasks are positive."""
        return self._host_keys.setdefault(host, -len(self._host_keys) - 1)
