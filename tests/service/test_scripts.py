"""The words in a link's path and what they do to its task over time."""

from itertools import pairwise

import pytest

from pan123_tui.simulator.requests import FORBIDDEN, parse_create_request
from pan123_tui.simulator.responses import Refusal
from pan123_tui.simulator.scripts import Keyframe, Script, Snapshot, Status, with_uneven_pace
from tests.service.faults import FaultKind
from tests.service.scenarios import WORDS, Arrival, Scenario, scenario_of, words_of
from tests.service.tasks import parse_request

HOST = "https://files.example/"


def scenario(path: str) -> Scenario:
    return scenario_of(HOST + path)


def statuses(script: Script, *, seconds: int = 40) -> list[int]:
    """Return the statuses in the order of their appearance, without repeats."""
    seen: list[int] = []
    for tick in range(seconds * 10):
        status = script.snapshot_at(tick / 10).status
        if not seen or seen[-1] != status:
            seen.append(status)
    return seen


def test_a_percentage_glides_from_key_to_key_and_jumps_where_two_share_a_time() -> None:
    script = Script(
        (Keyframe(0, 0), Keyframe(10, 50), Keyframe(10, 20), Keyframe(20, 100, Status.SUCCEEDED))
    )
    assert [script.snapshot_at(at) for at in (0, 5, 10, 15, 20, 999)] == [
        Snapshot(0, 0),
        Snapshot(25, 0),
        Snapshot(20, 0),
        Snapshot(60, 0),
        Snapshot(100, 2),
        Snapshot(100, 2),
    ]


def test_an_uneven_script_keeps_its_corners_and_never_falls_back_on_a_climb() -> None:
    script = Script((Keyframe(0, 0), Keyframe(100, 100), Keyframe(100, 100, Status.SUCCEEDED)))
    bumpy = with_uneven_pace(script, "seed")
    percents = [bumpy.snapshot_at(at).percent for at in range(101)]
    assert percents == sorted(percents)
    assert percents[0] == 0
    assert percents[-1] == 100
    assert len({round(b - a, 1) for a, b in pairwise(percents)}) == 2
    assert with_uneven_pace(script, "seed") == bumpy
    assert with_uneven_pace(script, "other") != bumpy


def test_a_plain_link_succeeds_after_twenty_seconds() -> None:
    script = scenario("a.iso").script
    assert statuses(script) == [0, 2]
    assert script.ends_at == 20
    assert script.snapshot_at(10).percent == 50


@pytest.mark.parametrize(
    ("path", "expected"),
    [
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


def test_a_failure_drops_the_percentage_to_zero() -> None:
    script = scenario("fail/a.iso").script
    assert script.ends_at is not None
    assert script.snapshot_at(script.ends_at - 0.1).percent > 40
    assert script.snapshot_at(script.ends_at) == Snapshot(0, Status.FAILED)


def test_hundred_stands_at_a_hundred_percent_while_it_still_runs() -> None:
    assert scenario("hundred/a.iso").script.snapshot_at(12) == Snapshot(100, Status.RUNNING)


def test_noprogress_says_zero_until_it_is_done() -> None:
    script = scenario("noprogress/a.iso").script
    assert {script.snapshot_at(at).percent for at in range(20)} == {0}
    assert script.snapshot_at(20) == Snapshot(100, Status.SUCCEEDED)


def test_back_falls_behind_what_it_had_reached() -> None:
    script = scenario("back/a.iso").script
    percents = [script.snapshot_at(at).percent for at in range(21)]
    assert percents != sorted(percents)
    assert percents[-1] == 100


def test_a_stalled_task_never_ends_and_never_moves_again() -> None:
    script = scenario("stall/a.iso").script
    assert script.ends_at is None
    assert script.snapshot_at(11) == script.snapshot_at(1e6) == Snapshot(50, Status.RUNNING)


def test_a_missing_task_is_forgotten_on_its_way() -> None:
    assert scenario("missing/a.iso").script.forgotten_at == 10


@pytest.mark.parametrize(
    ("path", "seconds"),
    [("fast/a", 3), ("slow/a", 1800), ("45s/a", 45), ("10min/a", 600), ("2h/a", 7200)],
)
def test_words_set_the_pace(path: str, seconds: float) -> None:
    assert scenario(path).script.ends_at == seconds


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("reject/a", 2, "解析失败"),
        ("toomany/a", 2, "同时下载的任务超出最大限制，不能下载"),
        ("toomanywords/a", 1, "the number of download tasks has reached the maximum"),
        ("quota/a", 5113, "流量已超限"),
    ],
)
def test_words_refuse_the_create(path: str, code: int, message: str) -> None:
    refused = scenario(path).refusal
    assert refused is not None
    with pytest.raises(Refusal) as no:
        refused.check(1)
    assert (no.value.code, no.value.message) == (code, message)


def test_some_refusals_give_way_after_a_few_attempts() -> None:
    for word, times in (("rejectonce", 1), ("toomany", 2)):
        refused = scenario(f"{word}/a").refusal
        assert refused is not None
        with pytest.raises(Refusal):
            refused.check(times)
        refused.check(times + 1)


def test_words_choose_fault_callback_arrival_size_and_reason() -> None:
    found = scenario("dropafter/filereason/htmlfile/404/700mb/a.iso")
    assert found.fault is FaultKind.DROP_AFTER
    assert found.callback.reason_field == "fileReason"
    assert found.arrival is Arrival.HTML
    assert found.size == 700 * 2**20
    assert "404" in found.fail_reason


def test_every_documented_word_changes_something() -> None:
    plain = scenario("xyz/a.iso")
    for words in WORDS:
        for word in words.split(", "):
            other = scenario_of(f"{HOST}{word}/a.iso")
            assert other.script != plain.script or (
                other.refusal,
                other.fault,
                other.callback,
                other.arrival,
                other.size % 2**20,
                other.loses_folder,
            ) != (None, None, plain.callback, Arrival.WHOLE, plain.size % 2**20, False), word


def test_only_the_path_has_words() -> None:
    assert words_of("https://fail.example/a?retry=1#stall") == ("a",)


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


def test_a_link_can_be_refused_unless_it_is_percent_encoded() -> None:
    refused = scenario("rejectraw/a").refusal
    assert refused is not None
    refused.check(1, HOST + "rejectraw/%E9%9B%AA.iso")
    with pytest.raises(Refusal):
        refused.check(1, HOST + "rejectraw/雪.iso")


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
