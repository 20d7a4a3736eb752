"""A folder full of modules that shout: none runs, whatever of the program is used there."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journey.terminal import PROGRAM, Terminal
from tests.service.server import SimulatorServer
from tests.shell import Shell

SCRIPT = (str(Path(sys.executable).with_name("pan123-tui")),)
NAMES = (
    *("asyncio", "click", "httpx", "json", "logging", "msgspec", "pyperclip", "rich", "socket"),
    *("subprocess", "textual", "tinydb", "tomllib", "webbrowser"),
)
SHOUT = "open({heard!r}, 'a').write(__name__ + ' ')\nraise SystemExit(9)\n"
TOOL = """#!/bin/sh
case "$*" in *-o*) echo http://b.example/copied.zip ;; *) cat > "$0.copied" ;; esac
echo "$@" >> "$0.ran"
"""
LINK = "http://a.example/first.zip"


@pytest.fixture
def user(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A user in the folder of the modules, with a display, a clipboard tool and a browser."""
    folder, bins = tmp_path / "downloads", tmp_path / "bin"
    folder.mkdir()
    bins.mkdir()
    for name in (*NAMES, "pan123_tui"):
        (folder / f"{name}.py").write_text(SHOUT.format(heard=str(tmp_path / "heard")))
    for name in ("xclip", "browser", "systemctl"):
        (bins / name).write_text(TOOL)
        (bins / name).chmod(0o700)
    monkeypatch.chdir(folder)
    path = f"{bins}:/usr/bin:/bin"
    shell.extra_environ |= {"PATH": path, "DISPLAY": ":99", "BROWSER": f"{bins}/browser %s"}
    shell.extra_environ |= {"HOME": str(tmp_path), "WAYLAND_DISPLAY": ""}
    hook = ["python3", "-c", f"import json; open({str(bins / 'hook.ran')!r}, 'a')"]
    shell.configure(f"[hooks]\non_end = {hook}\n")
    return shell


@pytest.mark.long
@pytest.mark.parametrize("program", [SCRIPT, PROGRAM], ids=["script", "module"])
def test_no_code_of_the_current_folder_runs(
    user: Shell, service: SimulatorServer, tmp_path: Path, program: tuple[str, ...]
) -> None:
    bins = tmp_path / "bin"

    def has_run(name: str) -> bool:
        return (bins / f"{name}.ran").exists()

    if program is PROGRAM:  # Python itself finds the package there
        Path("pan123_tui.py").unlink()
    with Terminal(environ=user.environ, program=program) as terminal:
        terminal.sees("No downloads yet")
        terminal.press("w")
        terminal.waits(lambda: has_run("xclip"), "the clipboard was not read")
        terminal.press("p")
        terminal.sees("1 link to queue")
        terminal.press("ctrl+s")
        terminal.sees("copied.zip")
        terminal.press("o")
        terminal.waits(lambda: has_run("browser"), "no browser was opened")
        terminal.press("y")
        terminal.waits((bins / "xclip.copied").exists, "nothing was copied")
        terminal.waits(lambda: has_run("hook"), "the engine ran no hook")
        terminal.press("Q")
        assert terminal.ends(within_s=20) == 0
    for words in ("add " + LINK, "wait all", "list --json", "status", "doctor", "stop"):
        ran = subprocess.run(
            [*program, *words.split()],
            env=user.environ,
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
    (bins / "hook.ran").unlink()
    own = dict.fromkeys(("PAN123_DATA_DIR", "PAN123_CONFIG_DIR", "PAN123_ACCESS_TOKEN"), "")
    home = user.environ | own | {"PAN123_BASE_URL": ""}
    subprocess.run([*program, "service", "install"], env=home, check=True, capture_output=True)
    unit = (tmp_path / ".config/systemd/user/pan123-tui.service").read_text()
    line = shlex.split(unit.partition("ExecStart=")[2].partition("\n")[0])
    with subprocess.Popen(line, env=user.environ, stderr=subprocess.DEVNULL) as watch:
        try:
            subprocess.run(
                [*program, "add", "--again", LINK], env=user.environ, check=True, timeout=60
            )
            user.wait_until(lambda: has_run("hook"))
        finally:
            watch.terminate()
    assert not (tmp_path / "heard").exists(), (tmp_path / "heard").read_text()
