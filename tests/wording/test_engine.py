"""What is said of an engine: who it is, and what becomes of the tasks after a screen has gone."""

import re
from typing import Any

import pytest

from pan123_tui import i18n
from pan123_tui.wording.engine import (
    does_not_answer,
    keeps_account,
    program_name,
    rest_texts,
)

WAYS = "“pan123-tui” shows the list; “pan123-tui stop” ends the engine."
PAUSED = "Sending is paused: “pan123-tui resume” resumes it."
LOGIN_1 = "Not sent yet: 1 link. Run “pan123-tui login” first."
UNSENT_1 = "Not sent yet: 1 link. The queue goes on when “pan123-tui” runs again."
UNSENT_2 = "Not sent yet: 2 links. The queue goes on when “pan123-tui” runs again."
CARRIES_ON_1 = "The engine carries on with 1 download."
UNWATCHED_1 = "1 running download goes on at 123pan, but is no longer watched."
UNWATCHED_2 = "2 running downloads go on at 123pan, but are no longer watched."
NOTHING: dict[str, Any] = {"running": 0, "unsent": 0, "is_paused": False}

GOES_ON: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"running": 1}, [f"{CARRIES_ON_1} {WAYS}"]),
    ({"unsent": 3}, [f"The engine carries on with 3 links. {WAYS}"]),
    ({"running": 1, "unsent": 1}, [f"The engine carries on with 1 download and 1 link. {WAYS}"]),
    (
        {"running": 2, "unsent": 12},
        [f"The engine carries on with 2 downloads and 12 links. {WAYS}"],
    ),
    ({"unsent": 2, "is_paused": True}, [PAUSED]),
    (
        {"running": 1, "unsent": 2, "is_paused": True},
        [f"{CARRIES_ON_1} {WAYS}", PAUSED],
    ),
    ({"running": 2, "unsent": 1, "needs_account": True}, [LOGIN_1, UNWATCHED_2]),
    (
        {"running": 1, "host": "ser\x1bver"},
        [f"{CARRIES_ON_1} On ser\\x1bver, “pan123-tui stop” ends the engine."],
    ),
]
"""Tasks while the engine goes on → the lines."""


ENDED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"running": 1}, [UNWATCHED_1]),
    ({"unsent": 2}, [UNSENT_2]),
    ({"running": 2, "unsent": 1}, [UNSENT_1, UNWATCHED_2]),
    ({"unsent": 2, "is_paused": True}, [UNSENT_2, PAUSED]),
]
"""Tasks after the engine has ended → the lines."""


@pytest.mark.parametrize(("facts", "lines"), GOES_ON)
def test_what_goes_on_is_named_with_the_ways_to_see_and_to_end_it(
    facts: dict[str, Any], lines: list[str]
) -> None:
    assert rest_texts(**(NOTHING | facts), has_ended=False) == lines


@pytest.mark.parametrize(("facts", "lines"), ENDED)
def test_what_is_left_undone_by_an_engine_that_has_ended_is_named(
    facts: dict[str, Any], lines: list[str]
) -> None:
    assert rest_texts(**(NOTHING | facts), has_ended=True) == lines


@pytest.mark.parametrize("has_ended", [False, True])
@pytest.mark.parametrize("facts", [facts for facts, _lines in GOES_ON + ENDED])
def test_no_english_is_left_in_chinese(facts: dict[str, Any], *, has_ended: bool) -> None:
    i18n.set_language("zh")
    for line in rest_texts(**(NOTHING | facts), has_ended=has_ended):
        words = re.sub(r"“[^”]*”|ser\\x1bver", "", line)
        assert not re.findall("[A-Za-z]+", words), line
        assert re.search(r"[。]\Z", line), line


@pytest.mark.parametrize("has_ended", [False, True])
def test_the_commands_in_it_are_those_of_the_profile(*, has_ended: bool) -> None:
    i18n.use_profile("work")
    (line,) = rest_texts(**(NOTHING | {"unsent": 1}), has_ended=has_ended)
    commands = re.findall("“(pan123-tui[^”]*)”", line)
    assert commands
    assert all(command.startswith("pan123-tui --profile work") for command in commands)


@pytest.mark.parametrize(
    ("program", "pid", "name"),
    [
        ("engine", 7, "The engine (pid 7)"),
        ("watch", 7, "pan123-tui watch (pid 7)"),
        ("", 7, "Another pan123-tui (pid 7)"),
        ("one of tomorrow", None, "Another pan123-tui (pid ?)"),
    ],
)
def test_a_holder_is_named_with_its_number(program: str, pid: int | None, name: str) -> None:
    assert program_name(program, pid) == name


def test_trouble_with_an_engine_is_said_with_what_helps() -> None:
    assert does_not_answer("engine", 7) == (
        "The engine (pid 7) does not answer. “kill 7” ends it, and nothing is lost. If it was"
        " suspended, “kill -CONT 7” resumes it."
    )
    assert keeps_account("engine", 7, "PAN123_ACCESS_TOKEN") == (
        "The engine (pid 7) still uses the account of PAN123_ACCESS_TOKEN, which is set in its"
        " environment: start it again without PAN123_ACCESS_TOKEN."
    )
