"""The questions before the user ends the doubt about unconfirmed tasks, or sends them again."""

from collections.abc import Sequence
from typing import Any

from textual.app import App

from pan123_tui.domain.arrival_check import was_found
from pan123_tui.domain.files import file_name
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, join_sentences, ngettext
from pan123_tui.ui.dialogs.prompts import ChoiceScreen, ConfirmScreen
from pan123_tui.wording.formats import number

_SOME, _ALL = "o", "a"


async def ask_send_again(app: App[Any], tasks: Sequence[Task]) -> list[Task]:
    """Return those of the unconfirmed `tasks` that are to be sent again."""
    count, absent = len(tasks), [task for task in tasks if not was_found(task)]
    question = ngettext(
        "Send {count} unconfirmed link again?", "Send {count} unconfirmed links again?", count
    ).format(count=number(count))
    risk = _(
        "The first request may have reached the service although no answer came. "
        "If it did, the file is downloaded twice."
    )
    advice = _("Look into the target folder first.") if absent else ""
    found = _found_text(count - len(absent), of=count)
    if 0 < len(absent) < count:
        text = _("Only those not found ({count})").format(count=number(len(absent)))
        return await _ask_which(app, tasks, absent, question, (text, found))
    screen = ConfirmScreen(
        question, yes=_("Send again"), no=_("Not now"), detail=join_sentences(found, risk, advice)
    )
    return list(tasks) if await app.push_screen_wait(screen) else []


async def ask_arrived(app: App[Any], tasks: Sequence[Task], hidden: Sequence[str]) -> list[Task]:
    """Return those of the unconfirmed `tasks` whose files arrived, by the user's word.

    `hidden` is the sentence that some are not shown, if any. Without it, and where all files
    were found, nobody is asked.
    """
    count, found = len(tasks), [task for task in tasks if was_found(task)]
    if len(found) == count and not hidden:
        return list(tasks)
    if count == 1:
        name = sanitize(file_name(tasks[0]), 60, truncate_at="middle")
        question = _("Has “{name}” arrived?").format(name=name)
    else:
        text = _("Have the files of {count} unconfirmed tasks arrived?")
        question = text.format(count=number(count))
    detail = join_sentences(*_absent_texts(tasks), *hidden)
    if 0 < len(found) < count:
        text = _("Only those found ({count})").format(count=number(len(found)))
        return await _ask_which(app, tasks, found, question, (text, detail))
    screen = ConfirmScreen(question, yes=_("It arrived"), no=_("Not now"), detail=detail)
    return list(tasks) if await app.push_screen_wait(screen) else []


async def _ask_which(
    app: App[Any], tasks: Sequence[Task], some: list[Task], question: str, texts: tuple[str, str]
) -> list[Task]:
    """Let all `tasks` or `some` be chosen; `texts` are the choice of these and what to know."""
    label, detail = texts
    everything = _("All ({count})").format(count=number(len(tasks)))
    choices = [(_SOME, label, ""), (_ALL, everything, "")]
    choice = await app.push_screen_wait(ChoiceScreen(question, choices, text=detail))
    return {_SOME: some, _ALL: list(tasks)}.get(choice or "", [])


def _found_text(count: int, *, of: int) -> str:
    """Return how many files of `of` tasks were found."""
    if not count:
        return ""
    if of == 1:
        return _("The file was found in its folder.")
    text = ngettext(
        "The file of {count} of them was found in its folder.",
        "The files of {count} of them were found in their folders.",
        count,
    )
    return text.format(count=number(count))


def _absent_texts(tasks: Sequence[Task]) -> list[str]:
    """Return how many files were not found, and how many folders nobody has looked into."""
    checks = [task.arrival for task in tasks if not was_found(task)]
    absent = sum(check is not None and check.problem is None for check in checks)
    unseen = len(checks) - absent
    if len(tasks) == 1:
        seen = _("The file was not found in its folder.")
        return [seen if absent else _("The folder has not been looked into yet.")]
    not_found = ngettext(
        "{count} file was not found in its folder.",
        "{count} files were not found in their folders.",
        absent,
    ).format(count=number(absent))
    not_seen = ngettext(
        "The folder of {count} file has not been looked into yet.",
        "The folders of {count} files have not been looked into yet.",
        unseen,
    ).format(count=number(unseen))
    return [text for text, count in ((not_found, absent), (not_seen, unseen)) if count]
