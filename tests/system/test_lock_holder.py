"""The file that names who holds a data folder."""

import os
from pathlib import Path

from pan123_tui.system.lock_holder import add_socket, read_holder, read_socket, write_holder


def test_the_holders_file_names_the_socket(tmp_path: Path) -> None:
    write_holder(tmp_path, "watch")
    assert read_socket(tmp_path) is None
    for name in ("one.sock", "二.sock"):
        add_socket(tmp_path, tmp_path / name)
    assert read_socket(tmp_path) == tmp_path / "二.sock"
    assert read_holder(tmp_path) == (os.getpid(), "watch")
