"""The keys' names, and what is said about those that the user has chosen."""

import re
from pathlib import Path

import pytest
from textual.binding import Binding

from pan123_tui import i18n
from pan123_tui.i18n import key_name
from pan123_tui.ui import keymap
from pan123_tui.ui.add_links.review import ReviewList
from pan123_tui.ui.add_links.screen import AddScreen
from pan123_tui.ui.dashboard.screen import known_bindings
from pan123_tui.ui.dialogs.actions import ActionsScreen
from pan123_tui.ui.dialogs.prompts import ChoiceScreen, TextScreen
from pan123_tui.ui.keymap import (
    OTHER_SCREENS,
    bindings_of,
    check_keys,
    group_of,
)
from pan123_tui.ui.settings.screen import SettingsScreen

ID = re.compile(r'\bid="([a-z_]+\.[a-z_]+)"')

BINDINGS = (
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
        ("less_than_sign", "<", "<"),
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


@pytest.mark.parametrize(
    ("keys", "warnings"),
    [
        ({"tasks.retry": "x,f6", "app.help": "question_mark"}, []),
        ({"tasks.retry": "d", "tasks.remove": "r"}, []),  # they are swapped
        ({"tasks.retyr": "x"}, ["[keys] tasks.retyr: there is no such action."]),
        (
            {"tasks.retry": "ctrl+wobble"},
            ["[keys] tasks.retry: there is no key called ctrl+wobble."],
        ),
        ({"tasks.retry": "cntrl+x"}, ["[keys] tasks.retry: there is no key called cntrl+x."]),
        ({"tasks.retry": "ctrl+shift+f5,+"}, []),
        ({"add.submit": "f2"}, []),  # of another screen, which is not checked
    ],
)
def test_faults_of_the_keys_are_said(keys: dict[str, str], warnings: list[str]) -> None:
    assert check_keys(keys, BINDINGS) == warnings


def test_each_id_stands_for_one_action() -> None:
    ids = [binding.id for binding in known_bindings()]
    assert len(ids) == len(set(ids))


def test_the_keys_that_texts_name_are_those_of_the_bindings() -> None:
    others = bindings_of(
        AddScreen, ReviewList, ActionsScreen, TextScreen, ChoiceScreen, SettingsScreen
    )
    bound = {it.id: key_name(it.key.split(",")[0]) for it in (*known_bindings(), *others)}
    assert i18n.KEYS.items() <= bound.items()


def test_no_group_of_ids_of_other_screens_is_forgotten() -> None:
    sources = Path(keymap.__file__).parent.rglob("*.py")
    ids = {found for file in sources for found in ID.findall(file.read_text())}
    known = {binding.id for binding in known_bindings()}
    assert len(ids) > 40
    assert {group_of(it) for it in ids - known} <= OTHER_SCREENS


def test_what_the_user_wrote_is_shown_without_its_control_characters() -> None:
    (fault,) = check_keys({"a\x1b[31m": "x"}, BINDINGS)
    assert "\x1b" not in str(fault)
