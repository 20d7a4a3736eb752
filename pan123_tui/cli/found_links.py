"""What `add` has found in a text: as JSON, and what is left out, with its reason."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import to_builtins

from pan123_tui.bootstrap import print_message
from pan123_tui.cli.output import MAX_PRINTED, print_first, rfc3339
from pan123_tui.domain.links.review import ReviewRow, Verdict
from pan123_tui.domain.links.url import Doubt
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task, shown_state
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording import formats
from pan123_tui.wording import inputs as wording

Rows = Sequence[ReviewRow]


def document(
    rows: Rows, names: Mapping[str, str], ids: Mapping[str, int] | None
) -> dict[str, list[Any]]:
    """Return the JSON of `add`; `names` and `ids` are by link; without `ids` it is a dry run."""
    return {
        "links": [
            {
                "url": row.text,
                "name": names.get(row.text) or row.shown_name,
                "duplicate_of": rows[row.duplicate_of - 1].text
                if row.is_repeated and row.duplicate_of is not None
                else row.duplicate_of,
                "sent_before": row.sent and {"at": rfc3339(row.sent.at), "state": row.sent.state},
                "test": to_builtins(row.test),
            }
            | ({} if ids is None else {"id": ids.get(row.text) if row.keep else None})
            for row in rows
            if row.keep or row.is_duplicate
        ],
        "look": [
            {
                "url": row.text,
                "longer": row.longer or None,
                "reason": row.doubt,
                "source": row.source,
                "test": to_builtins(row.test),
            }
            for row in rows
            if row.is_undecided
        ],
        "refused": [
            {"text": row.text, "reason": row.reason}
            for row in rows
            if row.verdict is Verdict.REFUSED
        ],
    }


def print_left_out(rows: Rows, known: Mapping[int, Task]) -> None:
    """Print what is not queued, why, and how to add it anyway."""
    text = _("refused: {text} ({reason})")
    print_first(
        text.format(text=sanitize(row.text, 100), reason=wording.rejection_text(row.reason))
        for row in rows
        if row.reason and not row.is_mere_text
    )
    if (count := sum(row.is_mere_text for row in rows)) or not rows:
        text = ngettext("{count} line without a link", "{count} lines without a link", count)
        print_message(_("There is no link in this text.") if count == len(rows) else text)
    print_first(_skipped(it, known) for it in rows if it.is_duplicate and not it.keep)
    doubts, text = [it for it in rows if it.is_undecided], _("not queued: {text} — {reason}")
    lines = [
        text.format(text=sanitize(row.text), reason=wording.reason_text(row).rstrip(".。"))
        for row in doubts
    ]
    print_first(lines, len(lines) if any(row.test for row in rows) else MAX_PRINTED)
    if any(row.doubt is not Doubt.TEST for row in doubts):
        print_message(_("--all adds such links too."))


def _skipped(row: ReviewRow, known: Mapping[int, Task]) -> str:
    link, task = sanitize(row.text, 100), known.get(row.known_as)
    if row.sent is not None:
        text = _("skipped: {link} (sent {day}, {state}; --again sends it again)")
        return wording.sent_text(row.sent, text, link=link)
    if task is None:
        text = _("skipped: {text} (duplicate)")
        if row.is_mirror:
            text = _("skipped: {text} (another address of the same file)")
        return text.format(text=link)
    text = _("skipped: {text} (same as task {number}, {state}; --again adds it anyway)")
    return text.format(text=link, number=task.id, state=formats.shown_label(shown_state(task)))
