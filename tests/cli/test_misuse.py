"""What a command can neither do nor write is said in a sentence, and nothing is lost by it."""

import subprocess
import sys
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from pan123_tui import __main__
from pan123_tui.cli.program import COMMANDS
from pan123_tui.client import engine_client
from tests.shell import Shell

URL = "https://example.com/fast/a.iso"


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_demo_its_commands_do_nothing_to_the_real_list(idle: Shell, command: str) -> None:
    ran = idle.call("--demo", command, "all")
    is_for_accounts = command in ("doctor", "login", "logout", "service", "watch")
    said = "leave out --demo for this command." if is_for_accounts else "No demo is running."
    assert (ran.code, ran.out, said in ran.err) == (1 + is_for_accounts, "", True)
    help_text = idle.call("--demo", command, "--help")
    assert (help_text.code, f"pan123-tui {command}" in help_text.out) == (0, True)
    assert not idle.data.exists()


def run_on_full_output(shell: Shell, *arguments: str) -> tuple[int, str]:
    command: Sequence[str] = [sys.executable, "-m", "pan123_tui", *arguments]
    environ = shell.environ | {"PYTHONUNBUFFERED": ""}
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no path of ours
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=environ, check=False, text=True
        )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "line", ["list", "list --json", "status", "doctor", "manual keys", "completions bash", "-h"]
)
def test_a_full_output_is_said_and_ends_with_1(idle: Shell, line: str) -> None:
    idle.queue(URL)
    code, said = run_on_full_output(idle, *line.split())
    assert code == 1
    assert said.startswith("pan123-tui: ")
    assert (said.count("\n"), "No space left on device" in said) == (1, True)


def test_where_the_links_cannot_be_written_no_task_is_removed(idle: Shell) -> None:
    idle.queue(URL)
    assert run_on_full_output(idle, "remove", "all")[0] == 1
    assert [task["url"] for task in idle.tasks()] == [URL]


def test_a_data_folder_that_is_open_to_others_is_said_where_links_go_into_it(idle: Shell) -> None:
    idle.data.mkdir(parents=True)
    idle.data.chmod(0o755)
    assert f"{idle.data} is open to others" in idle.call("add", URL).err


def test_doctor_goes_on_beside_a_data_folder_that_cannot_be_one(idle: Shell) -> None:
    idle.data.parent.mkdir(parents=True, exist_ok=True)
    idle.data.touch()
    ran = idle.call("doctor")
    assert "Not a directory" in ran.out
    assert "\naccount " in ran.out
    before = idle.data.stat().st_mode
    assert idle.call("resume").code != 0
    assert idle.data.stat().st_mode == before


def test_a_umask_that_leaves_nobody_anything_makes_no_folder_unusable(idle: Shell) -> None:
    add = f"umask 0777; {sys.executable} -m pan123_tui add {URL}"
    subprocess.run(["sh", "-c", add], env=idle.environ, check=True, capture_output=True)
    for path in (idle.data, idle.data / "tasks.json", idle.data / "state" / "pan123-tui.log"):
        assert path.stat().st_mode & 0o600 == 0o600, path


def test_an_engine_of_another_version_is_called_that(
    idle: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle.queue(URL)
    idle.start_engine()
    monkeypatch.setattr(engine_client, "PROTOCOL", 0)
    ran = idle.call("list", "--json")
    assert "The engine and this program are different versions." in ran.err
    assert ran.err.endswith("This is what was saved last.\n")
    assert [task["url"] for task in ran.json] == [URL]


def test_ctrl_c_while_the_program_is_imported_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "pan123_tui.cli.main", SimpleNamespace(main=interrupt))
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert end.value.code == 130
