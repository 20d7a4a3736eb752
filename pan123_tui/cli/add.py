"""`add`: queue the links found in arguments, files and pipes."""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from msgspec.structs import replace

from pan123_tui.bootstrap import load_context
from pan123_tui.cli.batch import check_label, complete_label
from pan123_tui.cli.commands import example, language_option
from pan123_tui.cli.errors import ExitCode
from pan123_tui.cli.folders import (
    Target,
    complete_folder,
    find_target,
    parents_option,
    parse_target,
)
from pan123_tui.cli.listing import current_tasks
from pan123_tui.cli.output import (
    print_data,
    print_json,
    print_link,
    print_message,
)
from pan123_tui.cli.remote import carry_out, print_queued
from pan123_tui.cli.watch import wait_for_tasks
from pan123_tui.config.schema import url_error
from pan123_tui.domain.commands import AddTasks
from pan123_tui.domain.links.extractor import (
    decode_text,
    extract,
    extract_argument,
    split_into_chunks,
)
from pan123_tui.domain.links.file_names import check_name, check_template, expand_template
from pan123_tui.domain.links.found import ExtractionResult, merge_results
from pan123_tui.domain.links.review import (
    ReviewRow,
    ReviewStatus,
    known_links,
    review,
    to_requests,
    toggled,
)
from pan123_tui.domain.links.url import Look, RejectionReason
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.task import DownloadRequest, Task
from pan123_tui.i18n import _, ngettext
from pan123_tui.wording.formats import number, state_label
from pan123_tui.wording.links import (
    field_problem_text,
    look_text,
    name_problem_text,
    rejection_text,
)
from pan123_tui.wording.queue import added_meanwhile_text

STDIN = "-"
MAX_PRINTED = 20
"""Rejected or skipped links that are printed one by one."""


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
    metavar="FILE",  # else click translates it, and pads it as if it were narrow
    type=click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True),
    multiple=True,
    help=_("Take the links out of this file, whatever text it is; “-” is what is piped in."),
)
@click.option(
    "--dir",
    "folder",
    callback=parse_target,
    shell_complete=complete_folder,
    metavar="ID|PATH",
    help=_("The target folder: its id, or its path from the root, such as 影视/动画."),
)
@parents_option
@click.option(
    "--name",
    metavar="NAME",
    default="",
    help=_(
        "The file name; for several links with {stem}, {ext} (with its dot), {name} or {n} in it."
    ),
)
@click.option(
    "--callback", metavar="URL", default="", help=_("URL to which the service reports the result.")
)
@click.option(
    "--batch",
    metavar="NAME",
    shell_complete=complete_label,
    default="",
    help=_("A name for what is added now, to list, retry or remove it together."),
)
@click.option("--again", is_flag=True, help=_("Also take links that a task already has."))
@click.option("--wait", is_flag=True, help=_("Wait until they have ended."))
@click.option("--dry-run", is_flag=True, help=_("Only show what would be queued or refused."))
@click.option("--json", "as_json", is_flag=True, help=_("Print a JSON object."))
@language_option
def add(  # noqa: PLR0913 - one for each option
    texts: tuple[str, ...],
    files: tuple[Path, ...],
    *,
    folder: Target,
    parents: bool,
    name: str,
    callback: str,
    batch: str,
    again: bool,
    wait: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Queue the links of the arguments and files."""
    if not texts and not files:
        raise click.UsageError(_("Give links, “-” for standard input, or -f FILE."))
    label = check_label(batch)
    context = load_context()
    defaults = context.settings.defaults
    known = current_tasks(context)
    links = collect_links(texts, files, known, again=again)
    template = check_options(
        name=name,
        callback_url=callback or defaults.callback_url,
        count=len(links.kept),
    )
    names = {request.url: request.name for request in to_requests(links.rows, template)}
    _print_rejected(links)
    _print_files(texts)
    _print_duplicates(links, known)
    _print_looks(links)
    code = ExitCode.SOME_FAILED if _has_failed(links) else ExitCode.DONE
    if dry_run and links.kept:
        find_target(context, folder, parents=parents, is_dry_run=True)
    if dry_run or not links.kept:
        _print_result(links, names, {}, as_json=as_json, is_dry_run=dry_run)
        raise click.exceptions.Exit(code)
    folder_id = (
        defaults.folder_id if folder is None else find_target(context, folder, parents=parents)
    )
    requests = to_requests(links.rows, replace(template, folder_id=folder_id))
    newest_known = None if again else max(known, default=0)
    result = carry_out(context, AddTasks(requests, label, newest_known))
    if not result.is_saved:
        code = ExitCode.SOME_FAILED
    if skipped := len(requests) - len(result.tasks):  # another screen or command was quicker
        print_message(added_meanwhile_text(skipped))
    if result.tasks:
        print_queued(result, is_followed=wait)
    if not wait or as_json:
        ids = {task.url: task.id for task in result.tasks}
        _print_result(links, names, ids, as_json=as_json, is_dry_run=False)
    if wait and result.tasks:
        show = print_message if as_json else print_data  # the object is the only data
        code = max(code, wait_for_tasks(context, [task.id for task in result.tasks], show=show))
    raise click.exceptions.Exit(code)


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
    results = [_extract_argument(text) for text in texts]
    results += [_extract_file(path) for path in files]
    rows = review(merge_results(results), known_links(known.values()))
    if again:
        rows = tuple(toggled(row) if row.status is ReviewStatus.KNOWN else row for row in rows)
    return CollectedLinks(rows)


def check_options(*, name: str, callback_url: str, count: int) -> DownloadRequest:
    """Return the request with the options for `count` links; raises `click.BadParameter`."""
    if problem := check_template(name, count=count):
        raise _bad_parameter(field_problem_text(problem), "--name")
    for error in check_name(expand_template(name, name="name.png", number=1)).errors:
        raise _bad_parameter(name_problem_text(error), "--name")
    if callback_url and (reason := url_error(callback_url)):
        raise _bad_parameter(reason, "--callback")
    return DownloadRequest("", name, callback_url=callback_url)


def _extract_argument(text: str) -> ExtractionResult:
    """Return the links of an argument, or of standard input."""
    return _extract_file(Path(text)) if text == STDIN else extract_argument(text)


def _extract_file(path: Path) -> ExtractionResult:
    """Return the links of a file, or of standard input."""
    content = sys.stdin.buffer.read() if str(path) == STDIN else path.read_bytes()
    return _extract(decode_text(content))


def _extract(text: str) -> ExtractionResult:
    return merge_results([extract(part) for part in split_into_chunks(text)])


def _bad_parameter(reason: str, option: str) -> click.BadParameter:
    return click.BadParameter(reason, param_hint=f"'{option}'")


def _print_result(
    links: CollectedLinks,
    names: Mapping[str, str],
    ids: Mapping[str, int],
    *,
    as_json: bool,
    is_dry_run: bool,
) -> None:
    if as_json:
        print_json(links.document(names, None if is_dry_run else ids))
    elif is_dry_run:
        for row in links.kept:
            print_link(sanitize(row.text), names[row.text])
    else:
        for task_id in ids.values():
            print_data(str(task_id))


def _has_failed(links: CollectedLinks) -> bool:
    return bool(links.rejected or links.looks) or not (links.kept or links.skipped)


def _print_rejected(links: CollectedLinks) -> None:
    for row in links.rejected[:MAX_PRINTED]:
        reason = rejection_text(row.reason or RejectionReason.NO_LINK)
        text = _("refused: {text} ({reason})")
        print_message(text.format(text=sanitize(row.text, 100), reason=reason))
    if (more := len(links.rejected) - MAX_PRINTED) > 0:
        print_message(_("and {count} more refused").format(count=number(more)))
    if len(links.mere_text) == len(links.rows):
        print_message(_("There is no link in it."))
    elif count := len(links.mere_text):
        text = ngettext("{count} line without a link", "{count} lines without a link", count)
        print_message(text.format(count=number(count)))


def _print_files(texts: tuple[str, ...]) -> None:
    """Print how to take the links out of the files that stand in the place of links."""
    for text in texts[:MAX_PRINTED]:
        with suppress(OSError):  # a long text is no path
            if text != STDIN and Path(text).is_file():
                hint = _("“{path}” is a file: with -f before it, the links in it are taken.")
                print_message(hint.format(path=sanitize(text, 100)))


def _print_looks(links: CollectedLinks) -> None:
    """Print what is not queued without a look, why, and how to take it."""
    for row in links.looks[:MAX_PRINTED]:
        text = _("not queued: {text} ({reason})")
        print_message(text.format(text=sanitize(row.text), reason=look_text(row)))
    if (more := len(links.looks) - MAX_PRINTED) > 0:
        print_message(_("and {count} more not queued").format(count=number(more)))
    if any(row.look in (Look.END, Look.WRAPPED, Look.SCHEME) for row in links.looks):
        print_message(
            _("To take a link, give it alone as one argument, in quotes and with its https://.")
        )
    if any(row.look in (Look.SHARE_PAGE, Look.CODE) for row in links.looks):
        print_message(_("To take a page all the same: “pan123-tui LINK”, then space and ctrl+s."))


def _print_duplicates(links: CollectedLinks, known: Mapping[int, Task]) -> None:
    for row in links.skipped[:MAX_PRINTED]:
        link = sanitize(row.text, 100)
        task = known.get(row.duplicate_of) if row.duplicate_of else None
        if row.status is ReviewStatus.KNOWN and task is not None:
            state = state_label(task.state)
            text = _("skipped: {text} (same as task {number}, {state}; --again takes it too)")
            print_message(text.format(text=link, number=task.id, state=state))
        else:
            print_message(_("skipped: {text} (duplicate)").format(text=link))
    if (more := len(links.skipped) - MAX_PRINTED) > 0:
        print_message(_("and {count} more skipped").format(count=number(more)))
