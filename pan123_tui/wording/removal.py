"""What is said of tasks that were removed."""

from collections.abc import Sequence

from pan123_tui.domain.task import Task
from pan123_tui.i18n import join_sentences, ngettext
from pan123_tui.wording import formats


def removal_text(removed: Sequence[Task], *, undo_key: str, hidden: int, sending: int) -> str:
    """Return that tasks were `removed`, `hidden` ones too, and how many are `sending` and stay."""
    count = len(removed)
    done = ngettext("{count} task removed.", "{count} tasks removed.", count)
    undo = ngettext("{key} brings it back.", "{key} brings them back.", count)
    texts = [done.format(count=formats.number(count)), *formats.hidden_text(hidden)]
    if active := sum(task.is_active for task in removed):
        text = ngettext(
            "123pan goes on with {count} download.",
            "123pan goes on with {count} downloads.",
            active,
        )
        texts.append(text.format(count=formats.number(active)))
    if sending:
        text = ngettext(
            "{count} is being sent right now and stays.",
            "{count} are being sent right now and stay.",
            sending,
        )
        texts.append(text.format(count=formats.number(sending)))
    return join_sentences(*texts, undo.format(key=undo_key))


def already_removed(count: int) -> str:
    """Return that somebody else has removed all of `count` tasks."""
    text = ngettext(
        "This task has already been removed.",
        "These {count} tasks have already been removed.",
        count,
    )
    return text.format(count=formats.number(count))
