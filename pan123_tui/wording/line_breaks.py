"""Where a line may break: at blanks, and between two Chinese characters."""

import re

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING, _CLOSING = "〈《「『【〔（“‘", "、。〉》」』】〕），．：；！？”’…%"
PIECE = re.compile(
    rf"\s*(?:[{_OPENING}]*[{_CJK}][{_CLOSING}]*|(?:(?![{_OPENING}]*[{_CJK}])\S)+)\s*"
)
"""What stays on one line: a word, or a Chinese character, with its punctuation and blanks."""
