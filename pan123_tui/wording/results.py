"""What an action of the user has done: links queued or moved, tasks edited, confirmed, removed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pan123_tui.domain.commands import DownloadLink
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, join_choices, join_sentences, ngettext
from pan123_tui.wording.formats import count_links
from pan123_tui.wording.problems import explain_problem


def paused_text() -> str:
    return _("Sending is paused: “pan123-tui resume” resumes it.")


def queued_text(queued: int, skipped: int, *, is_paused: bool) -> str:
    text = _("{links} queued; sending is paused.") if is_paused else _("{links} queued.")
    texts = [text.format(links=count_links(queued))] if queued else []
    return "\n".join([*texts, added_meanwhile_text(skipped)] if skipped else texts)


def added_meanwhile_text(count: int) -> str:
    return ngettext(
        "{count} link was added meanwhile and is skipped.",
        "{count} links were added meanwhile and are skipped.",
        count,
    )


def confirmed_text(count: int) -> str:
    return ngettext("{count} task is marked as done.", "{count} tasks are marked as done.", count)


def edit_result(changed: int, late: int) -> str:
    """`late`: links that were sent before the edit."""
    done = ngettext(
        "{count} link changed and queued.", "{count} links changed and queued.", changed
    )
    missed = ngettext(
        "{count} link was sent meanwhile and stays as it was.",
        "{count} links were sent meanwhile and stay as they were.",
        late,
    )
    return join_sentences(done if changed else "", missed if late else "")


def removal_text(removed: Sequence[Task], *, undo_key: str, sending: int) -> str:
    """`sending`: tasks that stay, as they are being sent."""
    texts = [ngettext("{count} task removed.", "{count} tasks removed.", len(removed))]
    if active := sum(task.is_active for task in removed):
        goes_on = ngettext(
            "123pan goes on with {count} download.",
            "123pan goes on with {count} downloads.",
            active,
        )
        texts.append(goes_on)
    if sending:
        texts.append(_("What is being sent right now stays."))
    return join_sentences(*texts, _("{key} undoes this.").format(key=undo_key))


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


def no_link_texts(links: Iterable[DownloadLink]) -> list[str]:
    """Return why there are no links to some files, each reason once with its tasks."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.problem is not None:
            numbers[explain_problem(link.problem).text].append(str(link.task_id))
    text = _("Task {number}: {reason}")
    return [text.format(number=join_choices(ids), reason=reason) for reason, ids in numbers.items()]
