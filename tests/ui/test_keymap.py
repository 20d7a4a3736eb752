"""The keys' names, and what is said about those that the user has chosen."""

import pytest
from textual.binding import Binding

from pan123_tui.ui.keymap import KeyDraft, KeyWarningKind, check_keys, key_name

SCOPE = (
    Binding("r", "retry", "retry", id="tasks.retry"),
    Binding("d,delete", "remove", "remove", id="tasks.remove"),
    Binding("question_mark,f1", "help", "help", id="app.help"),
)


@pytest.mark.parametrize(
    ("key", "name", "ascii_name"),
    [
        ("ctrl+a", "ctrl+a", "ctrl+a"),
        ("question_mark", "?", "?"),
        ("asterisk", "*", "*"),
        ("enter", "enter", "enter"),
        ("shift+tab", "shift+tab", "shift+tab"),
        ("up", "↑", "up"),
        ("ctrl+right", "ctrl+→", "ctrl+right"),
        ("G", "G", "G"),
        ("f5", "f5", "f5"),
    ],
)
def test_a_key_is_named_as_it_stands_on_the_keyboard(key: str, name: str, ascii_name: str) -> None:
    assert key_name(key) == name
    assert key_name(key, is_ascii=True) == ascii_name


def test_keys_that_are_free_are_taken_without_a_word() -> None:
    assert check_keys({"tasks.retry": "x,f6", "app.help": "question_mark"}, [SCOPE]) == []


def test_two_actions_may_swap_their_keys() -> None:
    assert check_keys({"tasks.retry": "d", "tasks.remove": "r"}, [SCOPE]) == []


def test_an_action_that_does_not_exist_is_reported() -> None:
    (fault,) = check_keys({"tasks.retyr": "x"}, [SCOPE])
    assert fault.kind is KeyWarningKind.UNKNOWN_ID
    assert "tasks.retyr" in str(fault)


def test_a_key_that_does_not_exist_is_reported() -> None:
    (fault,) = check_keys({"tasks.retry": "ctrl+wobble"}, [SCOPE])
    assert str(fault) == "[keys] tasks.retry: there is no key called ctrl+wobble."


def test_a_key_that_another_action_has_is_reported_with_that_action() -> None:
    (fault,) = check_keys({"tasks.retry": "?"}, [SCOPE])
    assert str(fault) == "[keys] tasks.retry: ? is the key of app.help too."


def test_the_same_key_on_another_screen_is_no_conflict() -> None:
    other = (Binding("x", "leave", "leave", id="add.leave"),)
    assert check_keys({"tasks.retry": "x"}, [SCOPE, other]) == []


def test_what_the_user_wrote_is_shown_without_its_control_characters() -> None:
    (fault,) = check_keys({"a\x1b[31m": "x"}, [SCOPE])
    assert "\x1b" not in str(fault)


MORE = (
    Binding("x", "skip", "skip", id="tray.skip"),
    Binding("r", "again", "again", id="tray.again"),
    Binding("question_mark,f1", "help", "help", id="app.help"),
)


def test_a_free_key_replaces_the_keys_of_an_action_or_is_added() -> None:
    draft = KeyDraft({}, [SCOPE, MORE])
    replaced, added = (draft.with_key("tasks.remove", "x", is_added=it) for it in (False, True))
    assert replaced is not None
    assert replaced.overrides == {"tasks.remove": "x"}
    assert added is not None
    assert added.keys("tasks.remove") == ["d", "delete", "x"]
    assert added.changes_from({"tasks.remove": "x"}) == {"tasks.remove": "d,delete,x"}


def test_a_key_of_another_action_of_the_same_screen_is_taken_from_it() -> None:
    draft = KeyDraft({}, [SCOPE, MORE])
    assert draft.owners("r", "tasks.remove") == ["tasks.retry"]
    assert draft.owners("question_mark", "tray.skip") == ["app.help"]
    changed = draft.with_key("tasks.retry", "d")
    assert changed is not None
    assert changed.overrides == {"tasks.retry": "d", "tasks.remove": "delete"}
    assert changed.conflicts() == []


def test_an_action_never_loses_its_last_key() -> None:
    draft = KeyDraft({}, [SCOPE])
    swapped = draft.with_key("tasks.remove", "r")
    assert swapped is not None
    assert (swapped.keys("tasks.remove"), swapped.keys("tasks.retry")) == (["r"], ["d", "delete"])
    assert swapped.conflicts() == []
    assert draft.with_key("tasks.remove", "r", is_added=True) is None


def test_an_action_that_goes_before_every_field_is_not_left_with_a_letter() -> None:
    palette = Binding("ctrl+p", "palette", "all actions", id="app.palette", priority=True)
    draft = KeyDraft({}, [[*SCOPE, palette]])
    assert draft.with_key("tasks.retry", "ctrl+p") is None
    changed = draft.with_key("app.palette", "r")
    assert changed is not None
    assert changed.keys("tasks.retry") == ["ctrl+p"]


def test_the_default_keys_come_back_one_by_one_or_all_and_need_no_line() -> None:
    saved = {"tasks.retry": "q", "tasks.remove": "d, delete", "tasks.fly": "z", "app.help": "h"}
    draft = KeyDraft(saved, [SCOPE, MORE])
    assert draft.changes_from(saved) == {}, "a line that says the default stays"
    assert draft.without("tasks.retry").changes_from(saved) == {"tasks.retry": None}
    assert draft.without().overrides == {}
    back = draft.with_key("tasks.retry", "r")
    assert back is not None
    assert back.changes_from(saved) == {"tasks.retry": None}


def test_a_comma_is_written_as_a_word_since_it_stands_between_keys() -> None:
    changed = KeyDraft({}, [SCOPE]).with_key("tasks.retry", "comma")
    assert changed is not None
    assert changed.overrides == {"tasks.retry": "comma"}
    assert changed.keys("tasks.retry") == ["comma"]
