"""The review of links: a row for each, the user's changes, the resulting requests."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum, auto
from itertools import count
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.domain.links.file_names import (
    check_template,
    clean_name,
    display_name,
    expand_template,
    split_name,
)
from pan123_tui.domain.links.probes import DEAD, ProbeResult, ProbeStatus
from pan123_tui.domain.links.share_pages import share_page
from pan123_tui.domain.links.url import Doubt, RejectionReason, address_doubts, duplicate_key
from pan123_tui.domain.task import DownloadRequest, SentLink, Task


class Verdict(Enum):
    KEPT = auto()
    DOUBTFUL = auto()
    """Not queued until the user accepts it in spite of a doubt."""
    REFUSED = auto()
    SKIPPED = auto()
    """The user does not want it, or it is a line without a link."""


class ReviewRow(
    Struct, frozen=True, omit_defaults=True, rename={"doubt": "look", "is_accepted": "is_seen"}
):
    """One link under review, or a text that is not a link."""

    text: str
    """The link as it will be sent, or the refused text."""
    number: int = 0
    """Its number in the review, which it keeps however it is changed; 0: none yet."""
    name: str = ""
    """The name to send; empty, as folder and callback: the common one."""
    has_own_name: bool = False
    """Whether the user chose `name`, so that no template replaces it."""
    folder_id: int | None = None
    folder: str = ""
    """The path of its folder, which has yet to be found; it replaces `folder_id`."""
    batch: str = ""
    """That of the links with which it was entered, if those are queued."""
    callback_url: str = ""
    source: str = ""
    """The line that the link is from."""
    longer: str = ""
    """The link if it goes on, which is unclear; empty: it does not."""
    doubt: Doubt | None = None
    is_accepted: bool = False
    """In spite of its doubt, by the user."""
    reason: RejectionReason | None = None
    """Why it is refused."""
    is_chosen: bool | None = None
    """Whether the user wants it queued; None: unless it is a duplicate."""
    key: str = ""
    """Equal for two spellings of one link, and for addresses of one file."""
    is_mirror: bool = False
    """Whether it is another address of the file that a link before it has."""
    is_repeated: bool = False
    """Whether an earlier row has the same link."""
    duplicate_of: int | None = None
    """For a link in the list, the task's id; for a repeated one, the number of the first row.

    None: the user skips that row.
    """
    sent: SentLink | None = None
    """What became of the link when it was sent, if it is no longer in the list."""
    test: ProbeResult | None = None
    """What the latest test has shown."""

    @property
    def keep(self) -> bool:
        is_wanted = self.is_chosen is True if self.is_duplicate else self.is_chosen is not False
        return self.has_link and not self.is_undecided and is_wanted

    @property
    def is_testable(self) -> bool:
        """Whether a test may say more about it: it is kept, or leads to another link."""
        return self.keep or (self.is_undecided and self.doubt is Doubt.SHORT)

    @property
    def verdict(self) -> Verdict:
        if self.is_undecided:
            return Verdict.DOUBTFUL
        if not self.has_link and not self.is_mere_text:
            return Verdict.REFUSED
        return Verdict.KEPT if self.keep else Verdict.SKIPPED

    @property
    def is_kept_as_new(self) -> bool:
        """Whether it will be queued without the user having had to say so."""
        return self.keep and not self.is_duplicate and self.doubt is None

    @property
    def is_undecided(self) -> bool:
        return self.doubt is not None and not self.is_accepted

    @property
    def is_dead(self) -> bool:
        return self.is_undecided and self.test is not None and self.test.status in DEAD

    @property
    def is_known(self) -> bool:
        """Whether the link was sent or is in the list, or the same is above."""
        return self.duplicate_of is not None or self.sent is not None

    @property
    def is_duplicate(self) -> bool:
        return self.is_repeated or (self.is_known and not self.is_undecided)

    @property
    def known_as(self) -> int:
        """The id of the task with this link; 0 if there is none, or a row above has it."""
        return 0 if self.is_repeated else self.duplicate_of or 0

    @property
    def is_mere_text(self) -> bool:
        """Whether it is a line without a link, which is not an error."""
        return self.reason is RejectionReason.NO_LINK

    @property
    def as_entered(self) -> Self:
        """The row whatever links the list and the other rows have."""
        return replace(self, is_repeated=False, duplicate_of=None, sent=None)

    @property
    def waits(self) -> bool:
        """Whether it stays when the others are queued: it is refused or undecided."""
        return self.verdict in (Verdict.DOUBTFUL, Verdict.REFUSED)

    @property
    def has_link(self) -> bool:
        """Whether the row can be queued, if need be in spite of a doubt."""
        return self.reason is None

    @property
    def shown_name(self) -> str:
        """The name that the file will probably get."""
        return display_name(self.name, self.text)


def known_links(tasks: Iterable[Task]) -> dict[str, int]:
    """Return the duplicate key of each task's link → the id of the newest task with it."""
    return {duplicate_key(it.url): it.id for it in sorted(tasks, key=lambda task: task.id)}


def link_row(url: str, *, label: str, source: str, doubt: Doubt | None) -> ReviewRow:
    """Return the row of a link; a `label` with an extension, not a bare “download”, names it."""
    name = clean_name(label)
    name = name if split_name(name)[1] else ""
    if page := share_page(url):
        doubt = page.doubt
    elif doubt in (None, Doubt.SCHEME):
        doubt = next(iter(address_doubts(url)), doubt)
    return ReviewRow(url, name=name, source=source, doubt=doubt, key=duplicate_key(url))


def judge(
    rows: Iterable[ReviewRow], known: Mapping[str, int], sent: Mapping[str, SentLink | None] = {}
) -> tuple[ReviewRow, ...]:
    """Return `rows` with what they duplicate; an undecided one, which may be cut, is none."""
    first_rows: dict[str, int] = {}
    doubted: set[str] = set()
    judged: list[ReviewRow] = []
    for number, row in enumerate(rows, 1):
        is_repeated, original = False, None
        if row.is_undecided and row.doubt is not Doubt.TEST:
            is_first = row.key not in first_rows and row.key not in doubted
            original = known.get(row.key) if is_first else None
            doubted.add(row.key)
        elif row.has_link:
            first = first_rows.setdefault(row.key, number)
            is_repeated, original = first != number, known.get(row.key)
            if is_repeated:
                original = None if judged[first - 1].is_chosen is False else first
        before = None if is_repeated or original is not None else sent.get(row.key)
        changes = {"is_repeated": is_repeated, "duplicate_of": original, "sent": before}
        is_same = all(getattr(row, name) == value for name, value in changes.items())
        judged.append(row if is_same else replace(row, **changes))
    return tuple(judged)


def numbered(rows: Iterable[ReviewRow], last: int) -> list[ReviewRow]:
    """Return `rows` with numbers, those that have none with new ones after `last`."""
    new = count(last + 1)
    return [row if row.number else replace(row, number=next(new)) for row in rows]


def toggled(row: ReviewRow) -> ReviewRow:
    """Return `row` kept or skipped; with a doubt, accepted or undecided again."""
    if row.is_undecided:
        again = row.is_known or row.is_chosen  # as it said
        return replace(row, is_accepted=True, is_chosen=again or None)
    if row.is_duplicate:
        return replace(row, is_chosen=not row.keep)
    if row.doubt is not None:
        return replace(row, is_accepted=False)
    return replace(row, is_chosen=False if row.keep else None)


def with_test(row: ReviewRow, test: ProbeResult | None) -> ReviewRow:
    """Return `row`, if it is testable, with a new `test`, and in doubt if that found no file."""
    if test is None or test == row.test or not row.is_testable:
        return row
    if row.is_undecided:
        return replace(row, test=test)
    if test.status is ProbeStatus.REACHABLE:
        return replace(row, test=test, doubt=None if row.doubt is Doubt.TEST else row.doubt)
    return replace(row, test=test, doubt=Doubt.TEST, is_accepted=False)


def edited(row: ReviewRow, request: DownloadRequest) -> ReviewRow:
    """Return `row` as the user, who has seen it, edited it; an unchanged link keeps its doubt."""
    is_same = request.url == row.text
    page = share_page(request.url)  # what a redirect leads to may be one
    return ReviewRow(
        request.url,
        row.number,
        request.name,
        has_own_name=row.has_own_name or request.name != row.name,
        folder_id=request.folder_id,
        batch=row.batch,
        callback_url=request.callback_url,
        source=row.source,
        doubt=row.doubt if is_same else page and page.doubt,
        is_accepted=is_same and row.doubt is not None,
        is_chosen=(is_same and row.is_chosen) or None,
        test=row.test if is_same else None,
        key=duplicate_key(request.url),
    )


def left_over(
    row: ReviewRow, sent: DownloadRequest, default: DownloadRequest, *, batch: str, number: int
) -> ReviewRow:
    """Return `row` as one of those that were `sent` without it, of which it would be `number`."""
    folder_id = sent.folder_id if sent.folder_id != default.folder_id else None
    callback_url = sent.callback_url if sent.callback_url != default.callback_url else ""
    name = row.name
    is_named = sent.name and not row.has_own_name and not check_template(sent.name, count=2)
    if is_named:
        name = expand_template(sent.name, name=row.shown_name, number=number, count=number)
    return replace(
        row,
        name=name,
        has_own_name=row.has_own_name or bool(is_named),
        folder_id=row.folder_id or folder_id,
        batch=row.batch or batch,
        callback_url=row.callback_url or callback_url,
    )


def keep_names(rows: Sequence[ReviewRow], template: str) -> list[ReviewRow]:
    """Return `rows` with the names that `template` gives them, which no later one replaces."""
    names, numbers = final_names(rows, template), count(1 + sum(row.keep for row in rows))
    sent, default = DownloadRequest("", template), DownloadRequest("")
    return [
        replace(row, name=name, has_own_name=row.has_own_name or bool(template))
        if row.keep
        else left_over(row, sent, default, batch="", number=next(numbers))
        for row, name in zip(rows, names, strict=True)
    ]


def give_up(rows: Iterable[ReviewRow], keys: Collection[str]) -> list[ReviewRow]:
    """Return `rows`, in which duplicates with one of `keys` are no longer kept."""
    return [replace(it, is_chosen=None) if it.keep and it.key in keys else it for it in rows]


def final_names(rows: Sequence[ReviewRow], template: str) -> list[str]:
    """Return the name sent for each row, "" for none; `template` names those that are kept."""
    names, number, count = [], 0, sum(row.keep for row in rows)
    for row in rows:
        number, name = number + row.keep, row.name
        if template and row.keep and not row.has_own_name:
            name = expand_template(template, name=row.shown_name, number=number, count=count)
        names.append(name)
    return names


def to_requests(rows: Sequence[ReviewRow], common: DownloadRequest) -> tuple[DownloadRequest, ...]:
    """Return the requests of the kept rows, completed from `common`, whose name is a template."""
    return tuple(
        DownloadRequest(
            url=row.text,
            name=name,
            folder_id=row.folder_id or common.folder_id,
            callback_url=row.callback_url or common.callback_url,
        )
        for row, name in zip(rows, final_names(rows, common.name), strict=True)
        if row.keep
    )
