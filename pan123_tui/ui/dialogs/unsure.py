"""The one question about unsure links: have they arrived, or should they be sent again?"""

from collections.abc import Sequence
from typing import Any

from textual.app import App
from textual.screen import Screen

from pan123_tui.domain.arrival_check import is_lookable, was_found
from pan123_tui.domain.commands import file_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, join_list, ngettext
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen
from pan123_tui.wording.formats import number
from pan123_tui.wording.notes import is_absent, look_text

_ARRIVED, _AGAIN, _AS_FOUND, _CHECK, _LEAVE = "arrived", "again", "found", "check", "leave"


UnsureAnswer = tuple[Sequence[Task], Sequence[Task], Sequence[Task]]
"""The tasks that have arrived, those to be sent again, and those whose files to look for first."""


async def ask_unsure(
    app: App[Any], tasks: Sequence[Task], *, failed: int, now: float
) -> UnsureAnswer | None:
    """Ask what became of unsure `tasks`; `failed` ones are retried besides. None: do nothing."""
    found, absent = list(filter(was_found, tasks)), list(filter(is_absent, tasks))
    rest = [task for task in tasks if not (was_found(task) or is_absent(task))]
    unseen = list(filter(is_lookable, rest))
    answers: dict[str, UnsureAnswer] = {
        _ARRIVED: (tasks, (), ()),
        _AGAIN: ((), tasks, ()),
        _AS_FOUND: (found, absent, ()),
        _CHECK: ((), (), unseen),
    }
    known: tuple[str, ...] = (_known(tasks, len(found), len(absent), len(unseen)),)
    if len(tasks) == 1:
        unchecked = _("Its folder has not been checked yet.") if unseen else ""
        silence = _("No answer came: 123pan may or may not have taken the link.")
        if tasks[0].state is TaskState.MISSING:
            silence = _("123pan no longer knows this task, which may have ended.")
        known = silence, look_text(tasks[0], now=now) or unchecked
    others = ngettext(
        "Any answer also retries {count} failed link.",
        "Any answer also retries {count} failed links.",
        failed,
    )
    text = (others if failed else "", *known)
    screen: Screen[str | None] = ChoiceScreen(
        _question(tasks),
        _choices(len(found), len(absent), len(rest), failed, may_check=bool(unseen)),
        text="\n".join(filter(None, text)),
    )
    answer = await app.push_screen_wait(screen)
    return None if answer is None else answers.get(answer, ((), (), ()))


def _question(tasks: Sequence[Task]) -> str:
    if len(tasks) == 1:
        name = sanitize(file_name(tasks[0]), 60, truncate_at="middle")
        return _("Has “{name}” arrived?").format(name=name)
    return _("Have these {count} files arrived?").format(count=number(len(tasks)))


def _choices(found: int, absent: int, unseen: int, failed: int, *, may_check: bool) -> list[Choice]:
    count = found + absent + unseen
    facts = (
        (found, _("{count} arrived")),
        (absent, _("{count} sent again")),
        (unseen, _("{count} kept")),
    )
    as_found = join_list([text.format(count=number(it)) for it, text in facts if it])
    arrived = _ARRIVED, ngettext("it arrived", "all arrived", count), _("cannot be undone")
    again = _AGAIN, ngettext("send again", "send all again", count), _("may arrive twice")
    left = ngettext("leave it as it is", "leave them as they are", count)
    if failed:  # which are retried all the same
        left = ngettext("leave the unsure one", "leave the unsure ones", count)
    choices = [(_LEAVE, left, ""), arrived, again]  # a careless Enter chooses the first one
    if may_check:
        choices.append((_CHECK, _("check the folder first"), ""))
    if 0 < found < count:
        choices.append((_AS_FOUND, _("go by what was found"), as_found))
    return choices


def _known(tasks: Sequence[Task], found: int, absent: int, unchecked: int) -> str:
    """Return why nobody knows what became of the files, and in how many folders they were seen."""
    gone = sum(task.state is TaskState.MISSING for task in tasks)
    facts = (
        (len(tasks) - gone, _("no answer came: {count}")),
        (gone, _("no longer known to 123pan: {count}")),
        (found, _("found in the folder: {count}")),
        (absent, _("not in the folder: {count}")),
        (unchecked, _("folder not checked yet: {count}")),
    )
    return "\n".join(text.format(count=number(count)) for count, text in facts if count)
