"""Where a link starts and ends, and the name beside it.

It ends at its *seam*: the first blank, quote, Chinese text or bracket that is not part of it. If
what follows may still belong to it, that is a doubt. Every look-ahead is bounded, so the cost is
linear.
"""

import re

from pan123_tui.domain.links.url import EMOJI, INVISIBLE, MAX_URL_CHARS, OTHER_SCHEMES

FILE_EXTENSION = (
    r"\.(?:zipx?|rar|7z|tar|t?gz|bz2|xz|zst|iso|img|dmg|exe|msi|apk|ipa|deb|rpm|jar|bin|torrent"
    r"|metalink|meta4|mp4|m4v|mkv|avi|mov|wmv|flv|webm|rmvb|rm|ts|m2ts|mpe?g|3gp|m3u8|vob|mp3|m4a|flac|wav|aac"
    r"|ogg|ape|wma|png|gif|jpe?g|tiff?|webp|svg|bmp|heic|psd|pdf|epub|mobi|azw3|txt|docx?|xlsx?"
    r"|pptx?|csv|json5?|xml|srt|ass|sub|md5?|html?5?)"
)
PASSWORD = re.compile("提取码|访问码|密码|解压|口令")
CODE = re.compile(
    r"(?<!解压)(?<!压缩包)(?:提取码|访问码|取件码|密码|口令)"
    r"|(?:\b|_)(?:pwd|passcode|password|access code)\b\s*[:：=]",
    re.IGNORECASE,
)
CODE_LINE = re.compile(rf"\W{{0,6}}(?:{CODE.pattern})", re.IGNORECASE)
_LOOKAHEAD_CHARS = 200
_MAX_TAIL_CHARS = 4_000
_HARD = (
    rf"[\s\x00-\x20\x7f-\x9f{INVISIBLE}\"<>`|\\，。；“”‘’｜＂＜＞]"
    r"|(?i:&(?:quot|gt|lt|nbsp|apos|#3[49]);)"
)
_CHINESE = "\u2e80-\u2fff\u3001-\u3007\u3012-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_SIGNS = f"\u200d\u20e3\ufe0f{EMOJI}"
_SOFT = rf"[{_CHINESE}{_SIGNS}！？：～、·…—（）【】《》「」『』〈〉〔〕]"
SIZE = r"\d[\d.]{0,9}\s?(?:[KMGTkmgt]i?)?[Bb]\s*"
_NOTE = (
    r"(?<![/=])[(\[（【](?:完结?|全集?|\d[\d.]{0,9}\s?[KMGTkmgt]i?[Bb]?)[)\]）】]"
    rf"(?![/\w.=&%-]{{0,80}}?{FILE_EXTENSION}|[A-Za-z0-9/.=&%_-])"
)
"""A remark in brackets, which is no part of the link before it."""
_SIZE_BESIDE = r"[,;]\s*\d[\d.]{0,9}\s?[KMGTkmgt]i?[Bb](?!\.?[\w=/&%-])"
"""What is a size beside any link, and no part of it."""
_SCHEMES = "|".join(OTHER_SCHEMES)
_SCHEME = rf"(?:https?|{_SCHEMES})(?=:(?://|\?xt=))"
_HOST = r"(?:[a-z0-9-]{1,63}\.){1,8}"
_NO_DOMAIN = rf"(?!(?:{FILE_EXTENSION[5:-1]}|js|php|css|java|cpp|cfg|ini|conf|log)(?![a-z0-9-]))"
_KNOWN = rf"(?P<known>https?|{_SCHEMES})://|(?P<magnet>magnet):\?"
_UNKNOWN = r"(?<![a-z0-9+.-])(?P<other>blob:https?|[a-z][a-z0-9+.-]{0,15}(?<!http)(?<!https))://"
_MISTYPED = (
    rf"(?<![a-z0-9])(?P<typo>https?:/(?=[^\s/])|https?(?::|//)(?={_HOST}[a-z])"
    rf"|(?:{_SCHEMES}):/?(?=[^\s/]{{1,60}}/))"
)
_MISSING = (
    rf"(?:(?<![a-z0-9_@.%/\\-])(?<![a-z0-9_@.%/\\-][{INVISIBLE}])|(?<![a-z0-9_@.%/:\\-]):?//)"
    rf"(?P<bare>www\.{_HOST}[a-z]{{2,24}}"
    rf"|{_HOST}{_NO_DOMAIN}[a-z]{{2,24}}(?=(?::\d{{1,5}})?/[^\s/])"
    r"|\d{1,3}(?:\.\d{1,3}){3}(?=(?::\d{1,5})?/[^\s/]))"
)
START = re.compile("|".join((_KNOWN, _UNKNOWN, _MISTYPED, _MISSING)), re.IGNORECASE)
"""The start of a link, or of what was meant as one: a mistyped scheme, a host with a path."""
# Only parts with letters ignore case: with the large character sets that takes 10 ms to compile.
_SEAM = re.compile(
    rf"(?P<hard>{_HARD})|(?P<scheme>(?i:{_SCHEME}))|(?P<note>{_NOTE})|(?P<soft>{_SOFT})"
    r"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<quote>')"
    rf"|(?P<size>{_SIZE_BESIDE})"
    rf"|(?P<comma>[,;](?P<name>(?=\s*(?:[^\s,;/?=&\d][^,;/?=&]{{0,150}}|{SIZE})(?:[,;]|$)))?)"
)
_STOP = re.compile(_HARD)
_BREAK = re.compile(rf"{_HARD}|(?i:{_SCHEME})")
_EXTENSION = re.compile(rf"{FILE_EXTENSION}(?![A-Za-z0-9])", re.IGNORECASE)
_ENDS_AS_FILE = re.compile(rf"{FILE_EXTENSION}$", re.IGNORECASE)
_SIGNS_INSIDE = re.compile(rf"[{_SIGNS}]+[^\s{_SIGNS}]")
_DOMAIN = re.compile(rf"(?:[{_SIGNS}\w-]{{1,60}}\.){{1,9}}\w{{2,}}")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_NESTS_IN_PATH = frozenset("=/")
_NESTS_IN_QUERY = frozenset("=/?&#@+:%~")
"""After one of these, an inner link belongs to the outer one (`?url=https://…`)."""
_PROXY = re.compile(
    r"[^/]*/(?:[^.?#]*\?|(?:\S*/)?(?:web/\w+|proxy|fetch|url|cors|raw|mirror|gh)/)?https?$"
)
"""What precedes the `://` of an inner link in the path of a proxy or of an archive."""
_VALUE = re.compile(r"[/?&#;][\w.%[\]-]+=https?$")
"""What precedes the `://` of an inner link that is a value."""
_STRUCTURE = frozenset("/=_-.&%~+@#?$")
"""After one of these, Chinese text or a sign belongs to the link (`/下载/`, `=电影`)."""

_LINE_START = re.compile(rf"[\s{INVISIBLE}]*(?:(?:\d{{1,4}}[.)、]|[-*•])\s+)?")
_CLOSERS = {'"': '"', "'": "'", "`": "`", "<": ">", "“": "”"}
_MARKS = ".,;:!?，。；：！？、·…—～"
_END_OF_TEXT = re.compile(rf"[\s{INVISIBLE}{_MARKS}]+$")
NOTHING_MORE = re.compile(rf"[\s{INVISIBLE}{_MARKS}\"'`*_<>|\\()\[\]{{}}（）【】”’》」]*")
_TAG = r"<(?!(?!br>|hr>|p>)\w+>(?:[/.]|$))"
"""What begins a tag of HTML, other than a part of a path such as `<id>/` or `<id>.zip`."""
_END_TAG = r"\[/(?:url|img|code|quote|hide|size|color|font|align|td|li|[a-z*])\]"
_MARKUP = re.compile(
    rf"[\t>]|{_SIZE_BESIDE}|\s?{_NOTE}|{_TAG}|[\"'`]\s*[/>:,}}\]]"
    rf"|[\"']\s+[\w-]+=|(?i:&(?:[a-z]+|#\d{{1,4}});)"
    rf"|(?:[)\]}}）】》」』〉〕]|(?i:{_END_TAG}))(?!\.?[A-Za-z0-9])"
)
_GLUED = re.compile(
    rf"{FILE_EXTENSION}(?=(?:[-+~*@^=:&$'\d]|\.\.|[,;](?!\w+=)|[._][^!-~]"
    r"|(?<=zip|rar|mp4|mkv|mp3|iso)[a-z]\w{3})[^/]*(?:/\d{1,4}){0,2}$)",
    re.IGNORECASE,
)
"""Where a file's name ends in a path that goes on with what may stand beside the link."""
_BESIDE = re.compile(
    r"\|(?=[^\s|])(?!\w+://)|…+[A-Za-z0-9]"
    r"|[(\[](?=[!-.0-~])(?!\d[\d.]*\s?[KMGTkmgt]|\d{1,4}[)\]]\s*\w+://)"
)
"""What may go on, or may not, where a file's name ends."""
_REMARK = re.compile(
    r"[/=][!-{}~]*?[A-Za-z0-9](?P<end>)(?!\?提取码)(?:[-+@_~$.?&%]*[^\x00-\x7f]|\|)[^/=]*$"
)
"""Chinese text or a bar that makes a name in ASCII go on, with the end of that name."""
_NOTE_WITHIN = re.compile(
    r"(?:(?:[^/=#\d.]\d{1,9}|\d{3})\.\d{1,2}[KMGT]i?[Bb]?|\d{4}[KMGT]B"
    r"|[A-Za-z0-9](?:\([^()]+\)|\[[^][]+\]))$"
)
"""A size or a word in brackets that may be glued to the link, unless it is all of a name."""
_NUMBER = re.compile(r"\d[^\s\w/]{0,2}https?://", re.IGNORECASE)
"""What may be the end of one link, or the number of the next."""
_FIRST_NUMBER = re.compile(
    rf"(?:^|[\s(（【：:[])[a-z]{{0,4}}\d{{0,2}}{_NUMBER.pattern}", re.IGNORECASE
)
_TILDES = re.compile(r"~++(?!\S)")
_GOES_ON = re.compile(r"\.{3}|[…?]|(?<=&)")
_HOST_GOES_ON = re.compile(rf"[.:/\\]|[\w{INVISIBLE}-]*\.\w", re.ASCII)
_FILE = rf"(?:{FILE_EXTENSION})+(?![A-Za-z0-9])(?:\?[!-~]*)?"
_BLANK = "[ \u00a0\u2000-\u200a\u202f\u205f\u3000]"
_NAME_FIELD = rf"([^\t|\"]+?{FILE_EXTENSION})\s*(?:[,;|\t]|$)"
_LIKE_LINK_END = re.compile(
    rf"{FILE_EXTENSION}(?:[?#]\S*)?$|[&?; ][\w.-]+\*?=|[)\]]$|/", re.IGNORECASE
)
_ANOTHER_FILE = re.compile(
    rf"[^\s|,;]\S*?{_FILE}(?=[\s{_MARKS}]|$)|[ ]\(\S*?{_FILE}"
    rf"|(?:;|,(?!{_NAME_FIELD}))(?=[\w%])(?!{SIZE}(?:[,;]|$))(?:[^,;]*?{_FILE}|[!-~]+)",
    re.IGNORECASE,
)
"""What turns a complete name into another file's, as in `c.zip (2).zip` or `c.zip;d.zip`."""
_NAME_GOES_ON = re.compile(
    rf"\S*?{_FILE}|{_BLANK}?\S*[&?][\w.-]+=\S*|[|)\]}}\\{INVISIBLE}{_SIGNS}]+[A-Za-z0-9/=&+%]\S*"
    rf"|[,;]?{_BLANK}?(?:[^\s,;:，。；：！？>]+\s+){{0,6}}?[^\s,;:，。；：！？>]+?{_FILE}",
    re.IGNORECASE,
)
"""What may belong to the name at the end of a path or a query, up to seven words."""
_AFTER = re.compile(
    rf"[\"'>]?\s{{0,4}}[,;|\t]\s{{0,4}}(?:(?:\d{{1,15}}|{SIZE})[,;|\t]\s{{0,4}})?"
    rf"(?:\"((?:[^\"]|\"\")+)\"|{_NAME_FIELD})",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"(?:^|[\t|,])\s*(?:\"([^\"]+{FILE_EXTENSION})\"|\"?([^\t|,\":*?<>/\\]+{FILE_EXTENSION})\"?)"
    r"\s*[\t|,:：=>→—-]*\s*\"?$",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^\s*(?:\d{1,4}[.)、]|[-*•])\s+")
_MAX_LABEL_CHARS = 300


def ends_with_file_extension(text: str) -> bool:
    return _ENDS_AS_FILE.search(text[-10:]) is not None


def find_seam(line: str, start: int, body: int) -> int:
    """Return the seam of the link at `start` of `line`, with its host at `body`."""
    opened = dict.fromkeys("([{", 0)
    kept_until = body
    ends = False
    limit = start + MAX_URL_CHARS
    for event in _SEAM.finditer(line, body, limit):
        at, char = event.start(), event[0]
        is_after_file = ends_with_file_extension(line[max(body, at - 10) : at])
        match event.lastgroup:
            case "soft":
                if at >= kept_until:
                    kept_until = _kept_until(line, body, at)
                ends = kept_until <= at
            case "open":
                opened[char] += 1
                ends = line.startswith("[/", at) or (is_after_file and not _file_end(line, at))
            case "close":
                opened[_PAIRS[char]] -= 1
                ends = opened[_PAIRS[char]] < 0
            case "comma":
                ends = event["name"] is not None and is_after_file and "?" not in line[body:at]
            case "quote":
                ends = line[start - 1 : start] == "'" and not line[at + 1 : at + 2].isalnum()
            case "scheme":
                before_inner = _end_before_inner(line[body:at])
                ends, at = before_inner is not None, body + (before_inner or 0)
            case _:
                ends = True
        if ends:
            return _before_punctuation(line, start, body, at)
    stop = _STOP.search(line, limit)  # too long for a link
    return _before_punctuation(line, start, body, stop.start() if stop else len(line))


def _end_before_inner(before: str) -> int | None:
    """Return where the link `before` an inner one ends; None: the inner one belongs to it."""
    # Video sites list episodes as `name$link#name$link`.
    if before.endswith("$") and "#" in before:
        return before.rindex("#")
    if re.search("[?#]", before):
        return None if before[-1] in _NESTS_IN_QUERY else len(before.rstrip("$"))
    joint = before.rstrip("/+&@:%~$")
    if before[-1:] not in _NESTS_IN_PATH or ends_with_file_extension(joint):
        return len(joint if ends_with_file_extension(joint) else before.rstrip("+&@:%~$"))
    return None


def _kept_until(line: str, body: int, at: int) -> int:
    """Return where the part of the link that is Chinese text or signs ends; `at`: there is none."""
    before = line[max(body, at - 12) : at].rstrip("([{!~")
    is_field = before.endswith((",", ";")) and line[at].isalnum() and line[body:at].isascii()
    if is_field or ends_with_file_extension(before):
        return at
    if file_end := _file_end(line, at):
        return file_end
    is_password = PASSWORD.match(line, at) and before[-1:] != "?"  # 123pan's own `?提取码:abcd`
    if is_password or not (line[at].isalnum() or _SIGNS_INSIDE.match(line, at)):
        return at
    if at - body <= _LOOKAHEAD_CHARS and not any(mark in line[body:at] for mark in "/?#"):
        domain = _DOMAIN.match(line, at)
        return domain.end() if domain else at
    goes_on = before[-1:] in _STRUCTURE or not re.split("[/=]", before)[-1].isascii()
    return at + goes_on


def _file_end(line: str, at: int) -> int:
    """Return where a file extension soon after `at` ends, before the next break, or 0."""
    limit = at + _LOOKAHEAD_CHARS
    stop = _BREAK.search(line, at, limit)
    found = _EXTENSION.search(line, at, stop.start() if stop else limit)
    return found.end() if found else 0


def _before_punctuation(line: str, start: int, body: int, end: int) -> int:
    """Return `end`, moved before the punctuation of the sentence around the link."""
    emphasis = re.findall(r"\*(?!\s)|(?<!\w)__(?!\s)|_$", line[max(0, start - 100) : start])
    marks = ".,;:!?'([{·…—～~" + "".join(emphasis)
    return body + len(line[body:end].rstrip(marks))


def is_cut(line: str, body: int, end: int) -> bool:
    """Return whether the link is shortened by an ellipsis, or ends in an unfinished query."""
    is_open = _GOES_ON.match(line, end) and not ends_with_file_extension(line[body:end])
    return bool(is_open or re.search(r"\.{3}|…", line[body:end]))


def find_ends(line: str, start: int, body: int, seam: int, until: int) -> tuple[int, int]:
    """Return where the link ends, and where it ends at the latest; if they differ, it is unclear.

    A file's name ends it, though something may be glued to the name. `until` starts the next link.
    """
    latest = _latest_end(line, start, body, seam, until)
    if _is_file_end(line, body, seam):
        return seam, latest
    path = line[body:seam].partition("?")[0]
    if line.startswith(">", seam) and path.endswith(("-", "=")):
        return body + len(path.rstrip("-=")), latest
    if found := _GLUED.search(path, max(0, len(path) - _LOOKAHEAD_CHARS)):
        return body + found.end(), latest
    name = max(line.rfind("/", body, seam), line.rfind("=", body, seam))
    is_name = name < 0 or ends_with_file_extension(line[body:latest])
    remark = None if is_name else _REMARK.match(line, name, latest)
    return remark.start("end") if remark else latest, latest


def _is_file_end(line: str, body: int, end: int) -> bool:
    """Return whether the path of the link, which has no query, ends at `end` as a file's does."""
    return ends_with_file_extension(line[body:end]) and "?" not in line[body:end]


def is_clear_end(line: str, body: int, end: int) -> bool:
    """Return whether neither another link in the path nor what is beside it makes `end` unclear."""
    path, inner, _ = line[body:end].partition("://")
    if inner and not _VALUE.search(path) and not _PROXY.match(path):
        return False
    if _is_file_end(line, body, end):
        return not _BESIDE.match(line, end)
    is_numbered = _FIRST_NUMBER.search(line, 0, min(body, _LOOKAHEAD_CHARS))
    if is_numbered and _NUMBER.search(line, max(body, end - 3), end + 10):
        return False
    return not _NOTE_WITHIN.search(line, max(body, end - 40), end)


def _latest_end(line: str, start: int, body: int, seam: int, until: int) -> int:
    """Return the latest possible end; past the seam it is unclear. `until` starts the next link."""
    text = line[seam : min(until, seam + _LOOKAHEAD_CHARS)]
    limit = _container_end(line, start, seam, until)
    held = text if limit is None else _trimmed(line[seam:limit])
    path, question, _ = line[body:seam].partition("?")
    is_after_host = not question and "/" not in path and not _HOST_GOES_ON.match(text)
    is_after_folder = not question and path.endswith("/") and text[:1].isspace()
    is_tag = text.startswith("]") and line[max(0, start - 5) : start].lower() == "[url="
    is_text = NOTHING_MORE.fullmatch(held) or _MARKUP.match(text) or PASSWORD.search(text[:6])
    if is_after_host or is_after_folder or is_tag or is_text:
        return seam
    is_file = not question and ends_with_file_extension(path)
    if (tildes := _TILDES.match(line, seam)) and not (
        is_file and re.search(_SOFT, line[max(0, start - 40) : start])
    ):
        return tildes.end()
    if is_file:
        found = _ANOTHER_FILE.match(held[:_LOOKAHEAD_CHARS])
    elif limit is not None and (
        not re.search(r"\s", held)
        or re.search("[^!-~]|[,;]", re.split("[/=]", line[body:seam])[-1])
        or _LIKE_LINK_END.search(held)
    ):
        return seam + len(held)
    else:
        found = _NAME_GOES_ON.match(text)
    return seam + len(_trimmed(found[0])) if found else seam


def _container_end(line: str, start: int, seam: int, until: int) -> int | None:
    """Return the end of the quotes, or of the line, that hold the link alone; None without."""
    if closer := ")" if line.endswith("](", 0, start) else _CLOSERS.get(line[start - 1 : start]):
        close = line.find(closer, seam, min(until, seam + _LOOKAHEAD_CHARS))
        if close >= 0:
            return close
    is_last = until >= len(line) and len(line) - seam <= _MAX_TAIL_CHARS
    is_alone = is_last and start < 40 and _LINE_START.fullmatch(line, 0, start)
    return len(line) if is_alone else None


def _trimmed(text: str) -> str:
    return text[:-80] + _END_OF_TEXT.sub("", text[-80:])


def find_label(line: str, before_from: int, start: int, end: int, until: int) -> str:
    """Return the name beside a link; other links end at `before_from` and begin at `until`."""
    before = line[max(0, start - _MAX_LABEL_CHARS) : start]
    label = ""
    if (markdown := before.removesuffix("<")).endswith("]("):
        label = markdown[markdown.rfind("[") + 1 : -2]
    elif until >= len(line) and (after := _AFTER.match(line[end : end + _MAX_LABEL_CHARS])):
        label = after[2] or after[1].replace('""', '"')
    elif before_from == 0 and start <= _MAX_LABEL_CHARS:
        named = _BEFORE.search(_LIST_MARK.sub("", before))
        label = (named[1] or named[2]) if named else ""
    return "" if START.search(label) else " ".join(label.split()).strip("*_`\"'")
