"""Any bytes from the terminal become text."""

from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.ui.terminal.input_parser import TolerantDecoder

CHINESE = "下载地址 https://a.example/电影.mkv，密码 123\n"
CHUNKS = st.lists(st.integers(1, 9), min_size=1)


def decoded(data: bytes, sizes: list[int]) -> str:
    decoder, parts, at = TolerantDecoder(), list[str](), 0
    while at < len(data):
        size = sizes[len(parts) % len(sizes)]
        parts.append(decoder.decode(data[at : at + size]))
        at += size
    return "".join(parts) + decoder.flush()


@given(st.text(), CHUNKS)
def test_utf_8_arrives_whole_however_it_is_cut(text: str, sizes: list[int]) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert decoded(text.encode(), sizes) == text


def test_chinese_from_a_gbk_terminal_is_read() -> None:
    assert TolerantDecoder().decode(CHINESE.encode("gbk")) == CHINESE


def test_a_gbk_character_cut_in_two_by_the_end_of_a_read_is_read() -> None:
    data = CHINESE.encode("gbk")
    decoder = TolerantDecoder()
    assert decoder.decode(data[:5]) + decoder.decode(data[5:]) == CHINESE


def test_one_invalid_byte_among_utf_8_costs_one_character() -> None:
    data = "链接".encode() + b"\xff" + "密码".encode()
    assert TolerantDecoder().decode(data) == "链接\N{REPLACEMENT CHARACTER}密码"


@given(st.binary(max_size=40), st.binary(max_size=40), CHUNKS)
def test_no_byte_raises_or_swallows_a_link(before: bytes, after: bytes, sizes: list[int]) -> None:
    link = b" https://a.example/x "
    assert link.decode() in decoded(before + link + after, sizes)


def test_the_beginning_of_a_character_waits_and_is_given_up() -> None:
    decoder = TolerantDecoder()
    assert decoder.decode(b"a\xe9") == "a"
    assert decoder.is_waiting
    assert decoder.flush() == "\N{REPLACEMENT CHARACTER}"
    assert not decoder.is_waiting
