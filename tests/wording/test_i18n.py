"""The language, the profile in commands, and how parts of a text are joined."""

from collections.abc import Callable

import pytest

from pan123_tui import i18n
from pan123_tui.domain.errors import Problem, ProblemKind
from pan123_tui.wording.problems import explain_problem


@pytest.mark.parametrize(
    ("name", "language"),
    [("zh", "zh_CN"), ("ZH_cn.UTF-8", "zh_CN"), ("en", "en"), ("de", "en"), ("C", "en")],
)
def test_every_chinese_locale_is_chinese_and_all_else_english(name: str, language: str) -> None:
    i18n.set_language(name)
    assert i18n.language() == language
    assert i18n._("paused") == ("已暂停" if language == "zh_CN" else "paused")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({}, "en"),
        ({"LANG": "a"}, "a"),
        ({"LANG": "a", "LC_MESSAGES": "b"}, "b"),
        ({"LANG": "a", "LC_MESSAGES": "b", "LC_ALL": "c"}, "c"),
        ({"LC_ALL": "c", "PAN123_LANG": "d"}, "d"),
        ({"LC_ALL": "", "LANG": "a"}, "a"),
    ],
)
def test_the_first_variable_with_a_language_counts(environ: dict[str, str], name: str) -> None:
    assert i18n.from_environment(environ) == name


def test_the_language_may_be_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAN123_LANG", "zh_CN")
    i18n.set_language("auto")
    assert i18n.language() == "zh_CN"


JOINED: list[tuple[Callable[[], str], str, str]] = [
    (lambda: i18n.join_list(["a", "", "b"]), "a, b", "a，b"),
    (lambda: i18n.join_choices(["a", "b"]), "a, b", "a、b"),
    (lambda: i18n.join_sentences("A.", "", "B."), "A. B.", "A.B."),
    (lambda: i18n.with_parenthetical("a", "b"), "a (b)", "a（b）"),
    (lambda: i18n.with_parenthetical("a", ""), "a", "a"),
    (lambda: i18n.ngettext("{count} link", "{count} links", 1), "1 link", "1 个链接"),
    (
        lambda: i18n.ngettext("{count} link", "{count} links", 12345),
        "12,345 links",
        "12,345 个链接",
    ),
]


@pytest.mark.parametrize("number", range(len(JOINED)))
def test_parts_are_joined_with_the_signs_of_the_language(number: int) -> None:
    join, english, chinese = JOINED[number]
    assert join() == english
    i18n.set_language("zh")
    assert join() == chinese


def test_a_key_in_a_text_is_the_first_of_those_that_were_chosen() -> None:
    text = "{count} dropped, {add.undo}"
    assert i18n._(text) == "{count} dropped, ctrl+z"
    i18n.use_keys({"add.undo": "{, f8", "app.end": " ", "app.settings": "full_stop"})
    assert i18n._(text).format(count=3) == "3 dropped, ｛"
    assert i18n._("press {app.settings}") == "press ."
    assert "Q in the" in explain_problem(Problem(ProblemKind.STORE_LOST)).hint


def test_a_command_in_a_text_names_the_profile() -> None:
    text = "Sending continues when “pan123-tui” runs again."
    assert i18n._(text) == text
    i18n.use_options("--profile work")
    assert i18n._(text) == text.replace("“pan123-tui", "“pan123-tui --profile work")
