"""The file that names who holds a data folder."""

import os
import socket
import stat
from pathlib import Path

import pytest

from pan123_tui.system.lock_holder import (
    HOLDER_NAME,
    add_socket,
    is_listening,
    is_running,
    live_holder,
    read_holder,
    read_socket,
    write_holder,
)


def test_the_holders_file_is_private_and_names_the_newest_socket(tmp_path: Path) -> None:
    assert (read_holder(tmp_path), read_socket(tmp_path)) == ((None, ""), None)
    write_holder(tmp_path, "pan123-tui watch")
    assert stat.S_IMODE((tmp_path / HOLDER_NAME).stat().st_mode) == 0o600
    assert read_socket(tmp_path) is None
    for name in ("one.sock", "二.sock"):
        add_socket(tmp_path, tmp_path / name)
    assert read_socket(tmp_path) == tmp_path / "二.sock"
    assert read_holder(tmp_path) == live_holder(tmp_path) == (os.getpid(), "pan123-tui watch")


def test_only_a_living_holder_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # whose own path may be too long for a socket
    assert not is_listening(tmp_path)
    write_holder(tmp_path, "engine")
    assert not is_listening(tmp_path)
    add_socket(tmp_path, Path("engine.sock"))
    assert not is_listening(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("engine.sock")
        assert is_listening(tmp_path)
        (tmp_path / HOLDER_NAME).write_text("99999999 engine\nengine.sock\n")
        assert live_holder(tmp_path) == (None, "")
        assert not is_listening(tmp_path)


def test_a_process_of_another_user_is_not_disturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[int, int]] = []

    def refuse(pid: int, number: int) -> None:
        sent.append((pid, number))
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert is_running(4711)
    assert sent == [(4711, 0)]
