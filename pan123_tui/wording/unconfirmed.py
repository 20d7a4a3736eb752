"""Texts for unconfirmed tasks: what was found in their folder, and when it is looked at again."""

from pan123_tui.domain.arrival_check import next_look_at, was_found
from pan123_tui.domain.errors import ProblemKind
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import ArrivalCheck, Task
from pan123_tui.i18n import _, join_sentences
from pan123_tui.wording.formats import moment, size
from pan123_tui.wording.outcomes import arrival_warning
from pan123_tui.wording.problems import explain_problem


def look_text(task: Task, *, now: float) -> str:
    """Return what was found in the folder of an unconfirmed task, "" if nobody has looked yet."""
    check = task.arrival
    if check is None:
        return ""
    time = look_time(task, now=now)
    if was_found(task):
        found = _("Found in the folder at {time}: {name}, {size}.").format(
            time=time, name=sanitize(check.name, 200), size=size(check.size)
        )
        return join_sentences(found, *_doubts(check))
    if check.problem is None:
        return _("Not in the folder yet, last checked at {time}.").format(time=time)
    why = explain_problem(check.problem).summary
    return _("The folder could not be read at {time}: {why}").format(time=time, why=why)


def _doubts(check: ArrivalCheck) -> tuple[str, ...]:
    """Return what is wrong with the file, if anything."""
    what, advice = arrival_warning(check)
    return (_("{what}.").format(what=what), advice) if what else ()


def next_look_text(task: Task, *, now: float, looks: bool, key: str) -> str:
    """Return when the folder is looked into next; `looks`: by itself, `key` does so at once."""
    at = next_look_at(task) if looks else None
    problem = task.arrival.problem if task.arrival else None
    if problem and problem.kind is ProblemKind.OTHER_ACCOUNT:
        return _("The folder is checked again when that account is in use.")
    if at is None or at <= now:
        return _("{key} checks the folder now.").format(key=key)
    time = _hour(at, now)
    return _("Next check at {time}; {key} checks now.").format(time=time, key=key)


def look_time(task: Task, *, now: float) -> str:
    """Return when the folder was looked into last, "" if it was not."""
    return _hour(task.arrival.at, now) if task.arrival else ""


def _hour(at: float, now: float) -> str:
    """Format a time without seconds."""
    text = moment(at, now)
    return text[:-3] if text.count(":") == 2 else text
