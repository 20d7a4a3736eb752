"""What a link to look at says about the scheme that was added to it."""

import pytest

from pan123_tui.wording.links import look_text, verdict_text
from tests.domain.links.found import links_in


@pytest.mark.parametrize(
    ("text", "scheme"),
    [("192.168.1.5:8080/a.zip", "http://"), ("nas.example.org:443/a.zip", "https://")],
)
def test_the_scheme_that_was_added_is_the_one_named(text: str, scheme: str) -> None:
    (row,) = links_in(text)
    assert verdict_text(row) == f"look: {scheme} added?"
    assert look_text(row) == f"{scheme} was missing and has been added."
