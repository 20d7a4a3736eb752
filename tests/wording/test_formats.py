"""Formatted states, times, sizes, counts and explanations of problems."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from pan123_tui import i18n
from pan123_tui.domain.task import Shown
from pan123_tui.terminal.screen_buffer import to_ascii
from pan123_tui.wording import formats
from pan123_tui.wording.notes import batch_title

NOON = 1_750_000_000.0

IN_EVERY_FONT = {*map(chr, range(33, 127)), *"©«»‹›∆−◊¢£¥¦¬¯√×•▸"}
"""Signs of DejaVu Sans Mono, Noto Sans Mono, JetBrains Mono, Hack and Cascadia Mono.
As those of frames, some are wide in terminals set up for Chinese, which get ASCII.
"""


@pytest.mark.parametrize("shown", Shown)
def test_each_word_has_a_glyph_of_its_own(shown: Shown) -> None:
    others = {formats.shown_glyph(other) for other in Shown if other is not shown}
    assert formats.shown_glyph(shown) in IN_EVERY_FONT - others
    assert to_ascii(formats.shown_glyph(shown)) in {chr(n) for n in range(33, 127)}


FORMATTED: dict[Callable[[float], str], Sequence[dict[float, str]]] = {
    formats.duration: [
        {-3: "0 s", 0: "0 s", 31: "35 s", 60: "1 min", 3599: "59 min", 7200: "2 h"},
        {7800: "2 h 10 min", 86400: "1 d", 90000: "1 d 1 h"},
    ],
    formats.ago: [{30: "just now", 60: "1 min ago", 3600: "1 h ago", 86400: "1 d ago"}],
    formats.coarse_ago: [{30: "now", 60: "1 min", 599: "9 min", 899: "14 min", 3600: "1 h"}],
    formats.eta: [
        {59: "< 1 min left", 60: "~1 min left", 310: "~5 min left", 1400: "~25 min left"},
        {3419: "~55 min left", 3420: "~1 h left", 4600: "~1 h left", 36000: "~10 h left"},
        {90000: "~1 d left", 200000: "~2 d left"},
    ],
    formats.size: [
        {1023: "1023 B", 1536: "1.5 KB", 99.9 * 1024: "99.9 KB", 100 * 1024: "100 KB"},
        {999 * 1024: "999 KB", 1000 * 1024: "1.0 MB", 1024**2 - 1: "1.0 MB"},
        {2 * 1024**4: "2.0 TB", 1024**4 * 5000: "5,000 TB"},
    ],
}


def test_chinese_says_in_a_column_that_an_age_is_past() -> None:
    i18n.set_language("zh")
    assert formats.coarse_ago(30) == "刚刚"
    assert formats.coarse_ago(700) == "11 分钟前"


@pytest.mark.parametrize("formatted", FORMATTED)
def test_a_number_is_no_more_precise_than_it_is_felt(formatted: Callable[[float], str]) -> None:
    for values in FORMATTED[formatted]:
        assert {value: formatted(value) for value in values} == values


@pytest.mark.parametrize(
    ("days", "expected", "without_seconds"),
    [
        (0, "%H:%M:%S", "%H:%M"),
        (1, "%m-%d %H:%M", "yesterday %H:%M"),
        (9, "%m-%d %H:%M", "%m-%d %H:%M"),
        (800, "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M"),
    ],
)
def test_a_moment_not_of_today_has_a_date(days: int, expected: str, without_seconds: str) -> None:
    at = NOON - days * 86400
    assert formats.moment(at, NOON) == time.strftime(expected, time.localtime(at))
    assert formats.day_and_hour(at, NOON) == time.strftime(without_seconds, time.localtime(at))


@pytest.mark.parametrize(
    ("at", "now", "expected"),
    [
        ("2026-10-25 14:05", "2026-10-25 23:30", "14:05"),
        ("2026-10-24 14:05", "2026-10-25 23:30", "yesterday 14:05"),
        ("2026-03-29 14:05", "2026-03-30 00:30", "yesterday 14:05"),
    ],
)
def test_the_day_before_is_yesterday_when_the_clocks_change(
    at: str, now: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        unix = [datetime.fromisoformat(it).timestamp() for it in (at, now)]
        assert formats.day_and_hour(*unix) == expected
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("at", [-1.0, 1e18, 1e300])
def test_an_impossible_time_of_a_damaged_file_is_none(at: float) -> None:
    assert formats.moment(at, NOON) == formats.day_and_hour(at, NOON) == "-"


@pytest.mark.parametrize(
    ("value", "decimals", "words"),
    [(0, 0, "0%"), (62.7, 0, "62%"), (99.99, 0, "99%"), (99.99, 1, "99.9%"), (100, 0, "100%")],
)
def test_a_percentage_is_never_rounded_up(value: float, decimals: int, words: str) -> None:
    assert formats.percent(value, decimals=decimals) == words


@pytest.mark.parametrize("label", ["2026-11-25", "2026-11-25T14:05:33", "1999-01-01 09:00"])
def test_a_label_that_looks_like_a_time_is_shown_as_it_was_typed(label: str) -> None:
    assert batch_title(label, NOON) == f"Batch {label}"
