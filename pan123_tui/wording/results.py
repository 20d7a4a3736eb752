"""What an action of the user has done: links queued or moved, tasks edited, confirmed, removed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.events import Status
from pan123_tui.domain.files import DownloadLink
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, join_choices, join_sentences, ngettext
from pan123_tui.wording.formats import count_links, number, rounded_duration
from pan123_tui.wording.problems import explain_problem


def paused_text() -> str:
    """Return that sending is paused, and which command resumes it."""
    return _("Sending is paused: “pan123-tui resume” resumes it.")


def resumed_text() -> str:
    """Return that sending goes on."""
    return _("Sending goes on.")


def queued_text(queued: int, skipped: int, *, is_paused: bool) -> str:
    """Return how many links were queued, and wait while sending is paused, and were skipped."""
    text = _("{links} queued; sending is paused.") if is_paused else _("{links} queued.")
    texts = [text.format(links=count_links(queued))] if queued else []
    return "\n".join([*texts, added_meanwhile_text(skipped)] if skipped else texts)


def left_text(count: int, key: str) -> str:
    """Return that `count` rows stay as the draft, and which key shows them."""
    return _("{count} left in the draft: {key}").format(count=number(count), key=key)


def added_meanwhile_text(count: int) -> str:
    """Return that `count` links are not queued because they came into the list before."""
    return ngettext(
        "{count} link was added meanwhile and is skipped.",
        "{count} links were added meanwhile and are skipped.",
        count,
    )


def moved_text(links: str) -> str:
    """Return that `links` (counted) were moved to the front."""
    return _("{links} moved to the front.").format(links=links)


def unmoved_text(count: int) -> str:
    """Return that `count` links are at the front of the queue already."""
    return ngettext(
        "This link is already the next one.", "These links are already the next ones.", count
    )


def poll_text(status: Status, *, now: float) -> str:
    """Return what happens when the user asks for a check now."""
    if status.hold is None or status.is_paused:
        return _("Checking all tasks…")
    wait_s = (status.hold_until or now) - now
    if status.hold.kind is not ProblemKind.RATE_LIMITED or wait_s <= 0:
        return _("Checking all tasks, and trying to send…")
    text = _("Checking all tasks; the service takes links again in {time}.")
    return text.format(time=rounded_duration(wait_s))


def confirmed_text(count: int) -> str:
    """Return how many unsure tasks are done now, by the user's word."""
    return ngettext("{count} task is marked as done.", "{count} tasks are marked as done.", count)


def nothing_changed() -> str:
    """Return that there is nothing to save."""
    return _("Nothing was changed.")


def edit_result(changed: int, requeued: int, late: int) -> str:
    """Return how many links were changed in the queue, queued again, and sent before the edit."""
    parts = (
        (changed, ngettext("{count} link changed.", "{count} links changed.", changed)),
        (requeued, ngettext("{count} link queued again.", "{count} links queued again.", requeued)),
        (
            late,
            ngettext(
                "{count} link was sent meanwhile and stays as it was.",
                "{count} links were sent meanwhile and stay as they were.",
                late,
            ),
        ),
    )
    return join_sentences(*(text for count, text in parts if count))


def removal_text(removed: Sequence[Task], *, undo_key: str, sending: int) -> str:
    """Return that tasks were `removed`, and how many are `sending` and stay."""
    count, active = len(removed), sum(task.is_active for task in removed)
    parts = (
        (count, ngettext("{count} task removed.", "{count} tasks removed.", count)),
        (
            active,
            ngettext(
                "123pan goes on with {count} download.",
                "123pan goes on with {count} downloads.",
                active,
            ),
        ),
        (
            sending,
            ngettext(
                "{count} is being sent right now and stays.",
                "{count} are being sent right now and stay.",
                sending,
            ),
        ),
    )
    undo = ngettext("{key} brings it back.", "{key} brings them back.", count).format(key=undo_key)
    return join_sentences(*(text for number_of, text in parts if number_of), undo)


def already_removed(count: int) -> str:
    """Return that somebody else has removed all of `count` tasks."""
    return ngettext(
        "This task has already been removed.",
        "These {count} tasks have already been removed.",
        count,
    )


def count_download_links(count: int) -> str:
    """Format a number of links to files: "3 download links"."""
    return ngettext("{count} download link", "{count} download links", count)


def unknown_files_text(count: int) -> str:
    """Return that `count` other tasks have no file that is known."""
    return ngettext(
        "The file of {count} other task is not known.",
        "The files of {count} other tasks are not known.",
        count,
    )


def no_link_texts(links: Iterable[DownloadLink]) -> list[str]:
    """Return why there are no links to some files, each reason once with its tasks."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.problem is not None:
            numbers[explain_problem(link.problem).text].append(str(link.task_id))
    text = _("Task {number}: {reason}")
    return [text.format(number=join_choices(ids), reason=reason) for reason, ids in numbers.items()]
