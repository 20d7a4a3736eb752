"""How the engine's process is started: by its unit, or as a process of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pan123_tui.client import starter
from pan123_tui.config.paths import AppPaths
from pan123_tui.system.processes import CommandResult


class Tools:
    """The systemd of a test, and the processes that would be started."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, *, is_enabled: bool = False, starts: bool = True
    ) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.started: list[list[str]] = []
        self.options: dict[str, Any] = {}
        self._answers = {
            "is-enabled": CommandResult(0, b"enabled\n" if is_enabled else b"static\n"),
            "start": CommandResult(0 if starts else 1),
        }
        monkeypatch.setattr(starter, "run_command", self._run)
        monkeypatch.setattr(subprocess, "Popen", self._popen)

    async def _run(self, command: tuple[str, ...], **_options: object) -> CommandResult:
        self.asked.append(command)
        return self._answers[command[2]]

    def _popen(self, command: list[str], **options: Any) -> str:
        self.started.append(command)
        self.options = options
        return "process"


async def started(
    folder: Path,
    environ: Mapping[str, str],
    *options: str,
    profile: str = "",
    has_account: bool = True,
) -> object:
    """Start the engine of a user, who usually has an account on disk."""
    config = folder / "config"
    config.mkdir()
    if has_account:
        (config / "credentials.toml").write_text('access_token = "x"\n')
        (config / "credentials.toml").chmod(0o600)
    made = starter.EngineStarter(AppPaths(config, folder, folder, profile), environ, *options)
    await made._start()
    return made._started


@pytest.mark.parametrize(
    ("environ", "profile", "unit"),
    [
        ({}, "", "pan123-tui"),
        ({"PAN123_LANG": "zh", "PAN123_DATA_DIR": ""}, "", "pan123-tui"),
        ({"PAN123_PROFILE": "work", "XDG_DATA_HOME": ""}, "work", "pan123-tui@work"),
        ({"PAN123_DATA_DIR": "/x"}, "", None),
        ({"PAN123_CONFIG_DIR": "/x"}, "", None),
        ({"PAN123_ACCESS_TOKEN": "y"}, "", None),
        ({"PAN123_BASE_URL": "https://example.com"}, "", None),
        ({"XDG_DATA_HOME": "/x"}, "", None),
        ({"XDG_CONFIG_HOME": "/x"}, "", None),
        ({"XDG_STATE_HOME": "/x"}, "", None),
    ],
)
async def test_an_enabled_unit_is_started_unless_it_knows_nothing_of_this_shells_folder_or_account(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environ: dict[str, str],
    profile: str,
    unit: str | None,
) -> None:
    tools = Tools(monkeypatch, is_enabled=True)
    assert await started(tmp_path, environ, profile=profile) == (unit or "process")
    asked = [("systemctl", "--user", it, unit) for it in ("is-enabled", "start") if unit]
    assert (tools.asked, len(tools.started)) == (asked, 0 if unit else 1)


@pytest.mark.parametrize(("is_enabled", "starts"), [(False, True), (True, False)])
async def test_without_a_unit_that_starts_the_engine_is_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, is_enabled: bool, starts: bool
) -> None:
    tools = Tools(monkeypatch, is_enabled=is_enabled, starts=starts)
    assert await started(tmp_path, {}) == "process"
    (command,) = tools.started
    assert command == [sys.executable, "-P", "-m", "pan123_tui", "engine"]


async def test_the_engine_starts_elsewhere_finds_relative_folders_and_its_words_replace_former_ones(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools = Tools(monkeypatch)
    monkeypatch.chdir(tmp_path)
    (tmp_path / starter.REPORT_NAME).write_text("Killed\n")
    await started(tmp_path, {"PAN123_DATA_DIR": "data", "PAN123_CONFIG_DIR": "", "LANG": "x"})
    assert tools.options["cwd"] == "/"
    named = {"PAN123_DATA_DIR": str(tmp_path / "data"), "PAN123_CONFIG_DIR": "", "LANG": "x"}
    assert tools.options["env"] == named
    assert tools.options["start_new_session"]
    assert (tmp_path / starter.REPORT_NAME).read_text() == ""


async def test_the_engine_starts_without_the_folder_for_its_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Tools(monkeypatch)
    (tmp_path / starter.REPORT_NAME).mkdir()
    assert await started(tmp_path, {}) == "process"


@pytest.mark.parametrize(("options", "has_account"), [((), False), (("--demo",), True)])
async def test_without_an_account_or_in_a_demo_the_unit_is_never_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: tuple[str, ...], *, has_account: bool
) -> None:
    tools = Tools(monkeypatch, is_enabled=True)
    await started(tmp_path, {}, *options, has_account=has_account)
    assert (tools.asked, len(tools.started)) == ([], 1)
    assert tools.started[0][4:] == ["engine", *options]
