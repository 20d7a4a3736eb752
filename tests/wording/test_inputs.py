"""What is wrong with a search line is said in a few words."""

import pytest

from pan123_tui.domain.filter import FIELD_WORDS
from pan123_tui.domain.selection import SelectionError, parse_selection
from pan123_tui.wording.inputs import filter_faults, selection_error_text

NO_FIELD = f"no such field; use quotes to search for the text, or one of {', '.join(FIELD_WORDS)}"


def test_a_fault_is_said_with_its_place() -> None:
    assert filter_faults("iso size>2") == [(4, 10, "this must be a size such as 500MB or 1.5GB")]


def test_the_states_of_a_fault_can_be_typed_as_they_stand_there() -> None:
    ((_start, _end, reason),) = filter_faults("state:held")
    words = reason.removeprefix("no such state; the states are ").split(", ")
    assert words[:2] == ["queued", "sending"]
    assert not any(filter_faults(f"state:{word}") for word in words)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("age<2", "“age<2”: this must be a time such as 30s, 5m, 2h, 3d or 1w. Example: it 12"),
        ("stat:x", f"“stat:x”: {NO_FIELD}. Example: it 12"),
        ("stat:\x1b[31m", "“stat:\\x1b[31m”: no such field"),
    ],
)
def test_a_word_of_a_command_that_is_wrong_is_named_with_an_example(word: str, text: str) -> None:
    with pytest.raises(SelectionError) as caught:
        parse_selection([word])
    assert selection_error_text(caught.value, "it 12").startswith(text)
