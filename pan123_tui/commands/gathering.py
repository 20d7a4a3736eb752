"""Gathers links from arguments, files and standard input, and judges them as a review would."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from pan123_tui.addresses import why_no_url
from pan123_tui.domain.fields import FieldFault, check_template, read_folder
from pan123_tui.domain.links import FoundLink, Harvest, extract, slices
from pan123_tui.domain.naming import check_name
from pan123_tui.domain.task import Draft, Task
from pan123_tui.domain.text_file import decoded
from pan123_tui.domain.tray import (
    RowEdit,
    TrayRow,
    Verdict,
    drafts,
    edited,
    known_links,
    merged,
    review,
)
from pan123_tui.domain.url import check_url
from pan123_tui.i18n import _
from pan123_tui.wording_links import explain_field_fault, explain_name_fault

STDIN = "-"


class Common(Struct, frozen=True):
    """What all links get, as it was typed."""

    folder: str
    name: str
    callback_url: str


class Gathered(Struct, frozen=True):
    """The links, judged."""

    rows: tuple[TrayRow, ...]

    @property
    def kept(self) -> list[TrayRow]:
        """What will be queued."""
        return [row for row in self.rows if row.keep]

    @property
    def skipped(self) -> list[TrayRow]:
        """Duplicates that will not be queued."""
        return [row for row in self.rows if not row.keep and row.verdict is not Verdict.REFUSED]

    @property
    def refused(self) -> list[TrayRow]:
        """What gives no link."""
        return [row for row in self.rows if row.verdict is Verdict.REFUSED]

    @property
    def count(self) -> int:
        """How many will be queued."""
        return len(self.kept)

    def drafts(self, common: Draft) -> tuple[Draft, ...]:
        """Give what to queue, with the `common` part where a link has no own."""
        return drafts(self.rows, common)

    def document(self, ids: Mapping[str, int] | None) -> dict[str, Any]:
        """Give all of it as JSON; `ids` are the new tasks' numbers by link, None: a dry run."""
        links = [row for row in self.rows if row.verdict is not Verdict.REFUSED]
        return {
            "links": [
                {"url": row.text, "name": row.name, "duplicate_of": self._original(row)}
                | ({} if ids is None else {"id": ids.get(row.text) if row.keep else None})
                for row in links
            ],
            "refused": [
                {"text": row.text, "reason": str(row.reason or "")} for row in self.refused
            ],
        }

    def _original(self, row: TrayRow) -> int | str | None:
        """Give the number of the task that has the link, or the same link further up."""
        if row.verdict is Verdict.REPEATED and row.twin is not None:
            return self.rows[row.twin - 1].text
        return row.twin


def gather(
    texts: tuple[str, ...], files: tuple[Path, ...], known: Mapping[int, Task], *, again: bool
) -> Gathered:
    """Find the links; those that a task has already are kept only if wanted `again`."""
    harvests = [_of_argument(text) for text in texts]
    harvests += [_of_text(decoded(path.read_bytes())) for path in files]
    rows = review(merged(harvests), known_links(known.values()), {})
    if again:
        rows = tuple(
            edited(row, RowEdit(keep=True)) if row.verdict is Verdict.KNOWN else row for row in rows
        )
    return Gathered(rows)


def check_common(common: Common, *, count: int) -> Draft:
    """Judge what all links get; raises `click.BadParameter` where it cannot be used."""
    folder = read_folder(common.folder)
    if isinstance(folder, FieldFault):
        raise _bad(explain_field_fault(folder), "--dir")
    if fault := check_template(common.name, count=count):
        raise _bad(explain_field_fault(fault), "--name")
    for error in check_name(common.name).errors:
        raise _bad(explain_name_fault(error), "--name")
    if common.callback_url and (reason := why_no_url(common.callback_url)):
        raise _bad(reason, "--callback")
    return Draft("", common.name, folder, common.callback_url)


def _of_argument(text: str) -> Harvest:
    """A single plain link is taken as it stands, whatever it ends with."""
    if text == STDIN:
        return _of_text(decoded(sys.stdin.buffer.read()))
    if text.isascii() and check_url(text) is None:
        return Harvest((FoundLink(text),))
    return _of_text(text)


def _of_text(text: str) -> Harvest:
    return merged([extract(part) for part in slices(text)])


def _bad(reason: str, option: str) -> click.BadParameter:
    return click.BadParameter(_("{reason}.").format(reason=reason), param_hint=option)
