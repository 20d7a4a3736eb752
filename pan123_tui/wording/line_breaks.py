"""Where a line may break: at blanks, and between two Chinese characters."""

import re
from collections.abc import Iterator

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING, _CLOSING = "〈《「『【〔（“‘", "、。〉》」』】〕），．：；！？”’…%"
_PIECE = rf"\s*(?:[{_OPENING}]*[{_CJK}][{_CLOSING}]*|(?:(?![{_OPENING}]*[{_CJK}])\S)+)\s*"
"""What stays on one line: a word, or a Chinese character, with its punctuation and blanks."""


def pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what stays on one line, with its start and its end."""
    for match in re.finditer(_PIECE, text):  # compiled when a text is first wrapped
        yield *match.span(), match[0]
