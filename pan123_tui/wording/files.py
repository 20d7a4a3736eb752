"""Texts for links to the files that arrived, and why there is none."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.domain.files import DownloadLink
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
}
"""Where the general explanation speaks about sending a link."""
_NO_HINT = frozenset({_K.REQUEST_REJECTED, _K.RATE_LIMITED})


def file_problem_text(problem: Problem) -> str:
    """Return why there is no link to a file, and what helps."""
    fact = find_fact(problem.code, problem.message)
    known = explain_problem(problem)
    summary, hint = known.summary, "" if problem.kind in _NO_HINT else known.hint
    if problem.kind in _TEXTS:
        summary, hint = map(_, _TEXTS[problem.kind])
    elif fact is not None and fact.meaning is Meaning.FILE_MISSING:
        summary, hint = _("The drive does not have this file any more."), ""
    return join_sentences(summary, hint, known.details)


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
