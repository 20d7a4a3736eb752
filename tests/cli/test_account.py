"""`login` and `logout`: what they ask for, what they refuse, and what they leave behind."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

from pan123_tui.cli import account
from pan123_tui.simulator.faults import FaultKind
from pan123_tui.simulator.oauth import APP_ID, REFRESH_TOKEN
from pan123_tui.simulator.server import SimulatorServer
from tests.engine_stage import generous_world
from tests.shell import Shell


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(generous_world()) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    """A user without an account."""
    return Shell(tmp_path, service.base_url, token="")


@pytest.fixture
def offline(tmp_path: Path) -> Shell:
    """The same, where nobody answers."""
    return Shell(tmp_path, token="")


def test_a_refused_login_leaves_no_profile_that_was_not_there(shell: Shell) -> None:
    ran = shell.call("login", "--refresh-token", "--profile", "rt", stdin=f"re\n{APP_ID}\n\n")
    assert (ran.code, "Nothing was changed." in ran.err) == (3, True)
    assert shell.call("profiles").out.count("\n") == 1
    assert not any("rt" in folders for _path, folders, _files in os.walk(shell.folder))
    (shell.folder / "config" / "profiles" / "old").mkdir(parents=True)
    assert shell.call("login", "--token", "--profile", "old", stdin="wrong\n").code == 3
    assert "old" in shell.call("profiles").out


def test_a_refused_login_keeps_the_refresh_token_that_it_got(
    shell: Shell, service: SimulatorServer
) -> None:
    service.world.faults.add(FaultKind.LOGIN_INVALID, "user_info", times=None)
    lines = f"{REFRESH_TOKEN}\n{APP_ID}\n\n"
    assert shell.call("login", "--refresh-token", "--profile", "rt", stdin=lines).code == 3
    service.world.faults.clear()
    ran = shell.call("login", "--refresh-token", "--profile", "rt", stdin=lines)
    assert "Logged in as" in ran.err


def test_a_refused_login_names_both_causes_unless_the_service_says_which(shell: Shell) -> None:
    ran = shell.call("login", "--refresh-token", stdin=f"{REFRESH_TOKEN}\nwrong-app\n\n")
    assert "The log-in was refused. Check client id and secret" in ran.err
    assert "client_id或client_secret错误" in ran.err
    ran = shell.call("login", "--refresh-token", stdin=f"used-up\n{APP_ID}\n\n")
    assert "The log-in has ended: its refresh token is refused." in ran.err


def test_login_names_the_missing_line_and_the_order_of_all(offline: Shell) -> None:
    ran = offline.call("login", stdin="a-token\n")
    assert ran.code == 2
    assert "Client secret: line 2 is missing or empty." in ran.err
    assert "“pan123-tui login --token”" in ran.err
    ran = offline.call("login", "--refresh-token", stdin="x\n\n\n")
    assert "Client id: line 2 is missing or empty." in ran.err
    assert "1 Refresh token, 2 Client id, 3 Client secret, if any." in ran.err
    ran = offline.call("login", "--refresh-token", stdin="x\na b\n\n")
    assert "Client id: only letters" in ran.err


def test_login_with_a_token_says_that_nothing_came_and_how_to_try_again(
    offline: Shell, shell: Shell
) -> None:
    ran = offline.call("login", "--token")
    assert (ran.code, "Access token: nothing was typed or piped." in ran.err) == (2, True)
    assert "login --token" not in ran.err
    ran = shell.call("login", "--token", stdin="wrong\n")
    assert ran.code == 3
    assert "run “pan123-tui login --token” again" in ran.err
    assert "“pan123-tui login”" not in ran.err


def test_a_secret_that_is_given_as_an_argument_is_not_repeated(offline: Shell) -> None:
    ran = offline.call("login", "--token", "my-secret")
    assert (ran.code, "paste it at the prompt" in ran.err) == (2, True)
    assert "my-secret" not in ran.err


def test_only_secrets_are_hidden_while_they_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden: dict[str, bool] = {}

    def prompt(text: str, *, hide_input: bool, **_options: object) -> str:
        hidden[text] = hide_input
        return "typed"

    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr("sys.stdin", Mock())
    assert account._read_lines(account._LOGIN) == ["typed"] * 3
    assert hidden == {"Refresh token:": True, "Client id:": False, "Client secret, if any:": True}


def test_the_simulated_service_prints_what_each_login_takes(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(*, on_ready: Callable[[str], object], **_options: object) -> None:
        on_ready(shell.base_url)

    monkeypatch.setattr("pan123_tui.simulator.server.serve", serve)
    monkeypatch.setattr("signal.signal", Mock())
    printed = shell.call("simulate").err
    for options in ([], ["--token"], ["--refresh-token"]):
        start = re.escape(" ".join(["  pan123-tui", "login", *options]))
        (line,) = re.findall(rf"^{start}  .*$", printed, re.MULTILINE)
        values = re.findall(r"sim-[a-z-]+", line)
        ran = shell.call("login", *options, stdin="\n".join(values) + "\n")
        assert "Logged in as" in ran.err


def test_logout_says_whether_somebody_was_logged_in(offline: Shell) -> None:
    offline.call("login", "--token", stdin="a-token\n")
    assert offline.call("logout").err == "Logged out; the tasks stay.\n"
    assert offline.call("logout").err == "Nobody was logged in.\n"
    offline.token = "a-token"
    ran = offline.call("logout")
    assert ran.err == "Nobody was logged in.\nThe environment still has an account.\n"
