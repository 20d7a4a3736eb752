"""Texts for the files that arrived: why there is no link, and what a change has done."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.files import DownloadLink, FileChange
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.domain.service_facts import Meaning, find_fact
from pan123_tui.i18n import N_, _, join_choices, join_sentences, ngettext
from pan123_tui.wording.formats import number
from pan123_tui.wording.problems import explain_problem

_K = ProblemKind
_TEXTS: Mapping[ProblemKind, tuple[str, str]] = {
    _K.RESPONSE_LOST: (N_("No answer came."), N_("Try again later.")),
    _K.INTERRUPTED: (N_("No answer came."), N_("Try again later.")),
    _K.OTHER_ACCOUNT: (
        N_("This task belongs to another account."),
        N_("Log in to that one first."),
    ),
    _K.FOLDER_MISSING: (N_("The folder no longer exists."), N_("Choose another one.")),
}
"""Where the general explanation speaks about sending a link."""
_NO_HINT = frozenset({_K.REQUEST_REJECTED, _K.RATE_LIMITED})
_MAX_NAME_CELLS = 60


def file_problem_text(problem: Problem) -> str:
    """Return why nothing can be done with a file, and what helps."""
    fact = find_fact(problem.code, problem.message)
    known = explain_problem(problem)
    summary, hint = known.summary, "" if problem.kind in _NO_HINT else known.hint
    if problem.kind in _TEXTS:
        summary, hint = map(_, _TEXTS[problem.kind])
    elif fact is not None and fact.meaning is Meaning.FILE_MISSING:
        summary, hint = _("The drive does not have this file any more."), ""
    return join_sentences(summary, hint, known.details)


def rename_text(change: FileChange, name: str) -> str:
    """Return what became of renaming a file to `name`."""
    actual = _short(change.file.name) if change.file else ""
    if change.is_done:
        done = _("Renamed to “{name}”.").format(name=_short(name))
        return done if change.file else join_sentences(done, _unchecked())
    if change.problem is None:
        return _("The service calls the file “{name}”.").format(name=actual)
    if change.is_done is None:
        return _lost()
    reason = file_problem_text(change.problem)
    if change.file is not None:
        return join_sentences(reason, _("It is still called “{name}”.").format(name=actual))
    return _("Not renamed: {reason}").format(reason=reason)


def move_text(changes: Sequence[FileChange], folder: str) -> str:
    """Return how many files were moved to `folder`, and why others were not."""
    moved = [change for change in changes if change.is_done]
    unknown = [change for change in changes if change.is_done is None]
    failed = [change for change in changes if change.is_done is False]
    parts = []
    if moved:
        text = ngettext(
            "{count} file moved to “{folder}”.", "{count} files moved to “{folder}”.", len(moved)
        )
        parts.append(text.format(count=number(len(moved)), folder=_short(folder)))
        if any(change.file is None for change in moved):
            parts.append(_unchecked())
    if failed:
        text = ngettext("{count} file was not moved.", "{count} files were not moved.", len(failed))
        parts += [text.format(count=number(len(failed))), *_reasons(failed)]
    if unknown:
        parts.append(_lost())
    return join_sentences(*parts)


def count_download_links(count: int) -> str:
    """Format a number of links to files: "3 download links"."""
    text = ngettext("{count} download link", "{count} download links", count)
    return text.format(count=number(count))


def no_link_texts(links: Iterable[DownloadLink]) -> list[str]:
    """Return why there are no links to some files, each reason once with its tasks."""
    numbers: defaultdict[str, list[str]] = defaultdict(list)
    for link in links:
        if link.problem is not None:
            numbers[file_problem_text(link.problem)].append(str(link.task_id))
    text = _("Task {number}: {reason}")
    return [text.format(number=join_choices(ids), reason=reason) for reason, ids in numbers.items()]


def _reasons(changes: Iterable[FileChange]) -> list[str]:
    problems = (change.problem for change in changes if change.problem is not None)
    return list(dict.fromkeys(map(file_problem_text, problems)))


def _unchecked() -> str:
    return _("That is what the service says; it could not be checked.")


def _lost() -> str:
    return _(
        "No answer came, and the file cannot be looked at now: see on the drive before you try"
        " again."
    )


def _short(name: str) -> str:
    return sanitize(name, _MAX_NAME_CELLS, truncate_at="middle")
