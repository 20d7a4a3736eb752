"""Files that only their owner may read, replaced all or nothing."""

import errno
import os
import re
import stat
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from pan123_tui.system.private_files import (
    NotRegularFile,
    insecure_mode,
    make_private_folder,
    read_regular,
    restrict_permissions,
    sync_folder,
    write_private,
    write_synced,
)


@pytest.mark.parametrize(("number", "is_raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_file_system_that_cannot_sync_folders_is_no_error_but_a_broken_disk_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, is_raised: bool
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no") if is_raised else nullcontext():
        sync_folder(tmp_path)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_new_files_and_folders_are_private(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    before = os.umask(0)
    try:
        write_private(path, b"x")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"x"
    assert [mode(p) for p in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    make_private_folder(tmp_path)
    assert mode(tmp_path) == 0o755


def test_a_failed_replacement_leaves_the_old_file_and_no_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_private(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o777, 0o620])
def test_a_wrong_mode_is_reported_and_fixed(bits: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(bits)
    assert insecure_mode(path) == bits
    restrict_permissions(path)
    assert mode(path) == bits & 0o700
    assert insecure_mode(path) is None


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_only_a_regular_file_is_opened_and_nothing_waits(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "file"
    make(path)
    with pytest.raises(NotRegularFile, match="not a regular file"):
        read_regular(path)
    with pytest.raises(OSError, match=re.escape(str(path))):
        write_synced(path, b"x")
