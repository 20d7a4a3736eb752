"""`service`: what it writes, and what it has systemd do."""

import sys
from pathlib import Path

import pytest

from tests.shell import Shell

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$HOME/asked"
[ "$2" = "$FAILS" ] && { echo "Failed: systemctl's own words" >&2; exit 1; }
exit 0
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/systemctl").write_text(SYSTEMCTL)
    (tmp_path / "bin/systemctl").chmod(0o700)
    return tmp_path


@pytest.fixture
def shell(home: Path) -> Shell:
    own = ("PAN123_DATA_DIR", "PAN123_CONFIG_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    unset = dict.fromkeys((*own, "XDG_STATE_HOME", "PAN123_BASE_URL"), "")
    environ = {"HOME": str(home), "PATH": f"{home}/bin:/bin:/usr/bin"}
    return Shell(home, token="", extra_environ=environ | unset)


@pytest.mark.parametrize("profile", ["", "work"])
def test_the_unit_runs_this_program_and_is_enabled_shown_and_removed_without_a_rest(
    shell: Shell, home: Path, profile: str
) -> None:
    options = ["--profile", profile] if profile else []
    if profile:
        (home / ".config/pan123-tui/profiles/work").mkdir(mode=0o700, parents=True)
    name = f"pan123-tui@{profile}" if profile else "pan123-tui"
    file = home / f".config/systemd/user/{name}.service"
    assert shell.run(*options, "service", "status").code == 1
    ran = shell.run(*options, "service", "install")
    assert (ran.code, f"Written: {file}" in ran.err, "linger" in ran.err) == (0, True, True)
    words = " ".join(("-m pan123_tui", *options, "watch --wait-for-login"))
    assert f'\nExecStart="{sys.executable}" -P {words}\n' in file.read_text()
    assert shell.run(*options, "service", "status").code == 0
    assert shell.run(*options, "service", "remove").code == 0
    assert not list(file.parent.iterdir())
    asked = (home / "asked").read_text().splitlines()
    assert [it for it in asked if it != "--user show-environment"] == [
        "--user daemon-reload",
        f"--user enable --now {name}",
        f"--user status --no-pager --lines=0 {name}",
        f"--user disable --now {name}",
        "--user daemon-reload",
    ]
    again = shell.run(*options, "service", "remove")
    assert (again.code, again.err) == (0, "Nothing was installed.\n")


def test_what_systemd_refuses_is_shown_and_where_it_cannot_be_reached_a_sentence_says_what_to_do(
    shell: Shell, home: Path
) -> None:
    shell.extra_environ["FAILS"] = "show-environment"  # as without a bus of the user
    ran = shell.run("service", "install")
    assert (ran.code, "enable-linger" in ran.err, "tmux" in ran.err) == (1, True, True)
    assert "own words" not in ran.err
    assert not (home / ".config/systemd").exists()
    shell.extra_environ["FAILS"] = "enable"
    ran = shell.run("service", "install")
    assert (ran.code, "own words" in ran.err) == (1, True)
    shell.extra_environ["PATH"] = str(home)
    ran = shell.run("service", "install")
    assert (ran.code, "There is no systemd" in ran.err) == (1, True)


@pytest.mark.parametrize("is_there", [True, False])
def test_where_systemd_cannot_be_reached_the_files_go_and_the_next_step_is_said(
    shell: Shell, home: Path, is_there: bool
) -> None:
    assert shell.run("service", "install").code == 0
    units = home / ".config/systemd/user"
    enabled = units / "default.target.wants/pan123-tui.service"
    enabled.parent.mkdir()
    enabled.symlink_to(units / "pan123-tui.service")  # as systemd does
    shell.extra_environ |= {"FAILS": "show-environment"} if is_there else {"PATH": str(home)}
    ran = shell.run("service", "remove")
    assert (ran.code, "could not be told" in ran.err, "pan123-tui stop" in ran.err) == (
        1,
        True,
        True,
    )
    assert not [it for it in units.rglob("*") if it.is_symlink() or it.is_file()]
    assert shell.run("service", "remove").err == "Nothing was installed.\n"


def test_a_service_that_would_not_see_the_account_of_this_shell_is_not_installed(
    shell: Shell, home: Path
) -> None:
    shell.extra_environ["PAN123_ACCESS_TOKEN"] = "a-token"
    ran = shell.run("service", "install")
    assert (ran.code, "would not see" in ran.err) == (2, True)
    assert not (home / ".config/systemd").exists()
