"""Every command that the READMEs name, run on the simulated service in the order of a day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_stage import generous_world
from tests.project.test_readme import CHINESE, ENGLISH, commands
from tests.service.accounts import CLIENT_ID, CLIENT_SECRET
from tests.service.server import SimulatorServer
from tests.shell import FinishedCommand, Shell

FATES = {word: f"https://example.com/{word}/a.iso" for word in ("good", "fail", "fine")}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with SimulatorServer(generous_world(speed=200)) as server:
        more = {"XDG_STATE_HOME": str(tmp_path / "state")}
        yield Shell(tmp_path, server.base_url, token="", extra_environ=more)


class Day:
    """Runs commands and remembers which."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self.done: set[str] = set()

    def runs(self, *words: str, stdin: str = "", code: int = 0) -> FinishedCommand:
        ran = self._shell.call(*words, stdin=stdin)
        assert ran.code == code, f"{words}: {ran.err}"
        self.done.add(words[0])
        return ran


def named() -> set[str]:
    """Return the commands after `pan123-tui`, without its own options."""
    words = [words[0] for text in (ENGLISH, CHINESE) for words in commands(text) if words]
    return {word for word in words if word.isascii() and word.isalpha() and word.islower()} - {
        "update"
    }


@pytest.mark.long
def test_every_command_that_is_named_does_its_work(shell: Shell) -> None:
    day = Day(shell)
    assert "Logged in" in day.runs("login", stdin=f"{CLIENT_ID}\n{CLIENT_SECRET}\n").err
    day.runs("status", "--all-profiles")
    day.runs("manual")
    day.runs("doctor")
    day.runs("add", *FATES.values())
    day.runs("wait", "1", "2", "3", code=1)  # one has failed
    day.runs("watch", "--until-done")
    listed = day.runs("list").out
    assert "done" in listed
    assert "failed" in listed
    day.runs("wait", "1")
    assert day.runs("url", "1").out.startswith("https://cdn.example.com/")
    day.runs("retry", "state:failed")
    day.runs("remove", "3")
    assert FATES["good"] in day.runs("list", "--links").out
    assert "complete" in day.runs("completions", "bash").out
    day.runs("status")  # the retry has started the engine
    day.runs("stop")
    day.runs("status", code=1)
    day.runs("logout")
    assert named() - day.done == set()
