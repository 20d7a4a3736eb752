"""The options of `--host`, and what is said where its screen cannot open."""

import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from pan123_tui.cli import program
from pan123_tui.client.ssh import SshTarget
from tests.journey.terminal import Terminal


def target_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Return the target that `arguments` open, or the code with which they are refused."""
    opened: list[object] = []

    def open_dashboard(target: object, **_options: object) -> int:
        opened.append(target)
        return 0

    monkeypatch.setattr("pan123_tui.programs.dashboard.open_dashboard", open_dashboard)
    result = CliRunner().invoke(program.program, arguments)
    return opened[0] if opened else result.exit_code


def test_the_options_name_the_machine_and_both_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    assert target_of(monkeypatch) is None
    assert target_of(monkeypatch, "--host", "me@server") == SshTarget("me@server")
    more = ["--ssh-command", "ssh -p 2222", "--remote-command", "~/bin/pan123-tui"]
    expected = SshTarget("server", ("ssh", "-p", "2222"), "~/bin/pan123-tui")
    assert target_of(monkeypatch, "--host", "server", *more) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "-oProxyCommand=reboot"],
        ["--host", ""],
        ["--host", "a b"],
        ["--host", "server", "--ssh-command", ""],
        ["--host", "server", "--ssh-command", "'"],
        ["--host", "server", "--remote-command", ""],
        ["--host", "server", "--demo"],
        ["--host", "server", "list"],
    ],
)
def test_wrong_hosts_are_refused(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert target_of(monkeypatch, *arguments) == 2


def test_the_wait_for_ssh_can_be_interrupted(tmp_path: Path) -> None:
    environ = {"PAN123_DATA_DIR": str(tmp_path), "PAN123_CONFIG_DIR": str(tmp_path / "config")}
    ssh = "sh -c 'echo asking >&2; exec sleep 60'"
    with Terminal("--host", "server", "--ssh-command", ssh, environ=environ) as terminal:
        terminal.sees("asking")
        terminal.press("\x03")
        assert terminal.ends(within_s=60) == 128 + signal.SIGINT
