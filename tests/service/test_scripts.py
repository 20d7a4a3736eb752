"""How a task moves, and what the service reads in a create."""

import pytest

from pan123_tui.simulator.requests import FORBIDDEN, parse_create_request
from pan123_tui.simulator.responses import Refusal
from pan123_tui.simulator.scripts import Keyframe, Script, Status

HOST = "https://files.example/"


def test_a_percentage_glides_from_key_to_key_and_jumps_where_two_share_a_time() -> None:
    script = Script(
        (Keyframe(0, 0), Keyframe(10, 50), Keyframe(10, 20), Keyframe(20, 100, Status.SUCCEEDED))
    )
    moments = [script.snapshot_at(at) for at in (0, 5, 10, 15, 20, 999)]
    assert moments == [(0, 0), (25, 0), (20, 0), (60, 0), (100, 2), (100, 2)]


WRONG: dict[str, list[object]] = {
    "url": ["", 5, "ftp://a.example/x", "https://", "https://[::1/x"],
    "dirID": [-1, None, "12a", True],
    "fileName": ["", "  ", None, "x" * 256, *(f"a{char}b.png" for char in sorted(FORBIDDEN))],
    "callBackUrl": ["", "ftp://a.example"],
}


@pytest.mark.parametrize("wrong", [{key: it} for key, values in WRONG.items() for it in values])
def test_a_create_with_a_fault_is_refused_with_code_1_in_chinese(wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal) as no:
        parse_create_request({"url": HOST} | wrong)
    assert no.value.code == 1
    assert any("\u4e00" <= char <= "\u9fff" for char in no.value.message)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"url": HOST + "a/%E9%9B%AA.mp4?x=1"}, "雪.mp4"),
        ({"url": HOST}, "files.example"),
        ({"url": HOST + "a%2Fb%3A.zip"}, "a_b_.zip"),
        ({"url": HOST, "fileName": "片子.mkv"}, "片子.mkv"),  # no image, yet the service takes it
    ],
)
def test_a_file_is_called_as_asked_or_as_its_link_ends(body: dict[str, object], name: str) -> None:
    assert parse_create_request(body).saved_as == name
