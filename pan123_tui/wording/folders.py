"""Texts for folders that are named by their path."""

from collections.abc import Iterable

from pan123_tui.domain.folders import FolderProblem, PathSearch
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import N_, _, join_choices, join_sentences
from pan123_tui.wording.links import name_problem_text

_PROBLEM_TEXTS = {
    FolderProblem.NOT_A_NUMBER: N_("a folder's id is a positive whole number"),
    FolderProblem.NAME: N_("a folder is an id, or a path of names such as 影视/动画"),
    FolderProblem.ROOT: N_("files cannot go into the root folder (0)"),
}


def folder_problem_text(problem: FolderProblem) -> str:
    """Return what is wrong with a typed folder, as a clause."""
    return _(_PROBLEM_TEXTS[problem])


def path_text(names: Iterable[str]) -> str:
    return sanitize("/".join(names), 200)


def not_found_text(search: PathSearch, advice: str = "") -> str:
    """Return why a path leads to no folder, and what to do; `advice` makes what is missing."""
    if search.twins:
        text = _("Several folders have this name: use an id, {ids}.")
        return text.format(ids=join_choices(map(str, search.twins)))
    text = _("There is no folder “{name}” in “{where}”.")
    if not search.found:
        text = _("There is no folder “{name}”.")
    what = text.format(name=path_text(search.missing[:1]), where=path_text(search.found))
    if search.problem is not None:
        advice = _("The folder cannot be made: {reason}.").format(
            reason=name_problem_text(search.problem)
        )
    close = _("Did you mean “{name}”?").format(name=path_text((*search.found, search.closest)))
    return join_sentences(what, close if search.closest else "", advice)
