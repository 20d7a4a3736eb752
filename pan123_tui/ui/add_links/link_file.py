"""Find, complete and read the file whose text is put into the add screen."""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pan123_tui.domain.links.extractor import decode_text
from pan123_tui.domain.sanitize import sanitize
from pan123_tui.i18n import _
from pan123_tui.wording.formats import size

MAX_BYTES = 32 << 20
"""About 300,000 links; the review of more would take minutes."""


class UnusableFile(Exception):
    """A path that leads to no text; `str()` says why, and what to do."""


def read_link_file(typed: str) -> tuple[Path, str]:
    """Return the path that was `typed` and the text of its file; raises `UnusableFile`."""
    path = find_path(typed)
    try:
        content = _read(path)
    except (FileNotFoundError, NotADirectoryError):
        raise UnusableFile(_not_found(path)) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = _("It cannot be read ({reason}): change that, or open another file.")
        raise UnusableFile(sanitize(text.format(reason=reason))) from None
    if len(content) > MAX_BYTES:
        text = _("It has more than {size}: split it, or use “pan123-tui add -f FILE”.")
        raise UnusableFile(text.format(size=size(MAX_BYTES)))
    text = decode_text(content)
    if "\0" in text:
        raise UnusableFile(_("It is not a text file: open one that has the links as text."))
    if not text.strip():
        raise UnusableFile(_("The file is empty: open another one."))
    return path, text


def find_path(typed: str) -> Path:
    """Return the path that was `typed`, dropped by a file manager, or copied out of a shell."""
    paths = [_expanded(text) for text in (typed, typed.strip(), *_unquoted(typed.strip()))]
    return next((path for path in paths if os.path.exists(path)), paths[1])  # noqa: PTH110 - never raises


def complete_path(typed: str) -> tuple[str, list[str]]:
    """Return `typed` with what all paths that begin with it have in common, and their names.

    Folders end with a slash. Hidden names are left out unless a dot was typed.
    """
    text = typed.lstrip().replace("\\ ", " ")
    text = text[1:] if text[:1] in ("'", '"') else text
    if text == "~":
        return "~/", []
    folder, slash, stem = text.rpartition("/")
    try:
        names = _names(_expanded(folder + slash or "."))
    except (OSError, ValueError):
        return typed, []
    shown = [name for name in names if stem.startswith(".") or not name.startswith(".")]
    found = [name for name in shown if name.startswith(stem)]
    found = found or [name for name in shown if name.casefold().startswith(stem.casefold())]
    if not found:
        return typed, []
    common = os.path.commonprefix(found)  # noqa: RUF071 - of names, letter by letter
    return folder + slash + (common if len(common) >= len(stem) else stem), found


def _read(path: Path) -> bytes:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise UnusableFile(_("This is a folder: tab shows what is in it."))
    if not stat.S_ISREG(mode):  # opening a pipe would wait for whoever writes into it
        raise UnusableFile(_("This is a device or a pipe: open a file."))
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _not_found(path: Path) -> str:
    folder = path.absolute().parent
    if folder.is_dir():
        text = _("There is no such file in {folder}: tab completes the name.")
    else:
        text = _("There is no folder {folder}: tab completes the path.")
    return sanitize(text.format(folder=folder))


def _names(folder: Path) -> list[str]:
    with os.scandir(folder) as entries:
        return sorted(entry.name + "/" * entry.is_dir() for entry in entries)


def _unquoted(text: str) -> Iterator[str]:
    if text.casefold().startswith("file://"):
        yield unquote(urlsplit(text).path)
    try:
        words = shlex.split(text)
    except ValueError:
        return
    if len(words) == 1:
        yield words[0]


def _expanded(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:  # "~" and a name that no user has
        return Path(text)
