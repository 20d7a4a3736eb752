"""The main task: add links, watch them to their end, lose none in a crash."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tinydb import TinyDB

from pan123_tui.system.lock_holder import read_holder
from tests.journey.service import Simulator
from tests.journey.terminal import Terminal

LINKS = [
    "https://example.com/good/holiday.zip",
    "https://example.com/fail/lecture.mp4",
    "https://example.com/retry/music.flac",
]


@pytest.fixture
def service() -> Iterator[Simulator]:
    with Simulator(speed=4) as simulator:
        yield simulator


@pytest.fixture
def environ(service: Simulator, tmp_path: Path) -> dict[str, str]:
    folders = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
    }
    return service.environ | folders


@pytest.mark.long
def test_three_links_are_watched_to_their_ends_through_a_crash(
    service: Simulator, environ: dict[str, str], tmp_path: Path
) -> None:
    settings = tmp_path / "config" / "config.toml"
    settings.parent.mkdir()
    # One link is sent, the next not for long: the crash falls between the requests, not into one.
    settings.write_text("[service]\ncreate_per_s = 0.01\n")
    with Terminal(environ=environ) as terminal:
        terminal.sees("No downloads yet")
        terminal.sees("online")
        terminal.press("a")
        terminal.sees("Review")
        terminal.paste("\n".join(LINKS))
        terminal.sees("holiday.zip", "new")
        terminal.press("ctrl+s")
        terminal.sees("holiday.zip")
        terminal.sees("lecture.mp4")
        terminal.sees("running", "holiday.zip")
        terminal.sees("queued", "lecture.mp4")
        engine, _program = read_holder(tmp_path / "data")
        assert engine is not None
        terminal.process.kill(signal.SIGKILL)  # first, or it would start the engine again
        terminal.ends(within_s=60)
        os.kill(engine, signal.SIGKILL)

    settings.unlink()
    with Terminal(environ=environ) as terminal:
        terminal.sees("done", "holiday.zip")
        terminal.sees("failed", "lecture.mp4")
        terminal.sees("done", "music.flac")
        terminal.press("Q")
        assert terminal.ends(within_s=20) == 0

    created = Counter(task["url"] for task in service.tasks())
    assert created == Counter(LINKS)
    documents = TinyDB(tmp_path / "data" / "tasks.json").table("tasks").all()
    assert sorted(str(document["state"]) for document in documents) == [
        "failed",
        "succeeded",
        "succeeded",
    ]
