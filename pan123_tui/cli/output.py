"""Data goes to standard output, messages to standard error; how a task is written there."""

import json
import re
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import click
import msgspec

from pan123_tui.bootstrap import print_message
from pan123_tui.domain.links.file_names import clean_name, display_name
from pan123_tui.domain.sanitize import pad_or_truncate, sanitize
from pan123_tui.domain.task import Task, shown_state
from pan123_tui.i18n import _, with_parenthetical
from pan123_tui.wording.formats import number, percent, shown_label

_NOT_PLAIN = r"[^\x20-\x7e\n一-鿿]"
"""Characters that may be invisible; compiled where it is needed."""
MAX_PRINTED = 20
"""Messages of one kind that are printed one by one."""
_STATE_CELLS = 7


def print_first(texts: Iterable[str], limit: int = MAX_PRINTED) -> None:
    """Print the first few of `texts` as messages, and how many more there are."""
    lines = list(texts)
    for line in lines[:limit]:
        print_message(line)
    if (more := len(lines) - limit) > 0:
        print_message(_("and {count} more").format(count=number(more)))


def print_json(value: object) -> None:
    """Print `value` as JSON with invisible characters escaped."""
    try:  # `json` indents in Python, which takes 40 ms for 300 tasks
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except UnicodeEncodeError:  # half a character
        text = json.dumps(value, ensure_ascii=False, indent=2)
    if not text.replace("\n", "").isprintable():
        text = re.sub(_NOT_PLAIN, _escape, text)
    click.echo(text)


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    escaped = "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]
    return char if char.isprintable() else escaped


def print_link(url: str, name: str) -> None:
    """Print a link as in an aria2 input file, with the requested name if there is one."""
    click.echo(aria2_entry(url, clean_name(name)))


def aria2_entry(url: str, name: str) -> str:
    """Return the lines of an aria2 input file that save `url`, as the file `name` if given."""
    return f"{url}\n  out={name}" if name else url


def curl_download(url: str, name: str) -> str:
    """Return the curl command that saves `url`, without `[]{}` of its own, as the file `name`."""
    # The path keeps a name that begins with a minus from being read as an option.
    return f"curl -gL -o {shlex.quote(f'./{name}')} {shlex.quote(url)}"


@lru_cache(maxsize=4096)  # most times of a task are in its history as well
def rfc3339(unix: float | None) -> str | None:
    """Format a Unix time as RFC 3339 in the local zone; None if it is missing or out of range."""
    if unix is None:
        return None
    try:
        return datetime.fromtimestamp(unix, UTC).astimezone().isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return None


def percent_text(task: Task) -> str:
    """Return the progress of `task`, "" before it is sent."""
    return "" if task.sent_at is None else percent(task.percent)


def task_line(task: Task, note: str) -> str:
    cells = (
        f"{task.id:>5}",
        pad_or_truncate(shown_label(shown_state(task)), _STATE_CELLS),
        f"{percent_text(task):>5}",
        sanitize(display_name(task.name, task.url), 200),
    )
    return with_parenthetical("  ".join(cells), sanitize(note, 300))
