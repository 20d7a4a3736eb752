"""Lines of text: harmless, wrapped, and fitted by importance; and a bar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from pan123_tui.terminal.screen_buffer import to_ascii
from pan123_tui.ui.widgets.styled_text import (
    StatusItem,
    bar_parts,
    fitted_line,
    folded,
    plain_block,
    plain_content,
    wrapped,
)

items = st.lists(
    st.builds(
        StatusItem,
        st.integers(0, 100),
        st.lists(st.text("ab中 ", max_size=20), min_size=1, max_size=4).map(tuple),
    ),
    max_size=5,
)


def test_the_least_important_item_gives_way_first() -> None:
    store = StatusItem(90, ("nothing is saved", "unsaved"))
    budget = StatusItem(10, ("reads 60%", "60%", ""))
    assert fitted_line([store], [budget], 30).plain == "nothing is saved     reads 60%"
    assert fitted_line([store], [budget], 24).plain == "nothing is saved     60%"
    assert fitted_line([store], [budget], 18).plain == "nothing is saved"
    assert fitted_line([store], [budget], 10).plain == "unsaved"


def test_a_line_that_never_fits_is_cut_with_a_sign() -> None:
    assert fitted_line([StatusItem(1, ("abcdef",))], [], 4).plain == "abc…"


@given(items, items, st.integers(0, 60))
def test_no_line_is_ever_wider_than_its_place(
    left: list[StatusItem], right: list[StatusItem], cells: int
) -> None:
    assert fitted_line(left, right, cells).cell_length <= cells


def test_text_from_outside_is_never_markup() -> None:
    content = plain_content("[bold]x[/foo]")
    assert content.plain == "[bold]x[/foo]"
    assert not content.spans
    assert plain_block("[b]one\n\ntwo\x1b").plain == "[b]one\n\ntwo\\x1b"
    for lines in (wrapped("[b]a\x1b b", 6, "bold"), folded("[b]a\x1b b", 6, "bold")):
        assert "".join(line.plain for line in lines).replace(" ", "") == "[b]a\\x1bb"
        assert all(line.cell_length <= 6 for line in lines)
    assert fitted_line([StatusItem(1, ("[b]x\n",))], [], 20).plain == "[b]x\\n"


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 60))
def test_a_bar_is_as_wide_as_asked(percent: float, cells: int) -> None:
    assert cell_len("".join(bar_parts(percent, cells))) == cells


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0, "----------"), (42, "####------"), (99.9, "#########-"), (100, "##########")],
)
def test_a_bar_is_full_only_at_the_end(percent: float, bar: str) -> None:
    assert to_ascii("".join(bar_parts(percent, 10))) == bar


def test_a_bar_is_read_without_colour_and_shows_parts_of_a_cell() -> None:
    bars = ["".join(bar_parts(percent, 2)) for percent in (0, 20, 25, 50, 99, 100)]
    assert bars == ["──", "──", "╸─", "━─", "━╸", "━━"]


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("本程序把链接交给 123云盘，由它下载。", 20, ["本程序把链接交给 123", "云盘，由它下载。"]),
        ("由它在服务器上下载。", 18, ["由它在服务器上下", "载。"]),
        ("请先运行“查看”看看", 10, ["请先运行", "“查看”看看"]),
        ("链接:  文件夹:  批次:", 18, ["链接:  文件夹:", "批次:"]),
        ("失败  待确认  进行中", 18, ["失败  待确认", "进行中"]),
        ("it wraps between words only", 9, ["it wraps", "between", "words", "only"]),
    ],
)
def test_a_line_breaks_within_chinese_sentences(text: str, cells: int, lines: list[str]) -> None:
    assert [line.plain.rstrip() for line in Content(text).wrap(cells)] == lines
