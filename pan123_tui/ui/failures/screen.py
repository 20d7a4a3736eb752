"""What failed, by host: why, what a test of the link says, and how to try again."""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.getters import query_one
from textual.signal import Signal
from textual.widgets import Static

from pan123_tui.domain.link_probe import HostGroup, ProbeResult, group_by_host
from pan123_tui.domain.task import FAILED_STATES
from pan123_tui.i18n import N_, _, ngettext
from pan123_tui.ui.failures.failure_table import (
    FailureTable,
    Keys,
    ProbeResults,
    about_host,
    about_task,
)
from pan123_tui.ui.keymap import DisabledActionHints, key_of, with_hints
from pan123_tui.ui.task_actions import EditAsked, TaskActions
from pan123_tui.ui.task_model import ModelChange, TaskModel
from pan123_tui.ui.widgets.key_bar import KeyBar
from pan123_tui.wording import formats

Probe = Callable[[str], Awaitable[ProbeResult]]
"""Asks a link's own host; the host sees the user's address."""


class LinkProber:
    """Tests a link at most once at a time; its latest result is kept by the link."""

    def __init__(self, probe: Probe | None) -> None:
        """Without a `probe` nothing can be tested."""
        self._probe = probe
        self._checks: dict[str, ProbeResult] = {}
        self._running: set[str] = set()

    @property
    def is_possible(self) -> bool:
        """Whether links can be tested."""
        return self._probe is not None

    @property
    def checks(self) -> Mapping[str, ProbeResult]:
        """The latest result of each link that was tested; it changes while tests run."""
        return self._checks

    @property
    def running(self) -> AbstractSet[str]:
        """The links that are being tested; it changes while tests run."""
        return self._running

    async def test(self, url: str) -> None:
        """Test the link `url`, unless that goes on already."""
        if self._probe is None or url in self._running:
            return
        self._running.add(url)
        try:
            self._checks[url] = await self._probe(url)
        finally:
            self._running.discard(url)


class FailuresScreen(DisabledActionHints):
    """Lists the failed, rejected and missing tasks; tests a link only when `t` is pressed."""

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
        Binding("escape,F", "back", N_("back"), id="failures.back"),
    ]

    table = query_one(FailureTable)

    def __init__(
        self,
        desk: TaskActions,
        model: TaskModel,
        changes: Signal[ModelChange],
        tests: LinkProber,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._model = model
        self._changes = changes
        self._tests = tests
        self._tested = ProbeResults(tests.checks, tests.running)

    def compose(self) -> ComposeResult:
        yield Static("", id="failures-title", markup=False)
        with Container(id="failures-body"):
            yield FailureTable(self._tested)
            with VerticalScroll(id="failure-pane"):
                yield Static("", id="failure-text", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._changes.subscribe(self, self.show_changes)
        self._show_failures()

    def show_changes(self, change: ModelChange) -> None:
        """Repaint where what failed is touched."""
        if change.is_more_than_progress or any(t.state in FAILED_STATES for t in change.tasks):
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
        keys = Keys(
            key_of(self, "failures.test") if self._tests.is_possible else "",
            key_of(self, "failures.retry_host"),
        )
        task, group = self.table.cursor_task, self.table.cursor_group
        if task is not None:
            about = about_task(task, self._tested, keys)
        elif group is not None:
            about = about_host(group, keys)
        else:
            about = Content(_("Whatever fails will be listed here with its reason."))
        self.query_one("#failure-text", Static).update(about)

    # Keys

    def disabled_reason(self, action: str, *parameters: object) -> str:  # noqa: ARG002
        if action not in ("test", "edit", "retry", "retry_host"):
            return ""
        if self.table.cursor_group is None:
            return _("Nothing has failed.")
        if action == "test" and not self._tests.is_possible:
            return _("Links cannot be tested here.")
        if action in ("test", "edit") and self.table.cursor_task is None:
            return _("This is a host: choose one of its links.")
        return ""

    def action_back(self) -> None:
        if self.is_current:
            self.dismiss(None)

    @work(group="link test")
    async def action_test(self) -> None:
        """Test the link under the cursor; tests of other links go on meanwhile."""
        task = self.table.cursor_task
        if task is None:
            return
        test = self._tests.test(task.url)
        self.call_later(self._show_tests)
        await test
        self._show_tests()

    def _show_tests(self) -> None:
        self.table.paint()
        self._show_detail()

    def action_edit(self) -> None:
        if (task := self.table.cursor_task) is not None:
            self.post_message(EditAsked(task))

    @work(group="dialog", exclusive=True)
    async def action_retry(self) -> None:
        """Queue the task under the cursor again; on a host, all of its tasks."""
        if (task := self.table.cursor_task) is not None:
            await self._desk.retry([task.id])
        else:
            await self._retry_group(self.table.cursor_group)

    @work(group="dialog", exclusive=True)
    async def action_retry_host(self) -> None:
        await self._retry_group(self.table.cursor_group)

    async def _retry_group(self, group: HostGroup | None) -> None:
        if group is not None:
            await self._desk.retry([task.id for task in group.tasks])


def _summary(groups: tuple[HostGroup, ...]) -> str:
    """Say how many links of how many hosts failed."""
    failed = sum(len(group.tasks) for group in groups)
    if not failed:
        return _("Nothing has failed.")
    hosts = ngettext("{count} host", "{count} hosts", len(groups))
    return _("Failures: {links} of {hosts}").format(
        links=formats.count_links(failed), hosts=hosts.format(count=formats.number(len(groups)))
    )
