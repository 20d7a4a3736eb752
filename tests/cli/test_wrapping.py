"""Messages break between words, and keep each character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pan123_tui.cli.wrapping import wrapped_lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Die Überprüfungsergebnisse", ["Die", "Überprüfungsergebnisse"]),
        ("Другие делаишки", ["Другие", "делаишки"]),
        ("Run “stop”. Then “ x", ["Run “stop”.", "Then “ x"]),
        ("由它在服务器上（x）下载。", ["由它在服务器", "上（x）下", "载。"]),
        ("请先运行“查看”看看", ["请先运行“查", "看”看看"]),
    ],
)
def test_a_line_breaks_at_blanks_and_between_chinese_characters(
    text: str, lines: list[str]
) -> None:
    assert list(wrapped_lines(text, 12)) == lines


@given(
    st.text(st.sampled_from("“”（） 《》。？a-ü’影é\n") | st.characters(), max_size=60),
    st.integers(0, 30),
)
def test_no_visible_character_disappears(text: str, cells: int) -> None:
    assert "".join("".join(wrapped_lines(text, cells)).split()) == "".join(text.split())
