"""The log is small and private, holds no secrets, and never causes errors."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui.config.paths import AppPaths
from pan123_tui.system import log
from pan123_tui.system.log import start_log, stop_log

LOGGER = logging.getLogger("pan123_tui.test")


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[AppPaths]:
    yield AppPaths(tmp_path / "config", tmp_path / "data", tmp_path / "state")
    stop_log()


def log_lines(paths: AppPaths) -> list[str]:
    return paths.log_file.read_text(encoding="utf-8").splitlines()


def test_a_line_holds_time_level_module_and_message(paths: AppPaths) -> None:
    for _ in range(2):  # the second one replaces the first
        start_log(paths.log_file)
    LOGGER.warning("task %d is odd", 7)
    stop_log()
    LOGGER.error("it is not kept")
    first, _again, line = log_lines(paths)
    assert "INFO system.log: pan123-tui" in first
    assert line[10] == "T"
    assert line.endswith("Z WARNING test: task 7 is odd")


def test_secrets_tokens_and_signatures_are_not_in_it(paths: AppPaths) -> None:
    start_log(paths.log_file, secrets=["hunter2"])
    LOGGER.info("%s", "Bearer abcdef and hunter2 at https://me:pw@host/f.bin?sign=xyz")
    try:
        raise ValueError("https://host/f?sign=xyz of hunter2")
    except ValueError:
        LOGGER.exception("it broke")
    text = "\n".join(log_lines(paths))
    assert "it broke" in text
    assert "ValueError: https://host/f?… of …" in text
    for secret in ("abcdef", "hunter2", "me:pw", "xyz"):
        assert secret not in text.replace('raise ValueError("https://host/f?sign=xyz', "")


def test_a_message_is_one_line_without_control_characters(paths: AppPaths) -> None:
    start_log(paths.log_file)
    LOGGER.info("%s", "a\n2026 ERROR forged\x1b[2J\u202e\ud800" + "x" * 1_000_000)
    _, line = log_lines(paths)
    assert r"a\n2026 ERROR forged\x1b[2J\u202e\ud800" in line
    assert len(line) < 2_200


def test_it_is_small_and_keeps_the_newest(paths: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_FILE_BYTES", 4096)
    start_log(paths.log_file)
    for number in range(500):
        LOGGER.info("line %d", number)
    files = sorted(paths.state_dir.iterdir())
    assert [file.name for file in files] == ["pan123-tui.log", "pan123-tui.log.1"]
    assert all(file.stat().st_size <= 4096 for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert log_lines(paths)[-1].endswith("line 499")


def test_a_pipe_in_its_place_is_ignored_and_holds_nothing_up(paths: AppPaths) -> None:
    paths.state_dir.mkdir(exist_ok=True)
    os.mkfifo(paths.log_file)
    start_log(paths.log_file)
    LOGGER.error("lost")
    stop_log()


def test_an_unwritable_folder_is_ignored(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").write_text("in the way")
    start_log(AppPaths(tmp_path, tmp_path, tmp_path / "state").log_file)
    LOGGER.error("lost")
    stop_log()
    assert capfd.readouterr() == ("", "")
