"""What is shown of untrusted text, and of a percentage."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pan123_tui.terminal.render_filters import to_ascii
from pan123_tui.ui.widgets.styled_text import bar_parts, plain_content


def test_text_from_outside_is_never_markup() -> None:
    content = plain_content("[bold]x[/foo]")
    assert content.plain == "[bold]x[/foo]"
    assert not content.spans


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 60))
def test_a_bar_is_as_wide_as_asked(percent: float, cells: int) -> None:
    assert cell_len("".join(bar_parts(percent, cells))) == cells


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0, "----------"), (42, "####------"), (99.9, "#########-"), (100, "##########")],
)
def test_a_bar_is_full_only_at_the_end(percent: float, bar: str) -> None:
    assert to_ascii("".join(bar_parts(percent, 10))) == bar


def test_a_bar_is_read_without_colour_and_has_no_sign_of_doubtful_width() -> None:
    bar = "".join(bar_parts(50, 10))
    assert len(set(bar)) == 2
    assert all(unicodedata.east_asian_width(sign) == "N" for sign in bar)
