"""What the user's actions have done, and why an action is not possible now."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from pan123_tui.domain.commands import DownloadLink
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Account
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Shown, Task, TaskState
from pan123_tui.i18n import N_, _, join_choices, join_sentences, ngettext
from pan123_tui.system.clipboard import ClipboardFailure
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.problems import explain_problem


def login_text(checked: Account | Problem) -> str:
    """Return whose account was saved, or why that is not known."""
    if isinstance(checked, Account):
        name = sanitize(checked.nickname) or str(checked.uid)
        return _("Logged in as {name}.").format(name=name)
    later = _("The account is saved, and is checked once 123pan can be reached.")
    return join_sentences(explain_problem(checked).text, later)


def no_task_reason() -> str:
    return _("No task under the cursor.")


def _unless_any(fits: Callable[[Task], bool], text: str) -> Callable[[Sequence[Task]], str]:
    """Return a function that returns `text`, unless one of its tasks `fits`."""

    def reason(selected: Sequence[Task]) -> str:
        if not selected:
            return no_task_reason()
        return "" if any(map(fits, selected)) else _(text)

    return reason


link_reason = _unless_any(
    lambda task: task.has_link, N_("This task was added by its taskID: it has no link.")
)
retry_reason = _unless_any(
    lambda task: task.is_retryable, N_("Only a failed or unsure link can be retried.")
)
edit_reason = _unless_any(
    lambda task: task.is_editable, N_("Only a queued or failed link can be edited.")
)
front_reason = _unless_any(
    lambda task: task.state is TaskState.QUEUED, N_("Only queued links can be sent next.")
)
removal_reason = _unless_any(
    lambda task: task.state is not TaskState.SUBMITTING,
    N_("A link that is being sent right now cannot be removed: wait a moment."),
)


def file_reason(selected: Sequence[Task]) -> str:
    text = N_("Only a file that has arrived has a download link.")
    if any(task.state in (TaskState.SUCCEEDED, TaskState.UNCONFIRMED) for task in selected):
        text = N_("This task's file on the drive is not known yet: {tasks.poll} looks for it.")
    return _unless_any(lambda task: task.file_id is not None, text)(selected)


def poll_reason(counts: Mapping[Shown, int]) -> str:
    if counts.get(Shown.QUEUED) or counts.get(Shown.RUNNING):
        return ""
    return _("There is nothing to check: no task is queued or running.")


def paused_text() -> str:
    return _("Sending is paused: “pan123-tui resume” resumes it.")


def queued_text(queued: int, skipped: int, left_out: str = "", waiting: int = 0) -> str:
    """Return what has become of the links under review; `left_out` says how many were and why."""
    left = ngettext(
        "{count} waits for a look in the draft: {links.add} opens it.",
        "{count} wait for a look in the draft: {links.add} opens it.",
        waiting,
    )
    return join_sentences(
        _("{links} queued.").format(links=count_links(queued)) if queued else "",
        added_meanwhile_text(skipped) if skipped else "",
        _("Left out: {counts}.").format(counts=left_out) if left_out else "",
        left if waiting else "",
    )


def added_meanwhile_text(count: int) -> str:
    return ngettext(
        "{count} link is skipped: by now in the list, or sent before.",
        "{count} links are skipped: by now in the list, or sent before.",
        count,
    )


def confirmed_text(count: int) -> str:
    return ngettext("{count} task is marked as done.", "{count} tasks are marked as done.", count)


def edit_result(changed: int, late: int) -> str:
    """`late`: links that were sent before the edit."""
    done = ngettext("{count} link changed.", "{count} links changed.", changed)
    missed = ngettext(
        "{count} link was sent meanwhile and stays as it was.",
        "{count} links were sent meanwhile and stay as they were.",
        late,
    )
    return join_sentences(done if changed else "", missed if late else "")


def removal_text(removed: Sequence[Task], *, sending: int) -> str:
    """`sending`: tasks that stay, as they are being sent."""
    texts = [ngettext("{count} task removed.", "{count} tasks removed.", len(removed))]
    if active := sum(task.is_active for task in removed):
        goes_on = ngettext(
            "123pan carries on with {count} download.",
            "123pan carries on with {count} downloads.",
            active,
        )
        texts.append(goes_on)
    if sending:
        texts.append(_("Anything being sent right now stays."))
    return join_sentences(*texts, _("{tasks.undo} undoes this."))


def already_removed(count: int) -> str:
    return ngettext(
        "This task has already been removed.",
        "These {count} tasks have already been removed.",
        count,
    )


def unknown_files_text(count: int) -> str:
    return ngettext(
        "The file of {count} other task is not known.",
        "The files of {count} other tasks are not known.",
        count,
    )


def no_link_texts(links: Iterable[DownloadLink], *, by_name: bool = False) -> list[str]:
    """Return why there are no links to some files: each reason once, with its files or tasks."""
    whose: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.problem is not None:
            who = link.name if by_name else str(link.task_id)
            whose[explain_problem(link.problem).text].append(who)
    text, cells = (_("{what}: {why}"), 80) if by_name else (_("Task {what}: {why}"), 9999)
    named = {why: sanitize(join_choices(them), cells) for why, them in whose.items()}
    return [text.format(what=what, why=why) for why, what in named.items()]


_CLIPBOARD_FAILURES: Mapping[ClipboardFailure, str] = {
    ClipboardFailure.REMOTE: N_(
        "Over SSH, this machine's clipboard is not yours: press your terminal's paste key."
    ),
    ClipboardFailure.NO_DISPLAY: N_(
        "This machine has no desktop, so no clipboard: press your terminal's paste key."
    ),
    ClipboardFailure.NO_TOOL: N_(
        "No clipboard tool was found: install xclip or xsel or, on Wayland, wl-clipboard,"
        " or press your terminal's paste key."
    ),
    ClipboardFailure.EMPTY: N_("There is no text in the clipboard."),
    ClipboardFailure.BROKEN: N_(
        "The clipboard cannot be reached: press your terminal's paste key."
    ),
}


def clipboard_text(failure: ClipboardFailure) -> str:
    return _(_CLIPBOARD_FAILURES[failure])
