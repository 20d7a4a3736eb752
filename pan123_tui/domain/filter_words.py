"""The words of the search line in English and Chinese, how they are written, and completion."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from os.path import commonprefix
from typing import NamedTuple
from unicodedata import normalize

Words = Mapping[str, str]
"""English word → Chinese word; both are understood in either language."""

FIELD_WORDS: Words = {
    "state": "状态",
    "host": "源站",
    "name": "文件名",
    "url": "链接",
    "folder": "文件夹",
    "batch": "批次",
    "reason": "原因",
    "size": "大小",
    "percent": "进度",
    "retries": "重试次数",
    "id": "编号",
    "age": "添加于",
    "finished": "结束于",
    "left": "剩余",
}
STATE_WORDS: Words = {
    "queued": "排队中",
    "sending": "提交中",
    "running": "下载中",
    "done": "完成",
    "failed": "失败",
    "unsure": "待确认",
    "active": "进行中",
    "trouble": "有问题",
}
"""The words of the state column, then those of the tabs that are no state."""
FIELD_SYNONYMS: Words = {
    "message": "reason",
    "消息": "reason",
    "progress": "percent",
    "百分比": "percent",
    "重试": "retries",
    "added": "age",
    "添加时间": "age",
    "添加": "age",
    "完成于": "finished",
    "结束时间": "finished",
    "剩余时间": "left",
    "名称": "name",
    "标题": "name",
    "主机": "host",
}
"""The heading of a column, or another word → its field."""
_SYNONYMS: Words = {
    **FIELD_SYNONYMS,
    "已完成": "done",
    "成功": "done",
    "重试中": "retrying",
    "被拒绝": "rejected",
    "已丢失": "missing",
    "异常": "trouble",
    "分": "m",
}
BATCH_WORDS: Words = {"last": "最近"}
"""What may follow `batch:` besides a name: the newest one."""
UNIT_WORDS: Words = {"s": "秒", "m": "分钟", "h": "小时", "d": "天", "w": "周"}
_WORDS = (FIELD_WORDS, STATE_WORDS, BATCH_WORDS, UNIT_WORDS)
_ENGLISH = {chinese: word for words in _WORDS for word, chinese in words.items()} | dict(_SYNONYMS)
_VALUE_WORDS: Mapping[str, Words] = {"state": STATE_WORDS, "batch": BATCH_WORDS}

_SIGNS = "<>=:~＜＞＝：～≤≥"
_FIELD = "|".join((*FIELD_WORDS, *FIELD_WORDS.values(), *FIELD_SYNONYMS))
_SIGN = rf"[<＜][=＝]|[>＞][=＝]|[{_SIGNS}]|[《》][=＝]?(?=\s*\d[^\s《》]*(?:\s|$))"
"""Those of a Chinese input method included, which types a title's brackets for `<` and `>`."""
_HALF_WIDTH = str.maketrans("＜＞＝：～《》", "<>=:~<>") | {ord("≤"): "<=", ord("≥"): ">="}
_TEXT = r"(?:\"[^\"]*\"?|[^\s\"])"
_SPACED = (
    rf"[-－]?(?:{_FIELD})(?:\s+(?:{_SIGN})|(?:{_SIGN})(?=\s))"
    rf"(?:\s*(?![-－]|(?:{_FIELD})\s*(?:{_SIGN})){_TEXT}+)?"
)
# As texts these are compiled on first use, which takes 7 ms.
_TERM = rf"(?i:{_SPACED}|{_TEXT}+)"
_PARTS = (
    rf"(?is:((?:{_FIELD})(?=\s*(?:{_SIGN}))|[A-Za-z_]+(?=[<>=:~：])|[\u3400-\u9fff]+(?=[<>=~]))"
    rf"\s*({_SIGN})(?!//)\s*(.*))"
)
_LIST_SEPARATOR = re.compile("[,，、]")
_PLAIN_VALUE = re.compile(rf"[^\s\"“{_SIGNS},，、]+")
_COMPLETED_CHARS = 1_000
"""How much of a text is read for the completion of its last word."""
_WORD_BEFORE = (
    rf"[-－]?(?:(?P<field>[^\s\"{_SIGNS}]+)[=:＝：](?:(?:\"[^\"]*\"|[^\s\"])*[,，、])?)?"
    rf"(?P<typed>(?(field)\"[^\"]*|(?!))|[^\s\"{_SIGNS},，、]*)$"
)

_PLAIN_QUOTES = str.maketrans("“”", '""')
_WITHOUT_QUOTES = str.maketrans(dict.fromkeys('“”"', ""))


def with_plain_quotes(line: str) -> str:
    """Return `line`, as long as before, with plain quotes for Chinese ones."""
    return line.translate(_PLAIN_QUOTES)


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """Return `text` as it is compared: casefolded, in half width and without quotes."""
    if text.isascii():
        return text.replace('"', "").casefold()
    return normalize("NFKC", text).translate(_WITHOUT_QUOTES).casefold()


def split_terms(line: str) -> Iterable[tuple[int, str]]:
    """Yield where each term of `line` starts, and the term with plain quotes."""
    return ((match.start(), match[0]) for match in re.finditer(_TERM, with_plain_quotes(line)))


def split_term(term: str) -> tuple[str, str, str] | None:
    """Return field, operator and value of `term`; None for a word."""
    parts = re.fullmatch(_PARTS, term)
    return parts and (to_english(parts[1]), parts[2].translate(_HALF_WIDTH), parts[3])


def to_english(word: str) -> str:
    """Return the English word for `word`, which may be in either language, casefolded."""
    folded = word.casefold()
    return _ENGLISH.get(folded, folded)


def is_last_batch(word: str) -> bool:
    """Return whether `word` stands for the newest batch."""
    return to_english(word) in BATCH_WORDS


def split_list(value: str) -> Sequence[str]:
    """Split a value at its commas."""
    return _LIST_SEPARATOR.split(value)


def words_in(words: Words, language: str) -> Iterable[str]:
    """Return the `words` of `language`."""
    return words.values() if language.startswith("zh") else words


def quoted(word: str) -> str:
    """Return a value as it is written in the search line."""
    return word if _PLAIN_VALUE.fullmatch(word) else f'"{word}"'


def batch_term(name: str, language: str = "en") -> str:
    """Return the term that selects the batch `name`, in the words of `language`."""
    field = FIELD_WORDS["batch"] if language.startswith("zh") else "batch"
    return f"{field}={quoted(name)}"


class Completion(NamedTuple):
    """The text with as much of its last word as is certain, and the words it may become."""

    text: str
    candidates: Sequence[str]


def complete(text: str, language: str, batches: Iterable[str] = ()) -> Completion:
    """Complete the last word of `text`: a field, or the value of `state:` or `batch:`.

    `batches` are the names of the batches.
    """
    head, tail = text[:-_COMPLETED_CHARS], text[-_COMPLETED_CHARS:]
    match = re.search(_WORD_BEFORE, with_plain_quotes(tail))
    if match is None:
        return Completion(text, ())
    start, typed = match.start("typed"), match["typed"].removeprefix('"').casefold()
    field = None if match["field"] is None else to_english(match["field"])
    words = FIELD_WORDS if field is None else _VALUE_WORDS.get(field, {})
    possible = [*words, *words.values()] if typed else [*words_in(words, language)]
    possible += batches if field == "batch" else ()
    candidates = [
        f"{word}:" if field is None else quoted(word)
        for word in possible
        if word.casefold().startswith(typed)
    ]
    certain = commonprefix(candidates) or tail[start:]  # noqa: RUF071 - words, not paths
    return Completion(head + tail[:start] + certain, candidates)
