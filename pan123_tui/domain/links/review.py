"""Links laid out for review: what becomes of each, and the drafts that are queued in the end."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import chain

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.links.extractor import ExtractedLink, ExtractionResult, RejectionReason
from pan123_tui.domain.links.file_names import clean_name, expand_template, guess_name, split_name
from pan123_tui.domain.links.url import duplicate_key
from pan123_tui.domain.task import DownloadRequest, Task

RowKey = tuple[str, int]
"""A link and which of its occurrences it is: it finds a row again after the text has changed."""


class ReviewStatus(StrEnum):
    """What the review says about a row."""

    NEW = "new"
    REPEATED = "repeated"
    """The same link stands further up."""
    KNOWN = "known"
    """A task has this link already."""
    REJECTED = "rejected"


class RowEdit(Struct, frozen=True):
    """What a person changed in one row; None: left as it was."""

    keep: bool | None = None
    name: str | None = None
    folder_id: int | None = None


class ReviewRow(Struct, frozen=True):
    """One link under review, or one text that gives none."""

    text: str
    """The link as it will be sent, or the refused text."""
    key: RowKey
    status: ReviewStatus
    keep: bool
    """Whether it is to be queued."""
    name: str = ""
    """The name to send; empty: the common one, else the service chooses."""
    has_own_name: bool = False
    """Whether a person chose `name`: then no template changes it."""
    guessed_name: str = ""
    """The name that the file will most likely get."""
    folder_id: int | None = None
    """The folder of this row alone; None: the common one."""
    duplicate_of: int | None = None
    """Of a repeated link the number of the row it repeats (from 1), of a known one the task."""
    reason: RejectionReason | None = None
    source: str = ""
    may_be_truncated: bool = False
    """Whether what follows the link after a blank may belong to it."""

    @property
    def is_duplicate(self) -> bool:
        return self.status in (ReviewStatus.REPEATED, ReviewStatus.KNOWN)


class ReviewCounts(Struct, frozen=True):
    """How many rows there are of each kind."""

    kept: int = 0
    skipped_duplicates: int = 0
    kept_duplicates: int = 0
    skipped: int = 0
    """New ones that the user took out."""
    rejected: int = 0


def known_links(tasks: Iterable[Task]) -> dict[str, int]:
    """Give the duplicate key of each task's link → the newest task that has it."""
    newest: dict[str, int] = {}
    for task in tasks:
        key = duplicate_key(task.url)
        newest[key] = max(task.id, newest.get(key, 0))
    return newest


def merge_results(results: Sequence[ExtractionResult]) -> ExtractionResult:
    """Join the harvests of several texts in their order."""
    return ExtractionResult(
        tuple(chain.from_iterable(extraction.links for extraction in results)),
        tuple(chain.from_iterable(extraction.rejected for extraction in results)),
    )


def review(
    result: ExtractionResult, known: Mapping[str, int], edits: Mapping[RowKey, RowEdit]
) -> tuple[ReviewRow, ...]:
    """Lay out `harvest`, links first; `known` is what `known_links` gave.

    Duplicates are skipped unless an edit keeps them.
    """
    first_rows: dict[str, int] = {}
    counts: dict[str, int] = {}
    rows = []
    for number, link in enumerate(result.links, 1):
        counts[link.url] = occurrence = counts.get(link.url, 0) + 1
        same = duplicate_key(link.url)
        first = first_rows.setdefault(same, number)
        verdict, twin = ReviewStatus.NEW, None
        if first != number:
            verdict, twin = ReviewStatus.REPEATED, first
        elif same in known:
            verdict, twin = ReviewStatus.KNOWN, known[same]
        row = _row(link, (link.url, occurrence), verdict, twin)
        rows.append(apply_edit(row, edits[row.key]) if row.key in edits else row)
    rows.extend(
        ReviewRow(item.text, (item.text, 0), ReviewStatus.REJECTED, keep=False, reason=item.reason)
        for item in result.rejected
    )
    return tuple(rows)


def apply_edit(row: ReviewRow, edit: RowEdit) -> ReviewRow:
    """Give `row` with a person's changes; a refused row cannot be kept."""
    if row.status is ReviewStatus.REJECTED:
        return row
    has_own_name = edit.name is not None
    return replace(
        row,
        keep=row.keep if edit.keep is None else edit.keep,
        name=row.name if edit.name is None else edit.name,
        has_own_name=has_own_name,
        folder_id=edit.folder_id,
    )


def count_rows(rows: Iterable[ReviewRow]) -> ReviewCounts:
    """Count `rows` by what becomes of them."""
    kept = skipped_duplicates = kept_duplicates = skipped = refused = 0
    for row in rows:
        if row.status is ReviewStatus.REJECTED:
            refused += 1
        elif row.keep:
            kept += 1
            kept_duplicates += row.is_duplicate
        else:
            skipped_duplicates += row.is_duplicate
            skipped += not row.is_duplicate
    return ReviewCounts(kept, skipped_duplicates, kept_duplicates, skipped, refused)


def kept_positions(rows: Iterable[ReviewRow]) -> list[int]:
    """Number the kept rows from 1, in their order; the others get 0."""
    count = 0
    given = []
    for row in rows:
        count += row.keep
        given.append(count if row.keep else 0)
    return given


def final_name(row: ReviewRow, common: DownloadRequest, *, number: int, count: int) -> str:
    """Give the name that `row`, the `number`th of `count`, is sent with; empty: none is sent."""
    if row.has_own_name or not common.name:
        return row.name
    return expand_template(
        common.name, name=row.name or row.guessed_name, number=number, count=count
    )


def to_requests(rows: Sequence[ReviewRow], common: DownloadRequest) -> tuple[DownloadRequest, ...]:
    """Give what is to be queued: the kept rows, with the common part where they have no own.

    `common.name` is a template for `expand_template`; `common.url` is not used.
    """
    places = kept_positions(rows)
    count = max(places, default=0)
    return tuple(
        DownloadRequest(
            url=row.text,
            name=final_name(row, common, number=place, count=count),
            folder_id=row.folder_id or common.folder_id,
            callback_url=common.callback_url,
        )
        for row, place in zip(rows, places, strict=True)
        if place
    )


def _row(link: ExtractedLink, key: RowKey, verdict: ReviewStatus, twin: int | None) -> ReviewRow:
    suggested = clean_name(link.name)
    guess = guess_name(link.url)
    is_file_name = bool(split_name(suggested)[1])
    if suggested and not is_file_name:
        guess = clean_name(suggested + split_name(guess)[1])
    return ReviewRow(
        link.url,
        key,
        verdict,
        keep=verdict is ReviewStatus.NEW,
        # A label without an extension would save a file without one: it is only shown.
        name=suggested if is_file_name else "",
        guessed_name=suggested if is_file_name else guess,
        duplicate_of=twin,
        source=link.source,
        may_be_truncated=link.may_be_truncated,
    )
