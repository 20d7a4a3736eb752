"""Texts that are put together: each language has its own commas and parentheses."""

import pytest

from pan123_tui import i18n
from pan123_tui.i18n import join_list, with_parenthetical


def test_parts_stand_one_after_the_other_without_the_empty_ones() -> None:
    assert join_list(["code 1", "", "trace id a"]) == "code 1, trace id a"
    assert join_list([]) == ""


def test_an_aside_stands_in_parentheses_if_there_is_one() -> None:
    assert with_parenthetical("gone", "code 1") == "gone (code 1)"
    assert with_parenthetical("gone", "") == "gone"


def test_chinese_has_wide_commas_and_parentheses() -> None:
    i18n.set_language("zh")
    assert (
        with_parenthetical("未找到", join_list(["代码 1", "跟踪 ID a"]))
        == "未找到（代码 1，跟踪 ID a）"
    )


@pytest.mark.parametrize("text", ["{former}", "{", "100 %"])
def test_what_is_put_together_is_taken_as_it_is(text: str) -> None:
    assert with_parenthetical(text, join_list([text, text])) == f"{text} ({text}, {text})"
