"""Download commands in a text: where they are, which only download, what they name the file."""

import re

from pan123_tui.domain.links.endings import START
from pan123_tui.domain.links.file_names import last_name

COMMAND = re.compile(
    r"(?<![^\s;&|(`'\":：])(?P<tool>curl|wget|aria2c|axel)(?:\.exe)?"
    r"(?=\s+(?:-[\w#-]|[\"'“$^…]|[^\s.:]+[.:]\S*/)|\s+\\\n)"
    r"(?:(?:(?<=[\s=$])|(?<=\s-\w))(?:'[^']{0,4000}'|\"(?:[^\"\\]|\\.){0,4000}\")"
    r"|[\\^`]\n|\n(?=[^\S\n]+\S)|[^\n])*+",
    re.IGNORECASE | re.DOTALL,
)
"""With the lines in which it goes on: after a backslash, in quotes, or indented."""
PLAIN_COMMAND = re.compile(
    r"(?!(?i:wget).*? -\w{0,9}O)\S+(?:\s+(?:-[LOJcqkfsSN#]+|-n[cv]|-[xsj] ?\d+|--continue"
    r"|--location|--content-disposition|--no-check-certificate|curl|wget|aria2c|axel|&&|\\"
    r"|[\"'“$]{0,2}(?i:https?://)[^\s\"'“”$^[{;|]+[\"'”]?;?))+[\s`]*",
    re.DOTALL,
)
"""A command that only downloads: none of its options has a meaning for 123pan."""
HEADER = re.compile(
    r"(?:-\w{0,9}H|--[\w-]{0,9}header)[\s=]*\$?[\"'“][\w-]+:[^\"'“”\n]*://[^\"'“”\n]*[\"'”]?"
)
_OUTPUT = re.compile(
    r"(?<=\s)(?:-[LJcqkfsSN#]*(?P<letter>[oO])\s*|--out(?:put(?:-document)?)?[\s=]\s*)"
    r"(?!-|[\"']?/dev/)(?P<name>'[^'$:\n]+'|\"[^\"$:`\n]+\"|[^\s'\"“”$:`;|&<>()*?{}\[\]]+)(?=[\s`]|$)"
)


def take_name(command: str, tool: str) -> tuple[str, str]:
    """Return the name that `command` gives its only link, or "", and blanks for that option."""
    letter = "O" if tool == "wget" else "o"
    outputs = [it for it in _OUTPUT.finditer(command) if it["letter"] in (None, letter)]
    if len(outputs) != 1:
        return "", command
    start, end = outputs[0].span()
    rest = command[:start] + " " * (end - start) + command[end:]
    is_one = len(START.findall(rest)) == 1
    return (last_name(outputs[0]["name"].strip("'\"")), rest) if is_one else ("", command)
