"""What is said of an engine: who it is, and the commands that see to the tasks it leaves."""

import re

import pytest

from pan123_tui import i18n
from pan123_tui.wording.engine import program_name, rest_texts


@pytest.mark.parametrize("has_ended", [False, True])
def test_the_commands_in_it_are_those_of_the_profile(*, has_ended: bool) -> None:
    i18n.use_profile("work")
    (line,) = rest_texts(running=0, unsent=1, is_paused=False, has_ended=has_ended)
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
