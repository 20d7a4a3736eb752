"""Signs in a text: what a link begins with, what a line says of other lines, a link cut in two."""

import re

from msgspec import Struct

from pan123_tui.domain.links.boundaries import FILE_EXTENSION, ends_with_file_extension
from pan123_tui.domain.links.url import INVISIBLE, OTHER_SCHEMES

_HOST = r"(?:[a-z0-9-]{1,63}\.){1,8}"
_NO_DOMAIN = rf"(?!(?:{FILE_EXTENSION[5:-1]}|js|php|css|java|cpp|cfg|ini|conf|log)(?![a-z0-9-]))"
START = re.compile(
    rf"(?P<known>https?|{'|'.join(OTHER_SCHEMES)})(?P<mark>://|:\\/\\/)|(?P<magnet>magnet):\?"
    r"|(?<![a-z0-9+.-])(?P<other>[a-z][a-z0-9+.-]{1,15})://"
    rf"|(?<![a-z0-9])(?P<typo>https?:/(?=[^\s/])|https?(?::|//)(?={_HOST}[a-z])"
    rf"|(?:{'|'.join(OTHER_SCHEMES)}):/?(?=[^\s/]{{1,60}}/))"
    rf"|(?:(?<![a-z0-9_@.%/\\{INVISIBLE}-])|(?<![a-z0-9_@.%/:\\-])//)(?P<bare>www\.{_HOST}[a-z]{{2,24}}"
    rf"|{_HOST}{_NO_DOMAIN}[a-z]{{2,24}}(?=(?::\d{{1,5}})?/[^\s/])"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?=(?::\d{1,5})?/[^\s/]))",
    re.IGNORECASE,
)
"""What a link begins with, or what was meant as one: a mistyped scheme, a host with a path."""
OPTION = re.compile(r"\s+([a-z][a-z0-9-]+)=(.*)")
ADDRESS_OPTIONS = frozenset({"referer", "header", "all-proxy", "http-proxy", "https-proxy"})
"""Options of an aria2 input file with an address that is no download."""
TABLE_HEAD = re.compile(
    r"\s*\"?(?:url|link|链接|地址)\"?\s*[,;\t]\s*\"?(?:file_?)?(?:name|名)", re.IGNORECASE
)
CODE = re.compile(
    r"(?<!解压)(?<!压缩包)(?:提取码|访问码|取件码|密码|口令)"
    r"|(?:\b|_)(?:pwd|passcode|password|access code)\b\s*[:：=]",
    re.IGNORECASE,
)
CODE_LINE = re.compile(rf"\W{{0,6}}(?:{CODE.pattern})", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"[a-z][a-z0-9-]*=", re.IGNORECASE)
_NEXT_WORD = re.compile(r"[>\s]*(\S{2,400})\s*")
_CUT = re.compile(r"[-_=&%?+~,]$|%[0-9a-f]$", re.IGNORECASE)
_MAIL_WIDTH = 60
"""From this length a line may have been broken by a mail program or a terminal."""


class Tail(Struct, frozen=True):
    """The link at the end of the line before, which may go on in the next one."""

    line: str
    start: int
    prefix: str
    """What the link lacked before it."""


def rest_of_cut_link(tail: Tail, line: str) -> str:
    """Return the only word of `line` if it may be the rest of the link in the line before."""
    word = _NEXT_WORD.fullmatch(line)
    link = tail.line[tail.start :].rstrip()
    if word is None or any(it.match(word[1]) for it in (START, CODE_LINE, _ASSIGNMENT)):
        return ""
    rest, is_file = word[1], ends_with_file_extension(word[1].partition("?")[0])
    if "?" not in link and ends_with_file_extension(link):
        return ""
    is_cut = _CUT.search(link) is not None and rest.isascii()
    is_broken = len(tail.line.rstrip()) >= _MAIL_WIDTH and re.search(r"[\d_/-]", rest)
    has_signs = rest.isascii() and re.search(r"[%&=/]", rest)
    return rest if is_cut or is_file or has_signs or (is_broken and rest.isascii()) else ""
