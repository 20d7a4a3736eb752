"""Shell commands: read the links of a download command, write those that fetch a file."""

import re
import shlex
from collections.abc import Sequence

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
"""Options whose value may be a link that is not the download."""
_NOWHERE = frozenset({"-", "/dev/null", "NUL"})


def starts_command(line: str) -> bool:
    """Return whether `line` starts with a download command."""
    return _COMMAND.match(line[:100]) is not None


def continues(line: str) -> bool:
    """Return whether the command in `line` continues in the next line."""
    return line.rstrip().endswith(("\\", "^", " `"))


def parse_command(command: str) -> list[tuple[str, str]]:
    """Return each link of `command` with the name it is saved under, or an empty name.

    Returns nothing if a quote is not closed or there is no link.
    """
    match = _COMMAND.match(command)
    if match is None or len(command) > MAX_COMMAND_CHARS:
        return []
    try:
        words = shlex.split(command.replace(" $'", " '"))  # shlex does not know $'…' of bash
    except ValueError:
        return []
    words = [word.removesuffix(";") for word in words]  # nor the end of a command
    short = "O" if match[1].lower() == "wget" else "o"
    links, names = _group_arguments(words, short)
    return list(zip(links, names + [""] * len(links), strict=False))


def curl_download(url: str, name: str) -> str:
    """Return the curl command that saves `url`, without `[]{}` of its own, as the file `name`."""
    # The path keeps a name that begins with a minus from being an option.
    return f"curl -gL -o {shlex.quote(f'./{name}')} {shlex.quote(url)}"


def aria2_entry(url: str, name: str) -> str:
    """Return the lines of an aria2 input file that save `url` as the file `name`."""
    return f"{url}\n  out={name}"


def _group_arguments(words: Sequence[str], short: str) -> tuple[list[str], list[str]]:
    """Return the links of `words`, and the names that follow `--output` or the option `short`."""
    save_as = re.compile(
        rf"(?:-[A-Za-z#]*{short}|--out(?:put(?:-document)?)?)(?:(?<=-O)|=|$)(.*)", re.DOTALL
    )
    links: list[str] = []
    names: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _FOREIGN_VALUE:
            next(rest, "")
        elif saved := save_as.fullmatch(word):
            names.append(_file_name(saved[1] or next(rest, "")))
        elif _LINK.match(bare := word.removeprefix("--url=")):
            links.append(bare)
    return links, names


def _file_name(path: str) -> str:
    return "" if path in _NOWHERE else path.replace("\\", "/").rpartition("/")[2]
