"""The links found in arguments, files and pipes, with what became of each."""

import sys
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from pan123_tui.cli.output import print_message
from pan123_tui.domain.links.extractor import decode_text, extract, extract_argument
from pan123_tui.domain.links.review import (
    ReviewRow,
    ReviewStatus,
    RowKind,
    judge,
    known_links,
    toggled,
)
from pan123_tui.domain.links.url import RejectionReason
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import number, state_label
from pan123_tui.wording.links import look_text, rejection_text

STDIN = "-"
MAX_PRINTED = 20
"""Rejected or skipped links that are printed one by one."""
Rows = Sequence[ReviewRow]


def collect(
    texts: Sequence[str],
    files: Sequence[Path],
    known: Mapping[int, Task],
    *,
    takes_known: bool,
    takes_looks: bool,
) -> Rows:
    """Extract and review the links.

    Those of `known` tasks are kept only if it `takes_known`, those that must be looked at only if
    it `takes_looks`.
    """
    found = [extract_argument(it) if it != STDIN else _extract_file(Path(it)) for it in texts]
    rows: Rows = list(chain.from_iterable([*found, *map(_extract_file, files)]))
    if takes_looks:
        rows = [toggled(row) if row.look else row for row in rows]
    rows = judge(rows, known_links(known.values()))
    if takes_known:
        rows = [toggled(row) if row.status is ReviewStatus.KNOWN else row for row in rows]
    return rows


def _extract_file(path: Path) -> Rows:
    """Return the rows of a file, or of standard input."""
    content = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
    return extract(decode_text(content))


def is_incomplete(rows: Rows) -> bool:
    """Return whether something was left out that may have been meant, or nothing is there."""
    return any(row.waits for row in rows) or not any(row.keep or row.is_duplicate for row in rows)


def document(
    rows: Rows, names: Mapping[str, str], ids: Mapping[str, int] | None
) -> dict[str, list[Any]]:
    """Return the JSON of `add --json`.

    `names`: link → name that is asked for; `ids`: link → number of its new task, None: a dry run.
    """
    return {
        "links": [
            {
                "url": row.text,
                "name": names.get(row.text, row.name),
                "duplicate_of": _original(row, rows),
            }
            | ({} if ids is None else {"id": ids.get(row.text) if row.keep else None})
            for row in rows
            if row.keep or row.is_duplicate
        ],
        "look": [
            {"url": row.text, "reason": row.look, "source": row.source}
            for row in _of(rows, RowKind.LOOK)
        ],
        "refused": [{"text": row.text, "reason": row.reason} for row in _of(rows, RowKind.REFUSED)],
        "other_text": [row.text for row in _of(rows, RowKind.TEXT)],
    }


def _of(rows: Rows, kind: RowKind) -> Rows:
    return [row for row in rows if row.kind is kind]


def _original(row: ReviewRow, rows: Rows) -> int | str | None:
    """Return the number of the task that has the link, or the same link further up."""
    if row.status is ReviewStatus.REPEATED and row.duplicate_of is not None:
        return rows[row.duplicate_of - 1].text
    return row.duplicate_of


def print_left_out(rows: Rows, known: Mapping[int, Task]) -> None:
    """Print what is not queued, why, and how to take it all the same."""
    _print_first([_refused(row) for row in _of(rows, RowKind.REFUSED)])
    if count := len(_of(rows, RowKind.TEXT)):
        text = ngettext("{count} line without a link", "{count} lines without a link", count)
        print_message(_("There is no link in this text.") if count == len(rows) else text)
    _print_first([_skipped(row, known) for row in _of(rows, RowKind.DUPLICATE)])
    looks = _of(rows, RowKind.LOOK)
    text = _("not queued: {text} ({reason})")
    _print_first([text.format(text=sanitize(it.text), reason=look_text(it)) for it in looks])
    if looks:
        print_message(_("--all adds such links too."))


def _print_first(texts: Sequence[str]) -> None:
    """Print the first of `texts`, and how many more there are."""
    for text in texts[:MAX_PRINTED]:
        print_message(text)
    if (more := len(texts) - MAX_PRINTED) > 0:
        print_message(_("and {count} more").format(count=number(more)))


def _refused(row: ReviewRow) -> str:
    reason = rejection_text(row.reason or RejectionReason.NO_LINK)
    return _("refused: {text} ({reason})").format(text=sanitize(row.text, 100), reason=reason)


def _skipped(row: ReviewRow, known: Mapping[int, Task]) -> str:
    link, task = sanitize(row.text, 100), known.get(row.duplicate_of or 0)
    if row.status is not ReviewStatus.KNOWN or task is None:
        return _("skipped: {text} (duplicate)").format(text=link)
    text = _("skipped: {text} (same as task {number}, {state}; --again takes it too)")
    return text.format(text=link, number=task.id, state=state_label(task.state))
