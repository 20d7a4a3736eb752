"""The start of an engine where nobody listens: spawning is a function of the test, sockets are."""

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pan123_tui.client import starter
from pan123_tui.client.protocol import Hello
from pan123_tui.client.starter import LOCKED_CODE, MAX_STARTS, EngineStarter, explained
from pan123_tui.config.paths import AppPaths
from pan123_tui.domain.errors import EngineAbsent, EngineLost, EngineNotStarted, StoreLocked
from pan123_tui.system.folder_lock import FolderLock, bind_socket
from pan123_tui.system.processes import CommandResult
from tests.engine.remote.stage import TIMEOUT_S

Process = subprocess.Popen[bytes]


class Spawned:
    """A process that has ended with `code`, or runs."""

    def __init__(self, code: int | None = None) -> None:
        self._code = code

    def poll(self) -> int | None:
        return self._code


class Machine:
    """Starts engines that do as a test says, and counts them."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.report = folder / "engine.err"
        self.starts = 0
        self._sockets: list[socket.socket] = []
        self.lock = FolderLock(self.data, program="engine")

    def starter(self, spawn: Callable[[], Spawned]) -> EngineStarter:
        def counted() -> Process:
            self.starts += 1
            return cast("Process", spawn())

        paths = AppPaths(self.report.parent, self.data, self.report.parent)
        made = EngineStarter(paths, {})
        made._spawn = counted
        return made

    def listen(self) -> None:
        """Do as an engine that has taken the lock."""
        self.lock.release()
        self.lock = FolderLock(self.data, program="engine").acquire()
        bound, path = bind_socket(self.data)
        self._sockets.append(bound)
        self.lock.add_socket(path)

    def start(self) -> Spawned:
        self.listen()
        return Spawned()

    def end(self) -> None:
        for bound in self._sockets:
            bound.close()
        self.lock.release()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.end()


async def connects(starter: EngineStarter) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        _reader, writer = await starter.connect(may_start=True)
    writer.close()


async def test_where_nobody_listens_the_engine_is_started_once(machine: Machine) -> None:
    found = machine.starter(machine.start)
    for _ in range(2):
        await connects(found)
    await connects(machine.starter(machine.start))
    assert machine.starts == 1


@pytest.mark.parametrize("dies", [False, True])
async def test_an_engine_that_met_one_that_ends_is_started_again_once_that_is_gone(
    machine: Machine, *, dies: bool
) -> None:
    class Locked(Spawned):
        looks = 0

        def poll(self) -> int | None:
            """Have ended before the holder does, which leaves its file where it `dies`."""
            self.looks += 1
            if self.looks == 3 and dies:
                machine.lock._close()
            elif self.looks == 3:
                machine.lock.release()
            return LOCKED_CODE

    def spawn() -> Spawned:
        return Locked() if machine.starts < MAX_STARTS + 2 else machine.start()

    machine.lock.acquire()
    await connects(machine.starter(spawn))
    assert machine.starts == MAX_STARTS + 2


@pytest.mark.parametrize("has_failed", [False, True])
async def test_of_a_unit_that_systemd_has_given_up_or_that_is_late_it_is_said_what_shows_its_words(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, *, has_failed: bool
) -> None:
    monkeypatch.setattr(starter, "UNIT_CHECK_INTERVAL_S", 0.0)

    async def systemctl(_environ: object, *words: str) -> CommandResult:
        assert words == ("is-failed", "it@work")
        return CommandResult(0 if has_failed else 1)

    async def start_unit() -> str:
        return "it@work"

    tried = machine.starter(machine.start)
    tried._start_unit = start_unit  # type: ignore[assignment]
    monkeypatch.setattr(starter, "systemctl", systemctl)
    monkeypatch.setattr(starter, "START_TIMEOUT_S", 1e6 if has_failed else 0.01)
    machine.report.write_text("of last week\n")
    async with asyncio.timeout(TIMEOUT_S):
        with pytest.raises(EngineNotStarted, match=r"^systemctl --user status it@work$"):
            await tried.connect(may_start=True)


async def test_an_engine_that_has_ended_is_no_zombie_after_the_next_try(machine: Machine) -> None:
    def spawn() -> Process:
        machine.listen()
        children.append(subprocess.Popen(["sleep", "600"]))
        return children[0]

    children: list[Process] = []
    tried = machine.starter(cast("Callable[[], Spawned]", spawn))
    await connects(tried)
    machine.end()
    children[0].kill()
    await asyncio.to_thread(os.waitid, os.P_PID, children[0].pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(OSError, match="refused"):
        await tried.connect(may_start=False)
    assert children[0].returncode == -signal.SIGKILL


async def test_an_engine_that_ends_at_once_is_told_with_its_last_lines(machine: Machine) -> None:
    def spawn() -> Spawned:
        machine.report.write_bytes(b"x" * 10_000 + b"\n1\n2\n3\n4\nfull \xff disk\n\n")
        return Spawned(1)

    with pytest.raises(EngineNotStarted) as caught:
        await machine.starter(spawn).connect(may_start=True)
    *_lines, last = str(caught.value).splitlines()
    assert last == "full \ufffd disk"
    assert len(_lines) == starter.MAX_REPORT_LINES - 1
    assert machine.starts == 1


async def test_where_its_words_could_not_be_written_that_is_the_reason(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: str) -> BytesIO:
        if mode == "ab":
            raise OSError(errno.ENOSPC, "No space left on device")
        return BytesIO()

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(EngineNotStarted, match=r"^No space left on device: .*engine\.err$"):
        await machine.starter(lambda: Spawned(1)).connect(may_start=True)


async def test_a_program_that_cannot_be_started_is_explained(machine: Machine) -> None:
    def spawn() -> Spawned:
        raise FileNotFoundError(2, "No such file", "/no/python")

    with pytest.raises(EngineNotStarted, match=r"^No such file: /no/python$"):
        await machine.starter(spawn).connect(may_start=True)


async def test_an_engine_that_dies_is_started_three_times_a_minute_at_most(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(starter, "time", SimpleNamespace(monotonic=lambda: now))

    def spawn() -> Spawned:
        machine.report.write_text(f"reason {machine.starts}\n")
        return Spawned(1)

    tried = machine.starter(spawn)
    for number in range(1, MAX_STARTS + 1):
        now += 1
        with pytest.raises(EngineNotStarted, match=f"reason {number}"):
            await tried.connect(may_start=True)
    for _ in range(3):
        machine.report.write_text("")
        with pytest.raises(EngineNotStarted, match=f"reason {MAX_STARTS}"):
            await tried.connect(may_start=True)
    assert machine.starts == MAX_STARTS
    now += starter.STARTS_WITHIN_S - MAX_STARTS + 1
    with pytest.raises(EngineNotStarted, match=f"reason {MAX_STARTS + 1}"):
        await tried.connect(may_start=True)


async def test_who_may_not_start_an_engine_only_reaches_one(machine: Machine) -> None:
    tried = machine.starter(machine.start)
    with pytest.raises(EngineLost):
        await tried.connect(may_start=False)
    assert machine.starts == 0
    machine.listen()
    _reader, writer = await tried.connect(may_start=False)
    writer.close()
    machine.end()
    with pytest.raises(OSError, match="refused"):
        await tried.connect(may_start=False)
    assert machine.starts == 0


@pytest.mark.parametrize("code", [None, LOCKED_CODE])
async def test_a_holder_that_does_not_answer_is_named(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, code: int | None
) -> None:
    monkeypatch.setattr(starter, "START_TIMEOUT_S", 0.05)
    machine.lock.program = "watch"
    machine.lock.acquire()
    with pytest.raises(StoreLocked) as caught:
        await machine.starter(lambda: Spawned(code)).connect(may_start=True)
    assert caught.value.is_silent
    assert caught.value.pid == os.getpid()
    assert str(caught.value) == "watch"
    lost = EngineLost("cut")
    assert str(explained(lost, None, machine.data)) == "watch"
    assert explained(lost, Hello(id="engine"), machine.data) is lost
    machine.lock.release()
    assert isinstance(explained(lost, None, machine.data), EngineAbsent)


# How its process is started: by its unit, or as a process of its own


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
