"""The log is small, private and harmless, and its troubles are nobody's."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui.config import log
from pan123_tui.config.log import log_file, start_log, stop_log
from pan123_tui.config.paths import AppPaths

LOGGER = logging.getLogger("pan123_tui.test")


@pytest.fixture
def places(tmp_path: Path) -> Iterator[AppPaths]:
    yield AppPaths(tmp_path / "config", tmp_path / "data", tmp_path / "state")
    stop_log()


def written(places: AppPaths) -> list[str]:
    return log_file(places).read_text(encoding="utf-8").splitlines()


def test_a_line_tells_when_how_grave_where_and_what(places: AppPaths) -> None:
    start_log(places)
    LOGGER.warning("task %d is odd", 7)
    first, line = written(places)
    assert "INFO log: pan123-tui" in first
    assert line[10] == "T"
    assert line.endswith("Z WARNING test: task 7 is odd")


def test_only_the_owner_may_read_it_and_a_wrong_mode_is_mended(places: AppPaths) -> None:
    path = log_file(places)
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o644)
    start_log(places)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_secrets_tokens_and_signatures_are_not_in_it(places: AppPaths) -> None:
    start_log(places, secrets=["hunter2"])
    LOGGER.info("%s", "Bearer abcdef and hunter2 at https://me:pw@host/f.bin?sign=xyz")
    try:
        raise ValueError("https://host/f?sign=xyz of hunter2")
    except ValueError:
        LOGGER.exception("it broke")
    text = "\n".join(written(places))
    assert "it broke" in text
    assert "ValueError: https://host/f?… of …" in text
    for secret in ("abcdef", "hunter2", "me:pw", "xyz"):
        assert secret not in text.replace('raise ValueError("https://host/f?sign=xyz', "")


def test_a_message_stays_one_line_and_obeys_nobody(places: AppPaths) -> None:
    start_log(places)
    LOGGER.info("%s", "a\n2026 ERROR forged\x1b[2J\u202e\ud800" + "x" * 1_000_000)
    _, line = written(places)
    assert r"a\n2026 ERROR forged\x1b[2J\u202e\ud800" in line
    assert len(line) < 2_200


def test_it_stays_below_its_size_and_keeps_the_newest(
    places: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LARGEST_FILE", 4096)
    start_log(places)
    for number in range(500):
        LOGGER.info("line %d", number)
    files = sorted(places.state_dir.iterdir())
    assert [file.name for file in files] == ["pan123-tui.log", "pan123-tui.log.1"]
    assert all(file.stat().st_size <= 4096 for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert written(places)[-1].endswith("line 499")


def test_a_folder_that_cannot_be_written_costs_the_log_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("in the way")
    start_log(AppPaths(tmp_path, tmp_path, tmp_path / "state"))
    LOGGER.error("lost")
    stop_log()
    assert capfd.readouterr() == ("", "")


def test_complaints_of_asyncio_reach_the_log_and_not_the_screen(
    places: AppPaths, capfd: pytest.CaptureFixture[str]
) -> None:
    start_log(places)
    logging.getLogger("asyncio").error("Task exception was never retrieved")
    assert capfd.readouterr().err == ""
    assert "never retrieved" in written(places)[-1]


def test_starting_twice_writes_every_line_once(places: AppPaths) -> None:
    start_log(places)
    start_log(places)
    LOGGER.info("once")
    assert sum(line.endswith("once") for line in written(places)) == 1
