"""The links found in arguments, files and pipes, with what became of each."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from msgspec import Struct

from pan123_tui.cli.output import print_message
from pan123_tui.domain.links.extractor import extract, extract_argument
from pan123_tui.domain.links.review import ReviewRow, ReviewStatus, judge, known_links, toggled
from pan123_tui.domain.links.url import Look, RejectionReason, decode_text
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import Task
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import number, state_label
from pan123_tui.wording.links import look_text, rejection_text

STDIN = "-"
MAX_PRINTED = 20
"""Rejected or skipped links that are printed one by one."""


class CollectedLinks(Struct, frozen=True):
    """The reviewed links."""

    rows: tuple[ReviewRow, ...]

    @property
    def kept(self) -> list[ReviewRow]:
        """The links to queue."""
        return [row for row in self.rows if row.keep]

    @property
    def skipped(self) -> list[ReviewRow]:
        """Duplicates, which are not queued."""
        return [row for row in self.rows if not row.keep and row.is_duplicate]

    @property
    def looks(self) -> list[ReviewRow]:
        """Links that must be looked at first, which are not queued."""
        return [row for row in self.rows if row.status is ReviewStatus.LOOK]

    @property
    def rejected(self) -> list[ReviewRow]:
        """Texts that may have been meant as a link."""
        return [
            row for row in self.rows if row.status is ReviewStatus.REJECTED and not row.is_mere_text
        ]

    @property
    def mere_text(self) -> list[ReviewRow]:
        """Lines without a link."""
        return [row for row in self.rows if row.is_mere_text]

    @property
    def has_failed(self) -> bool:
        """Whether something was left out that may have been meant, or nothing is there."""
        return bool(self.rejected or self.looks) or not (self.kept or self.skipped)

    def document(self, names: Mapping[str, str], ids: Mapping[str, int] | None) -> dict[str, Any]:
        """Return the JSON of `--json`.

        `names`: link → name that is asked for; `ids`: link → number of its new task, None: a dry
        run.
        """
        links = [row for row in self.rows if row.keep or row.is_duplicate]
        return {
            "links": [
                {
                    "url": row.text,
                    "name": names.get(row.text, row.name),
                    "duplicate_of": self._original(row),
                }
                | ({} if ids is None else {"id": ids.get(row.text) if row.keep else None})
                for row in links
            ],
            "look": [
                {"url": row.text, "reason": str(row.look or ""), "source": row.source}
                for row in self.looks
            ],
            "refused": [
                {"text": row.text, "reason": str(row.reason or "")} for row in self.rejected
            ],
            "other_text": [row.text for row in self.mere_text],
        }

    def _original(self, row: ReviewRow) -> int | str | None:
        """Return the number of the task that has the link, or the same link further up."""
        if row.status is ReviewStatus.REPEATED and row.duplicate_of is not None:
            return self.rows[row.duplicate_of - 1].text
        return row.duplicate_of


def collect_links(
    texts: tuple[str, ...], files: tuple[Path, ...], known: Mapping[int, Task], *, again: bool
) -> CollectedLinks:
    """Extract and review the links; those of `known` tasks are kept only if `again`."""
    found = [extract_argument(it) if it != STDIN else _extract_file(Path(it)) for it in texts]
    found += map(_extract_file, files)
    rows = judge(chain.from_iterable(found), known_links(known.values()))
    if again:
        rows = tuple(toggled(row) if row.status is ReviewStatus.KNOWN else row for row in rows)
    return CollectedLinks(rows)


def _extract_file(path: Path) -> tuple[ReviewRow, ...]:
    """Return the rows of a file, or of standard input."""
    content = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
    return extract(decode_text(content))


def print_left_out(links: CollectedLinks, texts: Sequence[str], known: Mapping[int, Task]) -> None:
    """Print what of `texts` is not queued, why, and how to take it all the same."""
    _print_rejected(links)
    _print_files(texts)
    _print_duplicates(links, known)
    _print_looks(links)


def _print_first(texts: Sequence[str]) -> None:
    """Print the first of `texts`, and how many more there are."""
    for text in texts[:MAX_PRINTED]:
        print_message(text)
    if (more := len(texts) - MAX_PRINTED) > 0:
        print_message(_("and {count} more").format(count=number(more)))


def _print_rejected(links: CollectedLinks) -> None:
    text = _("refused: {text} ({reason})")
    refused = [
        (sanitize(row.text, 100), rejection_text(row.reason or RejectionReason.NO_LINK))
        for row in links.rejected
    ]
    _print_first([text.format(text=link, reason=reason) for link, reason in refused])
    if len(links.mere_text) == len(links.rows):
        print_message(_("There is no link in this text."))
    elif count := len(links.mere_text):
        print_message(
            ngettext("{count} line without a link", "{count} lines without a link", count)
        )


def _print_files(texts: Sequence[str]) -> None:
    """Print how to take the links out of the files that stand in the place of links."""
    for text in texts[:MAX_PRINTED]:
        with suppress(OSError):  # a long text is no path
            if text != STDIN and Path(text).is_file():
                hint = _("“{path}” is a file: put -f before it to add its links.")
                print_message(hint.format(path=sanitize(text, 100)))


def _print_looks(links: CollectedLinks) -> None:
    """Print what is not queued without a look, why, and how to take it."""
    text = _("not queued: {text} ({reason})")
    looks = links.looks
    _print_first([text.format(text=sanitize(it.text), reason=look_text(it)) for it in looks])
    if any(row.look in (Look.END, Look.WRAPPED, Look.SCHEME) for row in looks):
        print_message(
            _("To add such a link, give it alone as one argument, in quotes and with its https://.")
        )
    if any(row.look in (Look.SHARE_PAGE, Look.CODE, Look.PRIVATE) for row in looks):
        print_message(_("To add such a page anyway: “pan123-tui LINK”, then space and ctrl+s."))


def _print_duplicates(links: CollectedLinks, known: Mapping[int, Task]) -> None:
    def line(row: ReviewRow) -> str:
        link, task = sanitize(row.text, 100), known.get(row.duplicate_of or 0)
        if row.status is not ReviewStatus.KNOWN or task is None:
            return _("skipped: {text} (duplicate)").format(text=link)
        text = _("skipped: {text} (same as task {number}, {state}; --again takes it too)")
        return text.format(text=link, number=task.id, state=state_label(task.state))

    _print_first(list(map(line, links.skipped)))
