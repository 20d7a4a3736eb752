"""The words of filter expressions in English and Chinese, and their completion."""

import re
from collections.abc import Iterable, Mapping, Sequence
from os.path import commonprefix
from typing import NamedTuple

from pan123_tui.domain.state_words import OFFERED_STATES, STATE_WORDS

Words = Mapping[str, str]
"""English word → Chinese word; both are understood in either language."""

FIELD_WORDS: Words = {
    "state": "状态",
    "is": "是",
    "host": "主机",
    "name": "名称",
    "url": "链接",
    "folder": "文件夹",
    "batch": "批次",
    "message": "消息",
    "percent": "进度",
    "retries": "重试次数",
    "id": "编号",
    "taskid": "任务id",
    "age": "添加于",
    "checked": "最近查询",
    "finished": "完成于",
    "left": "剩余",
}
FIELD_SYNONYMS: Mapping[str, str] = {
    "added": "age",
    "添加时间": "age",
    "添加": "age",
    "百分比": "percent",
    "重试": "retries",
    "标题": "name",
}
"""The heading of a column, or another word → its field."""
FLAG_WORDS: Words = {
    "stalled": "停滞",
    "full": "已满",
    "backwards": "倒退",
    "doubtful": "存疑",
    "named": "已命名",
    "retried": "已重试",
}
BATCH_WORDS: Words = {"last": "最近"}
"""What may follow `batch:` besides a name: the newest one."""
UNIT_WORDS: Words = {"s": "秒", "m": "分钟", "h": "小时", "d": "天", "w": "周"}

_SIGNS = "<>=:~＜＞＝：～≤≥"
OPERATORS = rf"[<＜][=＝]|[>＞][=＝]|[{_SIGNS}]|[《》][=＝]?(?=\d[^《》]*$)"
"""Those of a Chinese input method included, which types a title's brackets for `<` and `>`."""
HALF_WIDTH = str.maketrans("＜＞＝：～《》", "<>=:~<>") | {ord("≤"): "<=", ord("≥"): ">="}
KNOWN_FIELDS = "|".join((*FIELD_WORDS, *FIELD_WORDS.values(), *FIELD_SYNONYMS))
_PLAIN_VALUE = re.compile(rf"[^\s\"“{_SIGNS},，、]+")
_COMPLETED_CHARS = 1_000
"""How much of a text is read for the completion of its last word."""
_LIST_SEPARATOR = re.compile("[,，、]")
_WORD_BEFORE = re.compile(
    rf"[-－]?(?:(?P<field>[^\s\"{_SIGNS}]+)[=:＝：](?:(?:\"[^\"]*\"|[^\s\"])*[,，、])?)?"
    rf"(?P<typed>(?(field)\"[^\"]*|(?!))|[^\s\"{_SIGNS},，、]*)$"
)


_QUOTED = r"“[^“”\"]{0,200}(?:”|$)"
_ITEM = rf"(?:{_QUOTED}|[^\s“”\",，、]+)"
_TERM_BEGINS = r"(?:(?<!\S)|(?<=\s[-－])|(?<=^[-－]))"
# Plain quotes come first, so that nothing within them is changed.
_CHINESE_QUOTES = re.compile(
    rf"\"[^\"]*\"?|{_TERM_BEGINS}(?P<word>{_QUOTED})(?!\S)"
    rf"|{_TERM_BEGINS}(?:{KNOWN_FIELDS})(?:{OPERATORS})(?P<values>(?>{_ITEM}(?:[,，、]{_ITEM})*))(?!\S)",
    re.IGNORECASE,
)
_PLAIN_QUOTES = str.maketrans("“”", '""')


def with_plain_quotes(expression: str) -> str:
    """Return `expression`, as long as before, with plain quotes for the Chinese ones of a value."""
    return _CHINESE_QUOTES.sub(
        lambda match: match[0].translate(_PLAIN_QUOTES) if match.lastgroup else match[0], expression
    )


def to_english(word: str, words: Words) -> str:
    """Return the English word for the casefolded `word`, which may be in either language."""
    return next((english for english, chinese in words.items() if chinese == word), word)


def is_last_batch(word: str) -> bool:
    """Return whether `word` stands for the newest batch in commands and filters."""
    return to_english(word.casefold(), BATCH_WORDS) in BATCH_WORDS


def split_list(value: str) -> Sequence[str]:
    """Split a value at its commas."""
    return _LIST_SEPARATOR.split(value)


def words_in(words: Words, language: str) -> Iterable[str]:
    """Return the `words` of `language`, each once."""
    return dict.fromkeys(words.values() if language.startswith("zh") else words)


_VALUE_WORDS: Mapping[str, Words] = {
    "state": OFFERED_STATES,
    "is": FLAG_WORDS,
    "batch": BATCH_WORDS,
}


def quoted(word: str) -> str:
    """Return a value as it is written in an expression."""
    return word if _PLAIN_VALUE.fullmatch(word) else f'"{word}"'


def batch_filter(name: str) -> str:
    """Return the expression that selects the batch `name`."""
    return f"batch={quoted(name)}"


def filtered_batch(expression: str) -> str:
    """Return the batch that `batch_filter` made the expression for, "" if it did not."""
    name = expression.removeprefix("batch=").strip('"')
    return name if expression == batch_filter(name) else ""


class Completion(NamedTuple):
    """The text with as much of its last word as is certain, and the words it may become."""

    text: str
    candidates: Sequence[str]


def complete(text: str, language: str, labels: Iterable[str] = ()) -> Completion:
    """Complete the last word of `text`: a field, or the value of `state:`, `is:` or `batch:`.

    `labels` are those of the batches.
    """
    head, tail = text[:-_COMPLETED_CHARS], text[-_COMPLETED_CHARS:]
    match = _WORD_BEFORE.search(with_plain_quotes(tail))
    if match is None:
        return Completion(text, ())
    start = match.start("typed")
    typed = match["typed"].removeprefix('"').casefold()
    words, ending = FIELD_WORDS, ":"
    if match["field"] is not None:
        field = to_english(match["field"].casefold(), FIELD_WORDS)
        words, ending = _VALUE_WORDS.get(field, {}), ""
        if field == "state" and typed:
            words = STATE_WORDS
        labels = labels if field == "batch" else ()
    possible = [*(dict.fromkeys((*words, *words.values())) if typed else words_in(words, language))]
    if match["field"] is not None:
        possible += labels
    candidates = [
        f"{quoted(word)}{ending}" for word in possible if word.casefold().startswith(typed)
    ]
    certain = commonprefix(candidates) or tail[start:]  # noqa: RUF071 - words, not paths
    return Completion(head + tail[:start] + certain, candidates)
