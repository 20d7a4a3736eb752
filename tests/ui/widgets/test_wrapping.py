"""Wrapping of texts in Chinese and in English."""

import pytest
from textual.content import Content

from pan123_tui.terminal.textual_private import mend


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("本程序把链接交给 123云盘，由它下载。", 20, ["本程序把链接交给 123", "云盘，由它下载。"]),
        ("由它在服务器上下载。", 18, ["由它在服务器上下", "载。"]),
        ("请先运行“查看”看看", 10, ["请先运行", "“查看”看看"]),
        ("it wraps between words only", 9, ["it wraps", "between", "words", "only"]),
    ],
)
def test_a_line_breaks_at_blanks_and_between_chinese_characters(
    text: str, cells: int, lines: list[str]
) -> None:
    mend()
    assert [line.plain.rstrip() for line in Content(text).wrap(cells)] == lines
