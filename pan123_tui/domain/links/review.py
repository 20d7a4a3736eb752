"""The review of extracted links: one row per link, the user's edits, and the resulting requests."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.link_probe import is_private
from pan123_tui.domain.links.file_names import clean_name, expand_template, guess_name, split_name
from pan123_tui.domain.links.url import RejectionReason, duplicate_key
from pan123_tui.domain.task import DownloadRequest, Task

if TYPE_CHECKING:  # it compiles large patterns, which the dashboard does not need to start
    from pan123_tui.domain.links.extractor import ExtractedLink, ExtractionResult

RowKey = tuple[str, int]
"""A link and its occurrence number, which identify a row after the text has changed."""


class ReviewStatus(StrEnum):
    """The status of a row in the review."""

    NEW = "new"
    REPEATED = "repeated"
    """The same link is further up."""
    KNOWN = "known"
    """A task has this link already."""
    DOUBTFUL = "doubtful"
    """Where the link ends is doubtful; it is not queued until the user has chosen."""
    REJECTED = "rejected"


class RowEdit(Struct, frozen=True):
    """The changes of the user to one row; None: unchanged."""

    keep: bool | None = None
    name: str | None = None
    folder_id: int | None = None
    takes_longer: bool | None = None
    """Which of the two links the user chose where the end is doubtful."""


class ReviewRow(Struct, frozen=True):
    """One link under review, or one rejected text."""

    text: str
    """The link as it will be sent, or the rejected text."""
    key: RowKey
    status: ReviewStatus
    keep: bool
    """Whether the link will be queued."""
    name: str = ""
    """The name to send; empty: the common name, else the service chooses."""
    has_own_name: bool = False
    """Whether the user chose `name`, so that no template replaces it."""
    guessed_name: str = ""
    """The name that the file will probably get."""
    label_name: str = ""
    """The text beside the link with the link's extension; stands for `{name}` without `name`."""
    folder_id: int | None = None
    """The folder of this row only; None: the common folder."""
    duplicate_of: int | None = None
    """For a repeated link the number of the first row (from 1), for a known one the task id."""
    reason: RejectionReason | None = None
    source: str = ""
    shorter_url: str = ""
    longer_url: str = ""
    """The two links if the end is doubtful, also after one was chosen; else both are empty."""
    is_private: bool = False
    """Whether the host exists only in a private network, where the service cannot reach it."""

    @property
    def is_duplicate(self) -> bool:
        return self.status in (ReviewStatus.REPEATED, ReviewStatus.KNOWN)

    @property
    def is_mere_text(self) -> bool:
        """Whether it is a line without a link, which is not an error."""
        return self.reason in (RejectionReason.NO_LINK, RejectionReason.BLANK)

    @property
    def has_link(self) -> bool:
        """Whether the row can be queued, be it after a choice."""
        return self.status is not ReviewStatus.REJECTED


_UNEDITED = RowEdit()


class ReviewCounts(Struct, frozen=True):
    """The number of rows of each kind."""

    kept: int = 0
    skipped_duplicates: int = 0
    kept_duplicates: int = 0
    skipped: int = 0
    """New links that the user deselected."""
    doubtful: int = 0
    """Links whose end the user has to choose."""
    rejected: int = 0
    mere_text: int = 0
    """Lines without a link."""
    private: int = 0
    """Kept links that the service cannot reach."""


def known_links(tasks: Iterable[Task]) -> dict[str, int]:
    """Return the duplicate key of each task's link → the id of the newest task with it."""
    newest: dict[str, int] = {}
    for task in tasks:
        key = duplicate_key(task.url)
        newest[key] = max(task.id, newest.get(key, 0))
    return newest


def review(
    result: "ExtractionResult", known: Mapping[str, int], edits: Mapping[RowKey, RowEdit]
) -> tuple[ReviewRow, ...]:
    """Return the rows of `result`, links first; `known` comes from `known_links`.

    Duplicates are not kept unless an edit keeps them, and links with a doubtful end not until an
    edit has chosen one; before that they are neither a duplicate nor have any.
    """
    first_rows: dict[str, int] = {}
    occurrences: dict[str, int] = {}
    rows = []
    for number, link in enumerate(result.links, 1):
        occurrences[link.url] = occurrence = occurrences.get(link.url, 0) + 1
        row_key = (link.url, occurrence)
        edit = edits.get(row_key, _UNEDITED)
        status, duplicate_of = ReviewStatus.DOUBTFUL, None
        if not link.longer_url or edit.takes_longer is not None:
            duplicate = duplicate_key(link.longer_url if edit.takes_longer else link.url)
            first = first_rows.setdefault(duplicate, number)
            status = ReviewStatus.NEW
            if first != number:
                status, duplicate_of = ReviewStatus.REPEATED, first
            elif duplicate in known:
                status, duplicate_of = ReviewStatus.KNOWN, known[duplicate]
        row = _row(link, row_key, status, duplicate_of, takes_longer=bool(edit.takes_longer))
        rows.append(row if edit is _UNEDITED else apply_edit(row, edit))
    rows.extend(
        ReviewRow(item.text, (item.text, 0), ReviewStatus.REJECTED, keep=False, reason=item.reason)
        for item in result.rejected
    )
    return tuple(rows)


def apply_edit(row: ReviewRow, edit: RowEdit) -> ReviewRow:
    """Return `row` with the changes of the user; a rejected row is returned unchanged.

    A doubtful row is not kept; `review` applies the choice between its links.
    """
    if row.status is ReviewStatus.REJECTED:
        return row
    keep = row.keep if edit.keep is None else edit.keep
    return replace(
        row,
        keep=keep and row.status is not ReviewStatus.DOUBTFUL,
        name=row.name if edit.name is None else edit.name,
        has_own_name=edit.name is not None,
        folder_id=edit.folder_id,
    )


def mark_known(rows: Sequence[ReviewRow], known: Mapping[str, int]) -> Sequence[ReviewRow]:
    """Return `rows` in which links of `known`, which are in the list by now, are not kept.

    A row that was new is known then; a repeated one stays repeated.
    """
    return [_mark(row, known) if row.keep else row for row in rows] if known else rows


def _mark(row: ReviewRow, known: Mapping[str, int]) -> ReviewRow:
    task_id = known.get(duplicate_key(row.text))
    if task_id is None:
        return row
    if row.status is not ReviewStatus.NEW:
        return replace(row, keep=False)
    return replace(row, keep=False, status=ReviewStatus.KNOWN, duplicate_of=task_id)


def count_rows(rows: Iterable[ReviewRow]) -> ReviewCounts:
    """Return the number of `rows` of each kind."""
    kept = skipped_duplicates = kept_duplicates = skipped = doubtful = rejected = mere_text = 0
    private = 0
    for row in rows:
        if row.status is ReviewStatus.REJECTED:
            mere_text += row.is_mere_text
            rejected += not row.is_mere_text
        elif row.status is ReviewStatus.DOUBTFUL:
            doubtful += 1
        elif row.keep:
            kept += 1
            private += row.is_private
            kept_duplicates += row.is_duplicate
        else:
            skipped_duplicates += row.is_duplicate
            skipped += not row.is_duplicate
    return ReviewCounts(
        kept, skipped_duplicates, kept_duplicates, skipped, doubtful, rejected, mere_text, private
    )


def kept_again(rows: Iterable[ReviewRow]) -> frozenset[str]:
    """Return the links of the duplicates that the user keeps."""
    return frozenset(row.text for row in rows if row.keep and row.is_duplicate)


def kept_positions(rows: Iterable[ReviewRow]) -> list[int]:
    """Return the position of each kept row among the kept ones, from 1, and 0 for the others."""
    count = 0
    positions = []
    for row in rows:
        count += row.keep
        positions.append(count if row.keep else 0)
    return positions


def final_name(row: ReviewRow, common: DownloadRequest, *, number: int, count: int) -> str:
    """Return the name sent for `row`, the `number`th of `count`; empty if none is sent."""
    if row.has_own_name or not common.name:
        return row.name
    name = row.name or row.label_name or row.guessed_name
    return expand_template(common.name, name=name, number=number, count=count)


def to_requests(rows: Sequence[ReviewRow], common: DownloadRequest) -> tuple[DownloadRequest, ...]:
    """Return the requests of the kept rows, completed from `common`.

    `common.name` is a template for `expand_template`; `common.url` is not used.
    """
    positions = kept_positions(rows)
    count = max(positions, default=0)
    return tuple(
        DownloadRequest(
            url=row.text,
            name=final_name(row, common, number=position, count=count),
            folder_id=row.folder_id or common.folder_id,
            callback_url=common.callback_url,
        )
        for row, position in zip(rows, positions, strict=True)
        if position
    )


def _row(
    link: "ExtractedLink",
    key: RowKey,
    status: ReviewStatus,
    duplicate_of: int | None,
    *,
    takes_longer: bool,
) -> ReviewRow:
    url = link.longer_url if takes_longer else link.url
    name, label = ("", "") if takes_longer else (link.file_name, clean_name(link.name))
    guessed_name = guess_name(url)
    extension = split_name(guessed_name)[1]
    return ReviewRow(
        url,
        key,
        status,
        keep=status is ReviewStatus.NEW,
        name=name,
        guessed_name=name or guessed_name,
        label_name=clean_name(label + extension) if label and not name else "",
        duplicate_of=duplicate_of,
        source=link.source,
        shorter_url=link.url if link.longer_url else "",
        longer_url=link.longer_url,
        is_private=is_private(url),
    )
