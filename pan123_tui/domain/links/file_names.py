"""File names: check, clean and guess them, and fill the template that names several links."""

import re
from enum import Enum, auto
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from pan123_tui.domain.links.url import INVISIBLE, host_of, split_url
from pan123_tui.domain.sanitize import decode_text

MAX_NAME_CHARS = 255
_FORBIDDEN = re.compile(r'["\\/:*?|><]')
_INVISIBLE = rf"[\x00-\x1f\x7f-\x9f{INVISIBLE}]"
_EXTENSION = re.compile(r"(?:\.tar)?\.[A-Za-z0-9]{1,8}$")
_NAME_IN_QUERY = (
    r"(?i)(?<![\w-])(?:filename|file_name|attname|fname|fn)\*?=(?:[\w-]*'[\w-]*')?\"?([^\";&]+)"
)
"""A name, perhaps in the `Content-Disposition` that a link asks for."""
_PLACEHOLDER = r"\{(\w+(?::[^{}]*)?)\}"


class NameFault(Enum):
    TOO_LONG = auto()
    FORBIDDEN = auto()
    BLANK = auto()
    UNKNOWN_FIELD = auto()
    NOT_UNIQUE = auto()


def check_name(name: str) -> NameFault | None:
    """Return why `name` cannot be a `fileName`; an empty one lets the service choose."""
    # The specification allows only images (section one, (二), 2); as far as we know, others work.
    if name.isspace():
        return NameFault.BLANK
    if len(name) > MAX_NAME_CHARS:
        return NameFault.TOO_LONG
    return NameFault.FORBIDDEN if _FORBIDDEN.search(name) else None


def split_name(name: str) -> tuple[str, str]:
    """Split `name` into stem and extension, which starts with a dot or is empty."""
    match = _EXTENSION.search(name)
    if match is None or not match.start():
        return name, ""
    return name[: match.start()], match[0]


def clean_name(text: str) -> str:
    """Return `text` changed to a valid name, or an empty string if nothing is left."""
    plain = _FORBIDDEN.sub("_", re.sub(_INVISIBLE, "", text)).strip().rstrip(". ")
    if len(plain) <= MAX_NAME_CHARS:
        return plain
    stem, extension = split_name(plain)
    return stem[: MAX_NAME_CHARS - len(extension)] + extension


def folder_path(text: str) -> str:
    """Return the path in `text`, as of a local folder, as it is typed; empty: there is none."""
    names = map(str.strip, text.replace("\\", "/").replace("／", "/").split("/"))
    path = "/".join(name for name in names if name.strip("."))
    return f"/{path}" if path.isdigit() else path


def last_name(path: str) -> str:
    """Return the valid name at the end of a path, as of `--output`."""
    return clean_name(path.replace("\\", "/").rpartition("/")[2])


def guess_name(url: str) -> str:
    """Guess the name of the file behind `url` from its query, its path or its host; never empty."""
    parts = split_url(url)
    path, _, query = (parts.rest if parts else url).partition("?")
    last = path.rstrip("/").rpartition("/")[2]
    named = re.search(_NAME_IN_QUERY, _percent_decode(query)) if query else None
    name = _percent_decode(named[1]) if named else ""
    for candidate in (name, _percent_decode(last), host_of(url), url):
        if cleaned := last_name(candidate.rstrip("/\\")):
            return cleaned
    return "download"


@lru_cache(maxsize=1 << 15)
def display_name(name: str, url: str) -> str:
    """Return the requested name, or else the one guessed from the link."""
    return name or guess_name(url)


def expand_template(template: str, *, name: str, number: int, count: int = 1) -> str:
    """Replace the fields in `template`; `{n}` has as many digits as `count`."""
    stem, extension = split_name(name)
    counted = str(number).zfill(len(str(count)))
    values = {"stem": stem, "ext": extension, "name": name, "n": counted}
    return re.sub(_PLACEHOLDER, lambda match: values.get(match[1], match[0]), template)


def check_template(template: str, *, count: int) -> NameFault | None:
    """Return why `template` cannot name `count` files."""
    fields = set(re.findall(_PLACEHOLDER, template))
    if not fields <= {"stem", "ext", "name", "n"}:
        return NameFault.UNKNOWN_FIELD
    if problem := check_name(expand_template(template, name="name.png", number=1)):
        return problem
    is_unique = count <= 1 or not template or fields & {"stem", "name", "n"}
    return None if is_unique else NameFault.NOT_UNIQUE


def _percent_decode(text: str) -> str:
    """Decode percent-encoded UTF-8 or GBK."""
    return decode_text(unquote_to_bytes(text.encode("utf-8", "replace"))) if "%" in text else text
