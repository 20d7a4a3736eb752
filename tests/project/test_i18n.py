"""Lists and parentheticals in the punctuation of each language."""

import pytest

from pan123_tui import i18n
from pan123_tui.i18n import join_list, join_sentences, with_parenthetical


def test_a_list_leaves_out_empty_parts() -> None:
    assert join_list(["code 1", "", "trace id a"]) == "code 1, trace id a"
    assert join_list([]) == ""


def test_a_parenthetical_is_added_unless_it_is_empty() -> None:
    assert with_parenthetical("gone", "code 1") == "gone (code 1)"
    assert with_parenthetical("gone", "") == "gone"


def test_chinese_has_wide_commas_and_parentheses() -> None:
    i18n.set_language("zh")
    assert (
        with_parenthetical("未找到", join_list(["错误码 1", "TraceID a"]))
        == "未找到（错误码 1，TraceID a）"
    )


@pytest.mark.parametrize("text", ["{former}", "{", "100 %"])
def test_braces_in_the_parts_are_not_formatted(text: str) -> None:
    assert with_parenthetical(text, join_list([text, text])) == f"{text} ({text}, {text})"


def test_sentences_are_joined_with_a_blank_in_english_only() -> None:
    assert join_sentences("Saved.", "", "Go on.") == "Saved. Go on."
    i18n.set_language("zh")
    assert join_sentences("已保存。", "继续。") == "已保存。继续。"
