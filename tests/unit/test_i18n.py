"""Texts that are put together: each language has its own commas and parentheses."""

import pytest

from pan123_tui import i18n
from pan123_tui.i18n import listed, with_aside


def test_parts_stand_one_after_the_other_without_the_empty_ones() -> None:
    assert listed(["code 1", "", "trace id a"]) == "code 1, trace id a"
    assert listed([]) == ""


def test_an_aside_stands_in_parentheses_if_there_is_one() -> None:
    assert with_aside("gone", "code 1") == "gone (code 1)"
    assert with_aside("gone", "") == "gone"


def test_chinese_has_wide_commas_and_parentheses() -> None:
    i18n.use("zh")
    assert with_aside("未找到", listed(["代码 1", "跟踪 ID a"])) == "未找到（代码 1，跟踪 ID a）"


@pytest.mark.parametrize("text", ["{former}", "{", "100 %"])
def test_what_is_put_together_is_taken_as_it_is(text: str) -> None:
    assert with_aside(text, listed([text, text])) == f"{text} ({text}, {text})"
