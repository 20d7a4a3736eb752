"""File names: check, clean and guess them, and fill the template that names several links."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from msgspec import Struct

from pan123_tui.domain.links.url import INVISIBLE, JOINER, host_of, split_url

IMAGE_EXTENSIONS = ("png", "gif", "jpeg", "tiff", "webp", "jpg", "tif", "svg", "bmp")
"""Those the specification allows in `fileName` (section one, (二), 2); others work as well."""
MAX_NAME_CHARS = 255
_CACHE_SIZE = 1 << 15
_FORBIDDEN = re.compile(r'["\\/:*?|><]')
_INVISIBLE = rf"[\x00-\x1f\x7f-\x9f{INVISIBLE}](?<!{JOINER})"
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U(000[0-9a-f]{5}|0010[0-9a-f]{4}))")
_OUTER_BLANKS = re.compile(r"^\s+|\s+$")
_EXTENSION = re.compile(r"(?:\.tar)?\.[A-Za-z0-9]{1,8}$")
_DISPOSITION = re.compile(r"filename\*?=(?:[\w-]*'[\w-]*')?\"?([^\";]+)", re.IGNORECASE)
_DISPOSITION_KEYS = frozenset({"response-content-disposition", "rscd", "content-disposition"})
_NAME_KEYS = frozenset({"filename", "file_name", "attname", "fname", "fn"})
_PLACEHOLDER = re.compile(r"\{(\w+)(?:[:：]0?(\d))?\}")
_DISTINGUISHING_FIELD = re.compile(r"\{(?:stem|name|n)(?:[:：]0?\d)?\}")
TEMPLATE_FIELDS = ("stem", "ext", "name", "n")
MAX_FOLDER_DIGITS = 18
"""The most that always fits the service's 64-bit number."""


class NameProblem(StrEnum):
    """What is wrong with a file name."""

    TOO_LONG = "too_long"
    FORBIDDEN = "forbidden"
    BLANK = "blank"
    NOT_AN_IMAGE = "not_an_image"
    """Only a warning: the specification allows image extensions, but others work as well."""


class FieldProblem(StrEnum):
    """What is wrong with the folder id or the name template."""

    FOLDER_NOT_A_NUMBER = "folder_no_number"
    FOLDER_NAME = "folder_name"
    """A part of a path is no name."""
    FOLDER_ROOT = "folder_root"
    """`dirID` 0 is the root folder, which the service does not allow as a target."""
    TEMPLATE_UNKNOWN = "template_unknown"
    TEMPLATE_NOT_UNIQUE = "template_same"
    """Several files would get the same name."""


class NameCheck(Struct, frozen=True):
    """The result of `check_name`; warnings do not prevent the use of a name."""

    errors: tuple[NameProblem, ...] = ()
    warnings: tuple[NameProblem, ...] = ()


def check_name(name: str) -> NameCheck:
    """Check a `fileName`; an empty one is valid and lets the service choose."""
    if not name:
        return NameCheck()
    errors = []
    if not name.strip():
        errors.append(NameProblem.BLANK)
    if len(name) > MAX_NAME_CHARS:
        errors.append(NameProblem.TOO_LONG)
    if _FORBIDDEN.search(name):
        errors.append(NameProblem.FORBIDDEN)
    _, extension = split_name(name)
    is_image = extension.lower().removeprefix(".") in IMAGE_EXTENSIONS
    return NameCheck(tuple(errors), () if errors or is_image else (NameProblem.NOT_AN_IMAGE,))


def split_name(name: str) -> tuple[str, str]:
    """Split `name` into stem and extension, which starts with a dot or is empty."""
    match = _EXTENSION.search(name)
    if match is None or not match.start():
        return name, ""
    return name[: match.start()], match[0]


def clean_name(text: str) -> str:
    """Return `text` changed to a valid name, or an empty string if nothing is left."""
    plain = _FORBIDDEN.sub("_", re.sub(_INVISIBLE, "", text)).strip().strip(".")
    if len(plain) <= MAX_NAME_CHARS:
        return plain
    stem, extension = split_name(plain)
    return stem[: MAX_NAME_CHARS - len(extension)] + extension


def escape_name(name: str) -> str:
    """Return the valid `name` as one visible line, from which `read_name` gets it back."""
    text = "".join(char if char.isprintable() else _escape(char) for char in name)
    return _OUTER_BLANKS.sub(lambda blanks: "".join(map(_escape, blanks[0])), text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def read_name(text: str) -> str:
    """Return the name that `escape_name` wrote, else that at the end of the path `text`."""
    name = _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if escape_name(name) == text and not check_name(name).errors:
        return name
    return clean_name(text.replace("\\", "/").rpartition("/")[2])


def guess_name(url: str) -> str:
    """Guess the name of the file behind `url`; never empty.

    Tried in this order: the query (`response-content-disposition=`, `filename=`), the last part
    of the path, the host.
    """
    parts = split_url(url)
    path, _, query = (parts.rest if parts else url).partition("?")
    last = path.rstrip("/").rpartition("/")[2]
    for candidate in (*_names_in_query(query), _percent_decode(last), host_of(url), url):
        plain = re.sub(_INVISIBLE, "", candidate).replace("\\", "/").rstrip("/").rpartition("/")[2]
        if cleaned := clean_name(plain):
            return cleaned
    return "download"


@lru_cache(maxsize=_CACHE_SIZE)
def display_name(name: str, url: str) -> str:
    """Return the requested name, else the one guessed from the link."""
    return name or guess_name(url)


def expand_template(template: str, *, name: str, number: int, count: int = 1) -> str:
    """Replace `{stem}`, `{ext}`, `{name}` and `{n}` in `template` from `name` and `number`.

    `{n}` has as many digits as `count`, or the given number: `{n:03}`. Anything else in braces
    is left unchanged.
    """
    stem, extension = split_name(name)
    values = {"stem": stem, "ext": extension, "name": name}

    def fill(match: re.Match[str]) -> str:
        field, width = match.groups()
        if field == "n":
            return str(number).zfill(int(width) if width else len(str(count)))
        return values.get(field, match[0])

    return _PLACEHOLDER.sub(fill, template)


def parse_folder(text: str) -> int | tuple[str, ...] | FieldProblem | None:
    """Return the folder id or the path from the root in `text`; None if `text` is blank.

    Digits alone are an id: a folder that is called so is written with a slash, as in "/2024".
    """
    digits = text.strip()
    if not digits:
        return None
    if digits.isdigit():
        is_id = digits.isascii() and len(digits) <= MAX_FOLDER_DIGITS
        return (
            (int(digits) or FieldProblem.FOLDER_ROOT) if is_id else FieldProblem.FOLDER_NOT_A_NUMBER
        )
    names = tuple(filter(None, map(str.strip, text.split("/"))))
    if any(name in (".", "..") or len(name) > MAX_NAME_CHARS for name in names):
        return FieldProblem.FOLDER_NAME
    return names or FieldProblem.FOLDER_ROOT


def check_template(template: str, *, count: int) -> FieldProblem | None:
    """Return why `template` cannot name `count` files; `check_name` has the rules for names."""
    if not template:
        return None
    if any(match[1] not in TEMPLATE_FIELDS for match in _PLACEHOLDER.finditer(template)):
        return FieldProblem.TEMPLATE_UNKNOWN
    if count > 1 and not _DISTINGUISHING_FIELD.search(template):
        return FieldProblem.TEMPLATE_NOT_UNIQUE
    return None


def _names_in_query(query: str) -> Iterator[str]:
    """Yield the names in a query, that of a requested `Content-Disposition` first."""
    pairs = [pair.partition("=") for pair in query.split("&")[:100]]
    for key, _, value in pairs:
        if key.lower() in _DISPOSITION_KEYS and (
            match := _DISPOSITION.search(_percent_decode(value))
        ):
            yield _percent_decode(match[1])
    for key, _, value in pairs:
        if key.lower() in _NAME_KEYS:
            yield _percent_decode(value)


def _percent_decode(text: str) -> str:
    """Decode percent-encoded UTF-8 or GBK."""
    if "%" not in text:
        return text
    data = unquote_to_bytes(text.encode("utf-8", "replace"))
    for codec in ("utf-8", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
