"""The keys that act on tasks: the marked ones, or the one under the cursor."""

from textual.binding import Binding

from pan123_tui.i18n import N_

TASK_BINDINGS = (
    Binding("r", "retry", N_("retry"), id="tasks.retry"),
    Binding("R", "retry_failed", N_("retry all failed"), id="tasks.retry_failed", show=False),
    Binding(
        "e",
        "edit",
        N_("edit"),
        id="tasks.edit",
        tooltip=N_("Edit the link, name or folder, then queue it again"),
    ),
    Binding(
        "F",
        "failures",
        N_("failures"),
        id="tasks.failures",
        tooltip=N_("What failed, by host: see why, test the link, retry"),
    ),
    Binding("d,delete", "remove", N_("remove"), id="tasks.remove"),
    Binding("u", "undo", N_("undo"), id="tasks.undo"),
    Binding(
        "c",
        "clear('succeeded')",
        N_("clear succeeded"),
        id="tasks.clear_succeeded",
        show=False,
    ),
    Binding(
        "C",
        "clear('finished')",
        N_("clear all finished"),
        id="tasks.clear_finished",
        show=False,
    ),
    Binding("f5", "poll_now", N_("poll now"), id="tasks.poll", show=False),
)
