"""The live search: words that must all occur in a task's name, link, folder or messages."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from urllib.parse import unquote

from pan123_tui.domain.links.file_names import guess_name
from pan123_tui.domain.task import Task

_CACHE_SIZE = 1 << 15


@lru_cache(maxsize=_CACHE_SIZE)
def display_name(name: str, url: str) -> str:
    """Return the requested name, else the one guessed from the link."""
    return name or guess_name(url)


def split_words(search: str) -> tuple[str, ...]:
    """Split a search into casefolded words."""
    return tuple(search.casefold().split())


def words_predicate(search: str, folder_names: Mapping[int, str]) -> Callable[[Task], bool]:
    """Return a predicate that holds for a task in which all words of `search` occur."""
    words = split_words(search)

    def occurs(task: Task) -> bool:
        text = searchable_text(task, folder_names)
        return all(word in text for word in words)

    return occurs


def searchable_text(task: Task, folder_names: Mapping[int, str]) -> str:
    """Return the searched texts of `task`, casefolded, one a line."""
    text = _folded_name_and_url(task.name, task.url)
    extra = [task.fail_reason] if task.fail_reason else []
    if task.problem is not None:
        extra += [task.problem.message, task.problem.trace_id]
    if task.folder_id is not None:
        extra += [str(task.folder_id), folder_names.get(task.folder_id, "")]
    if task.task_id is not None:
        extra.append(str(task.task_id))
    return "\n".join((text, *extra)).casefold() if extra else text


@lru_cache(maxsize=_CACHE_SIZE)
def _folded_name_and_url(name: str, url: str) -> str:
    """Omit the guessed name if it is part of the decoded link, which needs UTF-8."""
    readable = unquote(url) if "%" in url else ""
    shown = display_name(name, url) if "\ufffd" in readable else name
    return "\n".join((shown, url, readable)).casefold()
