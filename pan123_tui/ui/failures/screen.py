"""Screen of the failed tasks by host, where links are tested, edited and retried."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.signal import Signal
from textual.widgets import Static

from pan123_tui.client.task_model import ModelChange, TaskModel
from pan123_tui.domain.link_probe import HostGroup, ProbeResult, group_by_host
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.failures.failure_table import (
    FailureTable,
    KeyNames,
    ProbeResults,
    host_details,
    task_details,
)
from pan123_tui.ui.keymap import DisabledActionHints, key_of, with_hints
from pan123_tui.ui.task_actions import EditAsked, TaskActions
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording import formats

Probe = Callable[[str], Awaitable[ProbeResult]]
"""Requests a link from its own host, which sees the user's address."""


class LinkProber:
    """Tests links, each at most once at a time, and keeps the results until the program ends."""

    def __init__(self, probe: Probe | None) -> None:
        """`probe` is None where links cannot be tested."""
        self._probe = probe
        self.results = ProbeResults()

    @property
    def is_possible(self) -> bool:
        """Whether links can be tested."""
        return self._probe is not None

    async def test(self, url: str) -> None:
        """Test the link `url` unless a test of it is running."""
        running = self.results.running
        if self._probe is None or url in running:
            return
        running.add(url)
        try:
            self.results.by_url[url] = await self._probe(url)
        finally:
            running.discard(url)


class FailuresScreen(DisabledActionHints):
    """Lists failed and doubtful tasks; links are tested only on request."""

    AUTO_FOCUS = "FailureTable"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's type
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *with_hints(
            Binding(
                "t",
                "test",
                N_("test"),
                id="failures.test",
                tooltip=N_("Ask the link's host from here: it sees your address"),
            ),
            Binding(
                "e",
                "edit",
                N_("edit"),
                id="failures.edit",
                tooltip=N_("Edit the link, name or folder, then queue it again"),
            ),
            Binding("r", "retry", N_("retry"), id="failures.retry"),
            Binding(
                "R",
                "retry_host",
                N_("retry host"),
                id="failures.retry_host",
                tooltip=N_("Queue all of this host again"),
            ),
        ),
        Binding("escape,F", "leave", N_("back"), id="failures.back"),
    ]

    table = query_one(FailureTable)

    def __init__(
        self,
        actions: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        prober: LinkProber,
    ) -> None:
        super().__init__()
        self._actions = actions
        self._model = model
        self._changes = changes
        self._prober = prober

    def compose(self) -> ComposeResult:
        yield Static("", id="failures-title", markup=False)
        with Container(id="failures-body"):
            yield FailureTable(self._prober.results)
            with VerticalScroll(id="failure-detail"):
                yield Static("", id="failure-detail-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._changes.subscribe(self, self.show_changes)
        self._show_failures()

    def show_changes(self, change: ModelChange) -> None:
        """Update the list if `change` affects a failed task."""
        if change.is_more_than_progress or any(t.has_failed for t in change.tasks):
            self._show_failures()

    @on(FailureTable.Highlighted)
    def follow_cursor(self) -> None:
        self._show_detail()
        self.refresh_bindings()

    def _show_failures(self) -> None:
        groups = group_by_host(self._model.tasks.values())
        self.query_one("#failures-title", Static).update(_summary(groups))
        self.table.show(groups)

    def _show_detail(self) -> None:
        keys = KeyNames(
            key_of(self, "failures.test") if self._prober.is_possible else "",
            key_of(self, "failures.retry_host"),
        )
        task, group = self.table.cursor_task, self.table.cursor_group
        if task is not None:
            details = task_details(task, self._prober.results, keys)
        elif group is not None:
            details = host_details(group, keys)
        else:
            details = Content(_("Whatever fails will be listed here with its reason."))
        self.query_one("#failure-detail-text", Static).update(details)

    # Keys

    def disabled_reason(self, action: str, *parameters: object) -> str:  # noqa: ARG002
        if action not in ("test", "edit", "retry", "retry_host"):
            return ""
        if self.table.cursor_group is None:
            return _("Nothing has failed.")
        if action == "test" and not self._prober.is_possible:
            return _("Links cannot be tested here.")
        if action in ("test", "edit") and self.table.cursor_task is None:
            return _("This is a host: choose one of its links.")
        return ""

    def action_leave(self) -> None:
        if self.is_active:
            self.dismiss(None)

    @work(group="link test")
    async def action_test(self) -> None:
        """Test the link under the cursor, beside the tests of other links."""
        task = self.table.cursor_task
        if task is None:
            return
        # The table shows the test as running once it has begun.
        self.call_later(self._show_tests)
        await self._prober.test(task.url)
        self._show_tests()

    def _show_tests(self) -> None:
        self.table.paint()
        self._show_detail()

    def action_edit(self) -> None:
        if (task := self.table.cursor_task) is not None:
            self.post_message(EditAsked((task,)))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        """Queue the task under the cursor again, or all tasks of the host under it."""
        if (task := self.table.cursor_task) is not None:
            await self._actions.retry([task.id])
        else:
            await self._retry_group(self.table.cursor_group)

    @work(group="dialog", exclusive=True)
    async def action_retry_host(self) -> None:
        await self._retry_group(self.table.cursor_group)

    async def _retry_group(self, group: HostGroup | None) -> None:
        if group is not None:
            await self._actions.retry([task.id for task in group.tasks])


def _summary(groups: tuple[HostGroup, ...]) -> str:
    """Return the title: how many links of how many hosts failed."""
    failed = sum(len(group.tasks) for group in groups)
    if not failed:
        return _("Nothing has failed.")
    hosts = ngettext("{count} host", "{count} hosts", len(groups))
    return _("Failures: {links} from {hosts}").format(
        links=formats.count_links(failed), hosts=hosts.format(count=formats.number(len(groups)))
    )
