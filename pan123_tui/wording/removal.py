"""The question before tasks are removed, and what that means."""

from collections.abc import Sequence

from pan123_tui.domain.links.file_names import display_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording import formats

_MAX_NAMES = 3
_NAME_CELLS = 30


def removal_question(tasks: Sequence[Task], what: str) -> str:
    """Return the question, with the name of the only task, or that all of a kind (`what`) go."""
    if len(tasks) == 1:
        name = display_name(tasks[0].name, tasks[0].url)
        return _("Remove “{name}”?").format(name=sanitize(name, 60, truncate_at="middle"))
    text = ngettext("Remove {count} task?", "Remove {count} tasks?", len(tasks))
    if what == "succeeded":
        text = _("Remove all {count} succeeded tasks?")
    elif what == "finished":
        text = _("Remove all {count} finished tasks, failed ones too?")
    return text.format(count=formats.number(len(tasks)))


def removal_detail(tasks: Sequence[Task], *, undo_key: str, hidden: int) -> str:
    """Return which `tasks` are removed, `hidden` ones too, and what that means for them."""
    lines = formats.hidden_text(hidden)
    lines.append(_("Removed from this list only; files on the drive stay."))
    if active := sum(task.is_active for task in tasks):
        text = ngettext(
            "The service goes on with {count} running download: it cannot be cancelled.",
            "The service goes on with {count} running downloads: they cannot be cancelled.",
            active,
        )
        lines.append(text.format(count=formats.number(active)))
    if queued := sum(task.state is TaskState.QUEUED for task in tasks):
        text = ngettext(
            "{count} link has not been sent yet and will not be.",
            "{count} links have not been sent yet and will not be.",
            queued,
        )
        lines.append(text.format(count=formats.number(queued)))
    lines.append(_("{key} undoes this.").format(key=undo_key))
    return "\n".join([*lines, *_names(tasks)])


def already_removed(count: int) -> str:
    """Return that somebody else has removed all of `count` tasks."""
    text = ngettext(
        "This task has already been removed.",
        "These {count} tasks have already been removed.",
        count,
    )
    return text.format(count=formats.number(count))


def _names(tasks: Sequence[Task]) -> list[str]:
    """Return the first names of several tasks, a line for each."""
    if len(tasks) < 2:
        return []
    names = (display_name(task.name, task.url) for task in tasks[:_MAX_NAMES])
    shown = [sanitize(name, _NAME_CELLS, truncate_at="middle") for name in names]
    return [*shown, "…"] if len(tasks) > _MAX_NAMES else shown
