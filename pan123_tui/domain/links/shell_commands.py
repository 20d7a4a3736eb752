"""A task as the curl command that would create it, to try it by hand or to report a fault."""

import json
import re
import shlex
from collections.abc import Sequence

from pan123_tui.domain.task import DownloadRequest

MAX_COMMAND_CHARS = 50_000
_COMMAND = re.compile(
    r"\s*(?:[$#>]\s+)?(?:sudo\s+)?(curl|wget|aria2c|axel)(?:\.exe)?\s", re.IGNORECASE
)
_LINK = re.compile(r"[a-z][a-z0-9+.-]{1,15}:(?://|\?)", re.IGNORECASE)
_FOREIGN_VALUE = frozenset(
    {"-H", "--header", "-e", "--referer", "-x", "--proxy", "--preproxy", "--all-proxy"}
    | {"--http-proxy", "--https-proxy", "-A", "--user-agent", "-b", "--cookie", "-u", "--user"}
    | {"-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "-F", "--form"}
)
"""Options whose value may hold a link that is not what is asked for."""
_SAVE_AS = {
    "curl": (re.compile(r"-[A-Za-z#]*o|--output"), re.compile(r"--output=(.+)", re.DOTALL)),
    "wget": (
        re.compile(r"-[A-Za-z]*O|--output-document"),
        re.compile(r"(?:--output-document=|-O)(.+)", re.DOTALL),
    ),
    "aria2c": (re.compile(r"-o|--out"), re.compile(r"--out=(.+)", re.DOTALL)),
    "axel": (re.compile(r"-o|--output"), re.compile(r"--output=(.+)", re.DOTALL)),
}
_NOWHERE = frozenset({"-", "/dev/null", "NUL"})


def starts_command(line: str) -> bool:
    """Tell whether `line` begins with a download command."""
    return _COMMAND.match(line[:100]) is not None


def continues(line: str) -> bool:
    """Tell whether the command in `line` is continued in the next line."""
    return line.rstrip().endswith(("\\", "^", " `"))


def parse_command(command: str) -> list[tuple[str, str]]:
    """Give each link of `command` with the name that it is saved under, else an empty one.

    Gives nothing where the quotes do not match or there is no link.
    """
    match = _COMMAND.match(command)
    words = _split_words(command) if match and len(command) <= MAX_COMMAND_CHARS else []
    if match is None or not words:
        return []
    links, names = _group_arguments(words, *_SAVE_AS[match[1].lower()])
    padded = names + [""] * len(links)
    return list(zip(links, padded, strict=False))


def _group_arguments(
    words: Sequence[str], save_option: re.Pattern[str], save_joined: re.Pattern[str]
) -> tuple[list[str], list[str]]:
    links: list[str] = []
    names: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _FOREIGN_VALUE:
            next(rest, "")
        elif save_option.fullmatch(word):
            names.append(_file_name(next(rest, "")))
        elif joined := save_joined.fullmatch(word):
            names.append(_file_name(joined[1]))
        elif _LINK.match(bare := word.removeprefix("--url=")):
            links.append(bare)
    return links, names


def _file_name(path: str) -> str:
    return "" if path in _NOWHERE else path.replace("\\", "/").rpartition("/")[2]


def _split_words(command: str) -> list[str]:
    """Split `command` as a POSIX shell does; nothing if a quote is left open."""
    try:
        return shlex.split(command.replace(" $'", " '"))  # shlex does not know $'…' of bash
    except ValueError:
        return []


TOKEN_VARIABLE = "PAN123_ACCESS_TOKEN"  # noqa: S105 - the name of a variable


def curl_command(request: DownloadRequest, base_url: str) -> str:
    """Give a command for a POSIX shell; the token stays in the variable `PAN123_ACCESS_TOKEN`.

    The call is the one of section one of the specification; fields that are not set are left
    out. Nothing in `draft` can end the quotes that it stands in.
    """
    body: dict[str, object] = {"url": request.url}
    if request.name:
        body["fileName"] = request.name
    if request.folder_id is not None:
        body["dirID"] = request.folder_id
    if request.callback_url:
        body["callBackUrl"] = request.callback_url
    address = f"{base_url.rstrip('/')}/api/v1/offline/download"
    parts = (
        f"curl -sS -X POST {shlex.quote(address)}",
        f'-H "Authorization: Bearer ${TOKEN_VARIABLE}"',
        "-H 'Platform: open_platform'",
        "-H 'Content-Type: application/json'",
        f"--data-raw {shlex.quote(json.dumps(body, ensure_ascii=False))}",
    )
    return " \\\n  ".join(parts)
