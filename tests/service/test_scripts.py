"""The words in a link's path and what they do to its task over time."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from pan123_tui.simulator.requests import FORBIDDEN, parse_create_request
from pan123_tui.simulator.responses import Refusal
from pan123_tui.simulator.scripts import Keyframe, Script, Status, with_uneven_pace
from tests.service.faults import FaultKind
from tests.service.scenarios import KNOWN_WORDS, Arrival, Scenario, scenario_of, words_of
from tests.service.tasks import parse_request

HOST = "https://files.example/"
_TABLE = (Path(__file__).parent / "README.md").read_text("utf-8").partition("## Log-ins")[0]
WORDS = [
    word
    for row in _TABLE.splitlines()
    if row.startswith("| `")
    for word in re.findall(r"`(\w+)`", row.split("|")[1])
]
"""Those that the README explains."""


def scenario(path: str) -> Scenario:
    return scenario_of(HOST + path)


def statuses(script: Script) -> list[int]:
    """Return the statuses in the order of their appearance, without repeats."""
    seen = [script.snapshot_at(tick / 10).status for tick in range(400)]
    return [seen[0], *(after for before, after in pairwise(seen) if after != before)]


def test_a_percentage_glides_from_key_to_key_and_jumps_where_two_share_a_time() -> None:
    script = Script(
        (Keyframe(0, 0), Keyframe(10, 50), Keyframe(10, 20), Keyframe(20, 100, Status.SUCCEEDED))
    )
    moments = [script.snapshot_at(at) for at in (0, 5, 10, 15, 20, 999)]
    assert moments == [(0, 0), (25, 0), (20, 0), (60, 0), (100, 2), (100, 2)]


def test_an_uneven_script_keeps_its_corners_and_never_falls_back_on_a_climb() -> None:
    script = Script((Keyframe(0, 0), Keyframe(100, 100), Keyframe(100, 100, Status.SUCCEEDED)))
    bumpy = with_uneven_pace(script, "seed")
    percents = [bumpy.snapshot_at(at).percent for at in range(101)]
    assert percents == sorted(percents)
    assert (percents[0], percents[-1]) == (0, 100)
    assert len({round(b - a, 1) for a, b in pairwise(percents)}) == 2
    assert with_uneven_pace(script, "seed") == bumpy
    assert with_uneven_pace(script, "other") != bumpy


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.iso", [0, 2]),
        ("fail/a.iso", [0, 1]),
        ("retry/a.iso", [0, 3, 0, 2]),
        ("retry-fail.iso", [0, 3, 0, 1]),
        ("stall/a.iso", [0]),
        ("status13/a.iso", [0, 13, 0, 2]),
        ("RETRY/a.iso", [0, 3, 0, 2]),
        ("failure/stalled.iso", [0, 2]),
    ],
)
def test_words_bend_the_course_of_a_task(path: str, expected: list[int]) -> None:
    assert statuses(scenario(path).script) == expected


@pytest.mark.parametrize(
    ("path", "at", "moments"),
    [
        ("a.iso", (10, 20), [(50, 0), (100, 2)]),
        ("fail/a.iso", (9.9, 10), [(49.5, 0), (0, 1)]),
        ("hundred/a.iso", (12,), [(100, 0)]),
        ("noprogress/a.iso", (0, 19, 20), [(0, 0), (0, 0), (100, 2)]),
        ("stall/a.iso", (11, 1e6), [(50, 0), (50, 0)]),
        ("back/a.iso", (6.6, 6.7, 20), [(44.55, 0), (15.08, 0), (100, 2)]),
    ],
)
def test_words_bend_the_percentage_of_a_task(
    path: str, at: Sequence[float], moments: list[tuple[float, int]]
) -> None:
    found = [scenario(path).script.snapshot_at(moment) for moment in at]
    assert [it.percent for it in found] == pytest.approx([it[0] for it in moments], abs=0.1)
    assert [it.status for it in found] == [it[1] for it in moments]


@pytest.mark.parametrize(
    ("path", "seconds"),
    [
        ("a", 20),
        ("fast/a", 3),
        ("slow/a", 1800),
        ("45s/a", 45),
        ("10min/a", 600),
        ("2h/a", 7200),
        ("stall/a", None),
        ("missing/a", None),
    ],
)
def test_words_set_the_pace(path: str, seconds: float | None) -> None:
    script = scenario(path).script
    assert script.ends_at == seconds
    assert script.forgotten_at == (10 if path == "missing/a" else None)


@pytest.mark.parametrize(
    ("word", "times", "code", "message"),
    [
        ("reject", 99, 2, "解析失败"),
        ("rejectonce", 1, 2, "解析失败"),
        ("toomany", 2, 2, "同时下载的任务超出最大限制，不能下载"),
        ("toomanywords", 2, 1, "the number of download tasks has reached the maximum"),
        ("quota", 99, 5113, "流量已超限"),
        ("busy", 99, 500, "服务繁忙"),
        ("nologin", 99, 1, "无效的登录信息"),
    ],
)
def test_words_refuse_the_create_for_ever_or_a_few_times(
    word: str, times: int, code: int, message: str
) -> None:
    refused = scenario(f"{word}/a").refusal
    assert refused is not None
    for attempt in (1, times):
        with pytest.raises(Refusal) as no:
            refused.check(attempt)
        assert (no.value.code, no.value.message) == (code, message)
    if times < 99:
        refused.check(times + 1)


def test_a_link_can_be_refused_unless_it_is_percent_encoded() -> None:
    refused = scenario("rejectraw/a").refusal
    assert refused is not None
    refused.check(1, HOST + "rejectraw/%E9%9B%AA.iso")
    with pytest.raises(Refusal):
        refused.check(1, HOST + "rejectraw/雪.iso")


def test_words_choose_fault_callback_arrival_size_and_reason() -> None:
    found = scenario("dropafter/filereason/htmlfile/404/700mb/a.iso")
    assert found.fault is FaultKind.DROP_AFTER
    assert found.callback.reason_field == "fileReason"
    assert found.arrival is Arrival.HTML
    assert found.size == 700 * 2**20
    assert "404" in found.fail_reason


def test_every_documented_word_changes_something_and_only_in_the_path() -> None:
    plain = scenario("xyz/a.iso")
    for word in WORDS:
        other = scenario_of(f"{HOST}{word}/a.iso")
        assert other.script != plain.script or (
            other.refusal,
            other.fault,
            other.callback,
            other.arrival,
            other.size % 2**20,
            other.loses_folder,
        ) != (None, None, plain.callback, Arrival.WHOLE, plain.size % 2**20, False), word
    assert words_of("https://fail.example/a?retry=1#stall") == ("a",)
    assert set(WORDS) >= KNOWN_WORDS, "explain it in the README"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ""},
        {"url": 5},
        {"url": "ftp://a.example/x"},
        {"url": "https://"},
        {"url": "https://[::1/x"},
        {"url": HOST, "dirID": -1},
        {"url": HOST, "dirID": None},
        {"url": HOST, "dirID": "12a"},
        {"url": HOST, "dirID": True},
        {"url": HOST, "fileName": ""},
        {"url": HOST, "fileName": "  "},
        {"url": HOST, "fileName": None},
        {"url": HOST, "fileName": "x" * 256},
        *({"url": HOST, "fileName": f"a{char}b.png"} for char in sorted(FORBIDDEN)),
        {"url": HOST, "callBackUrl": ""},
        {"url": HOST, "callBackUrl": "ftp://a.example"},
    ],
)
def test_a_create_with_a_fault_is_refused_with_code_1_in_chinese(body: dict[str, object]) -> None:
    with pytest.raises(Refusal) as no:
        parse_create_request(body)
    assert no.value.code == 1
    assert any("\u4e00" <= char <= "\u9fff" for char in no.value.message)


@pytest.mark.parametrize(("sent", "meant"), [("10023", 10023), (0, None), ("0", None)])
def test_a_folder_may_come_as_text_and_0_means_the_default_folder(
    sent: object, meant: int | None
) -> None:
    assert parse_create_request({"url": HOST, "dirID": sent}).dir_id == meant


def test_a_name_without_an_image_suffix_is_refused_only_by_the_strict_rule() -> None:
    body = {"url": HOST, "fileName": "片子.mkv"}
    assert parse_create_request(body).file_name == "片子.mkv"
    with pytest.raises(Refusal, match="图片格式"):
        parse_request(body, strict_names=True)
    assert parse_request({**body, "fileName": "a.PNG"}, strict_names=True).file_name == "a.PNG"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (HOST + "a/%E9%9B%AA.mp4?x=1", "雪.mp4"),
        (HOST, "files.example"),
        (HOST + "a%2Fb%3A.zip", "a_b_.zip"),
    ],
)
def test_a_file_without_a_name_is_called_as_its_link_ends(url: str, name: str) -> None:
    assert parse_create_request({"url": url}).saved_as == name
