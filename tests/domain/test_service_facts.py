"""The table of the service's refusals."""

import pytest

from pan123_tui.domain.service_facts import FACTS, Meaning, find_fact


def test_each_meaning_has_one_row() -> None:
    assert [fact.meaning for fact in FACTS] == list(dict.fromkeys(f.meaning for f in FACTS))
    assert {fact.meaning for fact in FACTS} == set(Meaning)


def test_no_code_has_two_meanings() -> None:
    codes = [code for fact in FACTS for code in fact.codes]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("code", "message", "meaning"),
    [
        (429, "任务数超出最大限制,请稍后重试", Meaning.TOO_MANY_TASKS),
        (500, "Tokens number has exceeded the limit", Meaning.LOGINS_EXCEEDED),
        (5113, "", Meaning.TRAFFIC_USED_UP),
        (1, "流量已超限", Meaning.TRAFFIC_USED_UP),
        (5066, "文件不存在", Meaning.FILE_MISSING),
        (401, "", Meaning.TOKEN_INVALID),
        (42902, "", Meaning.RATE_LIMITED),
        (42903, "", Meaning.RATE_LIMITED),
        (1, "什么", None),
        (None, "", None),
    ],
)
def test_words_go_before_codes(code: int | None, message: str, meaning: Meaning | None) -> None:
    fact = find_fact(code, message)
    assert (fact and fact.meaning) == meaning
