"""Data on stdout, messages on stderr; text from outside never reaches the terminal raw."""

import json
import re
import time
from datetime import datetime

import click

from pan123_tui.domain.arrival import ArrivalVerdict
from pan123_tui.domain.explanation import explain
from pan123_tui.domain.naming import guess_name
from pan123_tui.domain.task import Task
from pan123_tui.domain.visible import fitted, visible
from pan123_tui.wording import percent, state_word
from pan123_tui.wording_arrivals import arrival_text

_STATE_CELLS = 11
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")


def say(text: str) -> None:
    """Tell the user something, on stderr."""
    click.echo(text, err=True)


def tell(text: str) -> None:
    """Give a line of data, on stdout, at once."""
    click.echo(text)


def tell_json(value: object) -> None:
    """Give `value` as JSON, with everything escaped that does not show."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    click.echo(_UNPRINTABLE.sub(_escaped, text))


def rfc3339(unix: float | None) -> str | None:
    """Write a time with its zone, to the second."""
    if unix is None:
        return None
    try:
        return datetime.fromtimestamp(unix).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def now() -> str:
    """Write the present time."""
    return rfc3339(time.time()) or ""


def name_of(task: Task) -> str:
    """Name the file of `task`, made harmless: as it arrived, as asked for, or as guessed."""
    arrived = task.arrival.name if task.arrival else ""
    return visible(arrived or task.name or guess_name(task.url), 200)


def line_of(task: Task) -> str:
    """Say in one line how `task` is."""
    facts = [
        f"{task.id:>5}",
        fitted(state_word(task.state), _STATE_CELLS),
        f"{'' if task.sent_at is None else percent(task.percent):>5}",
        name_of(task),
    ]
    reason = reason_of(task)
    return "  ".join(facts) + (f"  ({reason})" if reason else "")


def reason_of(task: Task) -> str:
    """Say why `task` is as it is, or that what arrived looks wrong; empty if all is well."""
    if task.fail_reason:
        return visible(task.fail_reason, 300)
    if task.problem is not None:
        explanation = explain(task.problem)
        return " ".join(part for part in (explanation.what, explanation.said) if part)
    if task.arrival is not None and task.arrival.verdict is not ArrivalVerdict.FOUND:
        return arrival_text(task.arrival)
    return ""


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    if char.isprintable():
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
