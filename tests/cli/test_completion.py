"""Completion in real shells, by typing and pressing tab."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal
from tests.samples import a_task
from tests.shell import Shell

SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "--interactive"),
}
LOAD = {
    "bash": 'eval "$(pan123-tui completions bash)"; echo ready $?',
    "zsh": 'autoload -U compinit; compinit -i; eval "$(pan123-tui completions zsh)"; echo ready $?',
    "fish": "pan123-tui completions fish | source; echo ready $status",
}
TABS_THAT_LIST = {"bash": 2, "zsh": 1, "fish": 1}


@pytest.fixture
def typing(tmp_path: Path, name: str) -> Iterator[Terminal]:
    """An interactive shell that has loaded the completion, and has the program on its path."""
    user = Shell(tmp_path)
    folders = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environ = user.environ | folders | {"PATH": path, "TERM": "xterm"}
    with Terminal(environ=environ, program=SHELLS[name], rows=70) as terminal:
        terminal.press(LOAD[name], "enter")
        terminal.sees("ready 0")
        yield terminal


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.needs(name)) for name in SHELLS]
)
def test_a_tab_completes_in_each_shell(typing: Terminal, tmp_path: Path, name: str) -> None:
    typing.press("pan123-tui ", *(["\t"] * TABS_THAT_LIST[name]))
    typing.sees("status")
    typing.sees("completions")
    typing.misses("running")
    typing.press("\x15pan123-tui list sta\t")
    typing.sees("pan123-tui list state:")
    typing.press("\x15pan123-tui --as\t")
    typing.sees("pan123-tui --ascii")
    assert {path.name for path in tmp_path.iterdir()}.isdisjoint({"data", "config", "state"})
    Shell(tmp_path).store(a_task(1, url="https://h/a", batch="night"))
    quote = "'" if name == "bash" else ""  # to which a colon ends a word outside quotes
    typing.press(f"\x15pan123-tui list {quote}batch:ni\t")
    typing.sees(f"list {quote}batch:night")
