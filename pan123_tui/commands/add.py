"""`add`: links out of arguments, files and pipes into the queue."""

from collections.abc import Mapping
from pathlib import Path

import click

from pan123_tui.commands.catalogue import example, language_option
from pan123_tui.commands.exit_code import ExitCode
from pan123_tui.commands.following import follow
from pan123_tui.commands.gathering import Common, Gathered, check_common, gather
from pan123_tui.commands.handing_over import Handed, hand_over, tasks_of
from pan123_tui.commands.output import say, tell, tell_json
from pan123_tui.commands.queued import tell_who_sends
from pan123_tui.domain.links import RefusalReason
from pan123_tui.domain.task import Task
from pan123_tui.domain.tray import Verdict
from pan123_tui.domain.visible import visible
from pan123_tui.engine.requests import AddRequest
from pan123_tui.i18n import _
from pan123_tui.wiring import Household, read_tasks, settle
from pan123_tui.wording import number, state_word
from pan123_tui.wording_links import explain_refusal

MOST_REFUSED_SAID = 20
_NO_LINKS = frozenset({RefusalReason.NO_LINK, RefusalReason.BLANK})
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
    household = settle()
    defaults = household.settings.defaults
    common = Common(
        folder=folder if folder is not None else str(defaults.folder_id or ""),
        name=name,
        callback_url=callback or defaults.callback_url,
    )
    known = read_tasks(household)
    gathered = gather(texts, files, known, again=again)
    draft = check_common(common, count=gathered.count)
    _say_refused(gathered)
    _say_duplicates(gathered, known)
    _say_cut(gathered)
    code = ExitCode.SOME_FAILED if _went_wrong(gathered) else ExitCode.DONE
    if dry_run or not gathered.count:
        _tell(gathered, {}, as_json=as_json, is_dry=dry_run)
        raise click.exceptions.Exit(code)
    drafts = gathered.drafts(draft)
    handed = hand_over(household, AddRequest(drafts))
    queued = tasks_of(household, handed)
    tell_who_sends(handed, len(drafts), is_followed=wait)
    if not wait or as_json:
        _tell(gathered, {task.url: task.id for task in queued}, as_json=as_json, is_dry=False)
    raise click.exceptions.Exit(max(code, _followed(household, handed, queued) if wait else code))


def _followed(household: Household, handed: Handed, queued: list[Task]) -> ExitCode:
    if not handed.is_taken:
        return ExitCode.SOME_FAILED
    return follow(household, [task.id for task in queued])


def _tell(gathered: Gathered, ids: dict[str, int], *, as_json: bool, is_dry: bool) -> None:
    if as_json:
        tell_json(gathered.document(None if is_dry else ids))
    elif is_dry:
        for row in gathered.kept:
            tell(visible(row.text))
    else:
        for task_id in ids.values():
            tell(str(task_id))


def _went_wrong(gathered: Gathered) -> bool:
    refused = any(row.reason not in _NO_LINKS for row in gathered.refused)
    return refused or not (gathered.kept or gathered.skipped)


def _say_refused(gathered: Gathered) -> None:
    for row in gathered.refused[:MOST_REFUSED_SAID]:
        text = visible(row.text, 100)
        say(
            _("refused: {text} ({reason})").format(
                text=text, reason=explain_refusal(row.reason or RefusalReason.NO_LINK)
            )
        )
    more = len(gathered.refused) - MOST_REFUSED_SAID
    if more > 0:
        say(_("and {count} more refused").format(count=number(more)))
    if not gathered.kept and not gathered.skipped and not gathered.refused:
        say(_("There is no link in it."))


def _say_cut(gathered: Gathered) -> None:
    """Warn of links that a blank may have cut."""
    for row in [row for row in gathered.kept if row.is_cut][:MOST_REFUSED_SAID]:
        words = _("{text}: a blank ends a link; if it goes on there, write %20 for the blank")
        say(words.format(text=visible(row.text, 100)))


def _say_duplicates(gathered: Gathered, known: Mapping[int, Task]) -> None:
    for row in gathered.skipped[:MOST_REFUSED_SAID]:
        text = visible(row.text, 100)
        twin = known.get(row.twin) if row.twin else None
        if row.verdict is Verdict.KNOWN and twin is not None:
            state = state_word(twin.state)
            words = _("skipped: {text} (same as task {number}, {state}; --again takes it too)")
            say(words.format(text=text, number=row.twin, state=state))
        else:
            say(_("skipped: {text} (there twice)").format(text=text))
    more = len(gathered.skipped) - MOST_REFUSED_SAID
    if more > 0:
        say(_("and {count} more skipped").format(count=number(more)))
