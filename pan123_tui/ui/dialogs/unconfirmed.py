"""The one question about unsure links: have they arrived, or should they be sent again?"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from textual.app import App
from textual.screen import Screen

from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.commands import file_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task, TaskState
from pan123_tui.i18n import _, ngettext
from pan123_tui.ui.dialogs.prompts import Choice, ChoiceScreen
from pan123_tui.wording.formats import number

_ARRIVED, _AGAIN, _AS_FOUND, _LEAVE = "i", "s", "f", "l"


class UnsureAnswer(Struct, frozen=True):
    """What the user said about unsure tasks; about all others, nothing."""

    arrived: tuple[Task, ...] = ()
    again: tuple[Task, ...] = ()
    """Tasks to be sent again."""


async def ask_unsure(app: App[Any], tasks: Sequence[Task]) -> UnsureAnswer | None:
    """Ask what became of the unsure `tasks`; None: do nothing."""
    found = tuple(filter(was_found, tasks))
    absent = tuple(task for task in tasks if not was_found(task))
    answers = {
        _ARRIVED: UnsureAnswer(arrived=tuple(tasks)),
        _AGAIN: UnsureAnswer(again=tuple(tasks)),
        _AS_FOUND: UnsureAnswer(arrived=found, again=absent),
    }
    screen: Screen[str | None] = ChoiceScreen(
        _question(tasks), _choices(found, absent), text=_known(found, absent)
    )
    answer = await app.push_screen_wait(screen)
    return None if answer is None else answers.get(answer, UnsureAnswer())


def _question(tasks: Sequence[Task]) -> str:
    if len(tasks) == 1:
        name = sanitize(file_name(tasks[0]), 60, truncate_at="middle")
        return _("Has “{name}” arrived?").format(name=name)
    return _("Have these {count} files arrived?").format(count=number(len(tasks)))


def _choices(found: Sequence[Task], absent: Sequence[Task]) -> list[Choice]:
    count = len(found) + len(absent)
    as_found = _("go by what was found")
    facts = _("{found} arrived, {others} sent again").format(
        found=number(len(found)), others=number(len(absent))
    )
    return [
        *([(_AS_FOUND, as_found, facts)] if found and absent else []),
        (_ARRIVED, ngettext("it arrived", "all arrived", count), ""),
        (_AGAIN, ngettext("send again", "send all again", count), _("may download twice")),
        (_LEAVE, ngettext("leave it as it is", "leave them as they are", count), ""),
    ]


def _known(found: Sequence[Task], absent: Sequence[Task]) -> str:
    """Return why nobody knows what became of the files, and what was seen in their folders."""
    gone = sum(task.state is TaskState.MISSING for task in (*found, *absent))
    silent = len(found) + len(absent) - gone
    checks = [task.arrival for task in absent]
    missing = sum(check is not None and check.problem is None for check in checks)
    unseen = len(absent) - missing
    facts = (
        ngettext(
            "No answer came, so 123pan may have the link.",
            "No answers came, so 123pan may have the links.",
            silent,
        ),
        ngettext(
            "123pan no longer knows the task, which may have ended.",
            "123pan no longer knows {count} tasks, which may have ended.",
            gone,
        ),
        ngettext(
            "{count} file was found in its folder.",
            "{count} files were found in their folders.",
            len(found),
        ),
        ngettext(
            "{count} file was not found in its folder.",
            "{count} files were not found in their folders.",
            missing,
        ),
        ngettext(
            "The folder of {count} file has not been checked yet.",
            "The folders of {count} files have not been checked yet.",
            unseen,
        ),
    )
    counts = (silent, gone, len(found), missing, unseen)
    return "\n".join(fact for fact, count in zip(facts, counts, strict=True) if count)
