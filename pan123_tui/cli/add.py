"""`add`: links out of arguments, files and pipes into the queue."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from pan123_tui.bootstrap import AppContext, load_context, load_tasks
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.dispatch import DispatchResult, dispatch, print_queue_status, tasks_of
from pan123_tui.cli.exit_code import ExitCode
from pan123_tui.cli.output import print_data, print_json, print_message
from pan123_tui.cli.watch import wait_for_tasks
from pan123_tui.config.schema import url_error
from pan123_tui.domain.links.extractor import (
    ExtractedLink,
    ExtractionResult,
    decode_text,
    extract,
    split_into_chunks,
)
from pan123_tui.domain.links.file_names import (
    FieldProblem,
    check_name,
    check_template,
    parse_folder_id,
)
from pan123_tui.domain.links.review import (
    ReviewRow,
    ReviewStatus,
    RowEdit,
    apply_edit,
    known_links,
    merge_results,
    review,
    to_requests,
)
from pan123_tui.domain.links.url import RejectionReason, check_url
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.engine.requests import AddRequest
from pan123_tui.i18n import _
from pan123_tui.wording.formats import number, state_label
from pan123_tui.wording.links import field_problem_text, name_problem_text, rejection_text

STDIN = "-"


class CommonOptions(Struct, frozen=True):
    """What all links get, as it was typed."""

    folder: str
    name: str
    callback_url: str


class CollectedLinks(Struct, frozen=True):
    """The links, judged."""

    rows: tuple[ReviewRow, ...]

    @property
    def kept(self) -> list[ReviewRow]:
        """What will be queued."""
        return [row for row in self.rows if row.keep]

    @property
    def skipped(self) -> list[ReviewRow]:
        """Duplicates that will not be queued."""
        return [
            row for row in self.rows if not row.keep and row.status is not ReviewStatus.REJECTED
        ]

    @property
    def refused(self) -> list[ReviewRow]:
        """What gives no link."""
        return [row for row in self.rows if row.status is ReviewStatus.REJECTED]

    @property
    def count(self) -> int:
        """How many will be queued."""
        return len(self.kept)

    def drafts(self, common: DownloadRequest) -> tuple[DownloadRequest, ...]:
        """Give what to queue, with the `common` part where a link has no own."""
        return to_requests(self.rows, common)

    def document(self, ids: Mapping[str, int] | None) -> dict[str, Any]:
        """Give all of it as JSON; `ids` are the new tasks' numbers by link, None: a dry run."""
        links = [row for row in self.rows if row.status is not ReviewStatus.REJECTED]
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

    def _original(self, row: ReviewRow) -> int | str | None:
        """Give the number of the task that has the link, or the same link further up."""
        if row.status is ReviewStatus.REPEATED and row.duplicate_of is not None:
            return self.rows[row.duplicate_of - 1].text
        return row.duplicate_of


def collect_links(
    texts: tuple[str, ...], files: tuple[Path, ...], known: Mapping[int, Task], *, again: bool
) -> CollectedLinks:
    """Find the links; those that a task has already are kept only if wanted `again`."""
    harvests = [_of_argument(text) for text in texts]
    harvests += [_of_text(decode_text(path.read_bytes())) for path in files]
    rows = review(merge_results(harvests), known_links(known.values()), {})
    if again:
        rows = tuple(
            apply_edit(row, RowEdit(keep=True)) if row.status is ReviewStatus.KNOWN else row
            for row in rows
        )
    return CollectedLinks(rows)


def check_common(common: CommonOptions, *, count: int) -> DownloadRequest:
    """Judge what all links get; raises `click.BadParameter` where it cannot be used."""
    folder = parse_folder_id(common.folder)
    if isinstance(folder, FieldProblem):
        raise _bad(field_problem_text(folder), "--dir")
    if fault := check_template(common.name, count=count):
        raise _bad(field_problem_text(fault), "--name")
    for error in check_name(common.name).errors:
        raise _bad(name_problem_text(error), "--name")
    if common.callback_url and (reason := url_error(common.callback_url)):
        raise _bad(reason, "--callback")
    return DownloadRequest("", common.name, folder, common.callback_url)


def _of_argument(text: str) -> ExtractionResult:
    """A single plain link is taken as it stands, whatever it ends with."""
    if text == STDIN:
        return _of_text(decode_text(sys.stdin.buffer.read()))
    if text.isascii() and check_url(text) is None:
        return ExtractionResult((ExtractedLink(text),))
    return _of_text(text)


def _of_text(text: str) -> ExtractionResult:
    return merge_results([extract(part) for part in split_into_chunks(text)])


def _bad(reason: str, option: str) -> click.BadParameter:
    return click.BadParameter(_("{reason}.").format(reason=reason), param_hint=option)


MOST_REFUSED_SAID = 20
_NO_LINKS = frozenset({RejectionReason.NO_LINK, RejectionReason.BLANK})
"""Lines of a text that never were links: no failure."""


@click.command(
    "add",
    help=_(
        "Queue links: as arguments, out of a file, or with “-” out of what is piped in.\n\n"
        "Any text will do: every link in it is taken. It prints the new tasks' numbers."
    ),
    epilog=example(
        'pan123-tui add "https://example.com/a.iso" --dir 10023',
        "wl-paste | pan123-tui add -",
        "pan123-tui add -f links.txt --dry-run",
    ),
)
@click.argument("texts", nargs=-1, metavar="[LINK|-]...")
@click.option(
    "-f",
    "--file",
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help=_("Take the links out of this file, whatever text it is."),
)
@click.option("--dir", "folder", metavar="ID", help=_("The target folder's id."))
@click.option(
    "--name",
    metavar="NAME",
    default="",
    help=_("The file name; for several links with {stem}, {ext}, {name} or {n} in it."),
)
@click.option("--callback", metavar="URL", default="", help=_("Have the service report here."))
@click.option("--again", is_flag=True, help=_("Take links too that a task has already."))
@click.option("--wait", is_flag=True, help=_("Wait until they have ended."))
@click.option("--dry-run", is_flag=True, help=_("Only show what would be queued or refused."))
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON object."))
@language_option
def add(  # noqa: PLR0913 - one for each option
    texts: tuple[str, ...],
    files: tuple[Path, ...],
    *,
    folder: str | None,
    name: str,
    callback: str,
    again: bool,
    wait: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Queue what the texts and files give."""
    if not texts and not files:
        raise click.UsageError(_("Give links, “-” for standard input, or -f FILE."))
    context = load_context()
    defaults = context.settings.defaults
    common = CommonOptions(
        folder=folder if folder is not None else str(defaults.folder_id or ""),
        name=name,
        callback_url=callback or defaults.callback_url,
    )
    known = load_tasks(context)
    gathered = collect_links(texts, files, known, again=again)
    draft = check_common(common, count=gathered.count)
    _say_refused(gathered)
    _say_duplicates(gathered, known)
    _say_cut(gathered)
    code = ExitCode.SOME_FAILED if _went_wrong(gathered) else ExitCode.DONE
    if dry_run or not gathered.count:
        _tell(gathered, {}, as_json=as_json, is_dry=dry_run)
        raise click.exceptions.Exit(code)
    drafts = gathered.drafts(draft)
    handed = dispatch(context, AddRequest(drafts))
    queued = tasks_of(context, handed)
    print_queue_status(handed, len(drafts), is_followed=wait)
    if not wait or as_json:
        _tell(gathered, {task.url: task.id for task in queued}, as_json=as_json, is_dry=False)
    raise click.exceptions.Exit(max(code, _followed(context, handed, queued) if wait else code))


def _followed(context: AppContext, handed: DispatchResult, queued: list[Task]) -> ExitCode:
    if not handed.is_taken:
        return ExitCode.SOME_FAILED
    return wait_for_tasks(context, [task.id for task in queued])


def _tell(gathered: CollectedLinks, ids: dict[str, int], *, as_json: bool, is_dry: bool) -> None:
    if as_json:
        print_json(gathered.document(None if is_dry else ids))
    elif is_dry:
        for row in gathered.kept:
            print_data(sanitize(row.text))
    else:
        for task_id in ids.values():
            print_data(str(task_id))


def _went_wrong(gathered: CollectedLinks) -> bool:
    refused = any(row.reason not in _NO_LINKS for row in gathered.refused)
    return refused or not (gathered.kept or gathered.skipped)


def _say_refused(gathered: CollectedLinks) -> None:
    for row in gathered.refused[:MOST_REFUSED_SAID]:
        text = sanitize(row.text, 100)
        print_message(
            _("refused: {text} ({reason})").format(
                text=text, reason=rejection_text(row.reason or RejectionReason.NO_LINK)
            )
        )
    more = len(gathered.refused) - MOST_REFUSED_SAID
    if more > 0:
        print_message(_("and {count} more refused").format(count=number(more)))
    if not gathered.kept and not gathered.skipped and not gathered.refused:
        print_message(_("There is no link in it."))


def _say_cut(gathered: CollectedLinks) -> None:
    """Warn of links that a blank may have cut."""
    for row in [row for row in gathered.kept if row.may_be_truncated][:MOST_REFUSED_SAID]:
        words = _("{text}: a blank ends a link; if it goes on there, write %20 for the blank")
        print_message(words.format(text=sanitize(row.text, 100)))


def _say_duplicates(gathered: CollectedLinks, known: Mapping[int, Task]) -> None:
    for row in gathered.skipped[:MOST_REFUSED_SAID]:
        text = sanitize(row.text, 100)
        twin = known.get(row.duplicate_of) if row.duplicate_of else None
        if row.status is ReviewStatus.KNOWN and twin is not None:
            state = state_label(twin.state)
            words = _("skipped: {text} (same as task {number}, {state}; --again takes it too)")
            print_message(words.format(text=text, number=row.duplicate_of, state=state))
        else:
            print_message(_("skipped: {text} (there twice)").format(text=text))
    more = len(gathered.skipped) - MOST_REFUSED_SAID
    if more > 0:
        print_message(_("and {count} more skipped").format(count=number(more)))
