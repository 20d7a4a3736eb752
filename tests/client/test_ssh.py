"""The way to an engine on another machine: what ssh answers, with a script in its place."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from pan123_tui import i18n
from pan123_tui.bootstrap import error_message, exit_code
from pan123_tui.client import ssh
from pan123_tui.client.ssh import READY_LINE, SshLine, SshTarget, relay
from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.domain.errors import EngineLost, HostTrouble, HostUnreachable
from tests.engine.remote.stage import TIMEOUT_S

READY = f"printf '{READY_LINE.decode()[:-1]}\\n'"
SEEN = "/ssh -p 22 -t me@server 'pan123-tui --profile work'”"
FakeSsh = Callable[..., SshLine]


@pytest.fixture
def fake_ssh(tmp_path: Path) -> FakeSsh:
    """Return a function that makes a script of lines stand in for ssh."""

    def make(*lines: str, remote_command: str = "pan123-tui", profile: str = "") -> SshLine:
        script = tmp_path / "ssh"
        script.write_text("\n".join(("#!/bin/sh", f'echo "$@" >> {tmp_path}/calls', *lines, "")))
        script.chmod(0o755)
        return SshLine(SshTarget("me@server", (str(script), "-p", "22"), remote_command, profile))

    return make


async def test_what_a_shell_prints_before_the_engine_is_skipped(fake_ssh: FakeSsh) -> None:
    line = fake_ssh("printf 'Welcome!\\nno end of line'", READY, "exec cat")
    await asyncio.to_thread(line.open)
    reader, writer = await line.connect(may_start=True)
    writer.write(b"frame")
    assert await reader.readexactly(5) == b"frame"
    writer.close()
    line.close()


async def test_ssh_gets_the_variables_of_this_machine_but_not_its_account(
    fake_ssh: FakeSsh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (*ACCOUNT_VARIABLES.values(), "SSH_AUTH_SOCK"):
        monkeypatch.setenv(name, f"value-of-{name}")
    line = fake_ssh(f"env > {tmp_path}/environment", READY, "exec cat")
    await asyncio.to_thread(line.open)
    line.close()
    told = (tmp_path / "environment").read_text()
    assert "value-of-SSH_AUTH_SOCK" in told
    assert "value-of-PAN123" not in told


async def test_only_the_first_ssh_may_ask_and_report_and_the_next_one_takes_its_place(
    fake_ssh: FakeSsh, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    reports = 'case "$*" in *BatchMode*) echo reported >&2;; esac'
    session = f"{sys.executable} -S -c 'import os; print(os.getsid(0))' >> {tmp_path}/sessions"
    program = {"remote_command": "~/bin/pan123", "profile": "work"}
    line = fake_ssh(reports, session, READY, "exec cat", **program)
    await asyncio.to_thread(line.open)
    former, first = await line.connect(may_start=True)
    reader, second = await line.connect(may_start=True)
    async with asyncio.timeout(TIMEOUT_S):
        assert await former.read() == b""
    first.close()
    with pytest.raises(EngineLost):
        await line.connect(may_start=False)
    line.close()
    async with asyncio.timeout(TIMEOUT_S):
        assert await reader.read() == b""
    second.close()
    assert line._reports is not None
    line._reports.join(TIMEOUT_S)
    calls = (tmp_path / "calls").read_text().splitlines()
    assert ["BatchMode=yes" in call for call in calls] == [False, True]
    for call in calls:
        assert call.startswith("-p 22 -T ")
        assert call.endswith(" me@server ~/bin/pan123 --profile work engine --stdio")
    sessions = (tmp_path / "sessions").read_text().split()
    assert [it == str(os.getsid(0)) for it in sessions] == [True, False], "none can ask later"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("end", "trouble", "advice", "chinese"),
    [
        ("exit 127", HostTrouble.NO_PROGRAM, "--remote-command", "--remote-command"),
        ("exit 255", HostTrouble.SSH_FAILED, " -p 22 me@server”", " -p 22 me@server”"),
        ("exit 2", HostTrouble.OTHER_VERSION, "and another one on me@server", "同一版本"),
        ("exit 4", HostTrouble.ENDED, SEEN, SEEN),
        ("echo Welcome", HostTrouble.ENDED, SEEN, SEEN),
        ("yes | head -c 200000", HostTrouble.ENDED, SEEN, SEEN),
    ],
)
async def test_each_end_before_the_engine_is_explained(
    fake_ssh: FakeSsh,
    capfd: pytest.CaptureFixture[str],
    end: str,
    trouble: HostTrouble,
    advice: str,
    chinese: str,
) -> None:
    line = fake_ssh("echo reported >&2", end, profile="work")
    with pytest.raises(HostUnreachable) as caught:
        await asyncio.to_thread(line.open)
    assert caught.value.trouble is trouble
    assert capfd.readouterr().err.startswith("reported\n")
    assert "me@server" in error_message(caught.value)
    assert advice in error_message(caught.value)
    assert exit_code(caught.value) == 4
    i18n.set_language("zh")
    assert chinese in error_message(caught.value)


def test_a_missing_ssh_is_explained() -> None:
    line = SshLine(SshTarget("server", ("/no/such/ssh",)))
    with pytest.raises(HostUnreachable) as caught:
        line.open()
    assert "Install OpenSSH" in error_message(caught.value)


async def test_a_host_that_does_not_answer_is_given_up_and_tried_again(
    fake_ssh: FakeSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "RECONNECT_TIMEOUT_S", 0.05)
    line = fake_ssh(READY, "exec cat")
    await asyncio.to_thread(line.open)
    _reader, writer = await line.connect(may_start=True)
    writer.close()
    fake_ssh("exec sleep 60")
    with pytest.raises(TimeoutError):
        await line.connect(may_start=True)
    fake_ssh(READY, "exec cat")
    monkeypatch.undo()
    _reader, writer = await line.connect(may_start=True)
    writer.close()
    line.close()


async def test_an_ssh_that_does_not_end_holds_up_nothing(fake_ssh: FakeSsh) -> None:
    line = fake_ssh("trap '' TERM", READY, "exec cat")
    await asyncio.to_thread(line.open)
    _reader, first = await line.connect(may_start=True)
    assert line._process is not None
    threads: list[threading.Thread] = []
    wait = line._process.wait

    def noted(timeout: float | None = None) -> int:
        threads.append(threading.current_thread())
        return wait(timeout)

    line._process.wait = noted  # type: ignore[method-assign]
    _reader, second = await line.connect(may_start=True)
    assert threading.main_thread() not in threads
    first.close()
    second.close()
    line.close()


@pytest.mark.parametrize("is_engine_first", [False, True])
def test_bytes_are_passed_on_at_once_both_ways_until_one_side_ends(
    *, is_engine_first: bool
) -> None:
    (engine, connection), (screen, stdio) = socket.socketpair(), socket.socketpair()
    engine.settimeout(TIMEOUT_S)
    screen.settimeout(TIMEOUT_S)
    relaying = Thread(target=relay, args=(connection, stdio.fileno(), stdio.fileno()), daemon=True)
    with engine, connection, screen, stdio:
        relaying.start()
        assert screen.recv(100) == READY_LINE
        screen.sendall(b"hello")
        assert engine.recv(100) == b"hello"
        engine.sendall(b"hello, screen")
        assert screen.recv(100) == b"hello, screen"
        (engine if is_engine_first else screen).shutdown(socket.SHUT_WR)
        relaying.join(TIMEOUT_S)
        assert not relaying.is_alive()
        screen.close()
        for thread in threading.enumerate():
            if thread.name == "relay":
                thread.join(TIMEOUT_S)
