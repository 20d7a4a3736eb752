"""Two programs on one data folder, each in a terminal of its own; one is killed."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine_stage import load_stored
from tests.journey.service import Simulator
from tests.journey.terminal import Terminal


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    folders = {
        "PAN123_DATA_DIR": str(tmp_path / "data"),
        "PAN123_CONFIG_DIR": str(tmp_path / "config"),
    }
    with Simulator(speed=0.01) as service:
        yield folders | service.environ


def dashboard(environ: dict[str, str]) -> Terminal:
    return Terminal(environ=environ, columns=150, rows=20)


def add(terminal: Terminal, name: str) -> None:
    """Add a link by a paste."""
    terminal.paste(f"https://example.com/{name}")
    terminal.sees("new")
    terminal.press("ctrl+s")
    terminal.sees(name)


@pytest.mark.long
def test_a_screen_beside_watch_shows_its_tasks_and_goes_on_when_it_is_killed(
    environ: dict[str, str], tmp_path: Path
) -> None:
    socket = tmp_path / "data" / "engine.sock"
    with Terminal("watch", environ=environ) as watch:
        watch.waits(socket.exists, "no socket")
        with dashboard(environ) as screen:
            screen.sees("attached to pan123-tui watch")
            add(screen, "first.zip")
            screen.sees("running")
            watch.sees("first.zip")
            watch.process.kill(signal.SIGKILL)
            screen.sees("engine ended")
            screen.sees("t goes on here")
            screen.press("t")
            screen.misses("engine ended")
            screen.sees("online")
            add(screen, "second.zip")
            screen.misses("queued")
            screen.press("q")
            screen.sees("Quit?")  # as on any screen with an engine of its own
            screen.press("e")
            assert screen.ends(within_s=60) == 0
    tasks = load_stored(tmp_path / "data").values()
    assert sorted(task.url.rpartition("/")[2] for task in tasks) == ["first.zip", "second.zip"]


def test_of_two_dashboards_one_is_killed_and_the_other_goes_on(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with dashboard(environ) as owner:
        owner.sees("online")
        with dashboard(environ) as screen:
            screen.sees("attached to the dashboard")
            add(screen, "of-screen.zip")
            owner.sees("of-screen.zip")
            add(owner, "of-owner.zip")
            screen.sees("of-owner.zip")
            screen.press("g", "d")
            screen.sees("Remove")
            screen.press("y")
            owner.misses("of-owner.zip")
            owner.process.kill(signal.SIGKILL)
            screen.sees("t goes on here")
            screen.press("t")
            screen.sees("online")
            screen.press("u")
            screen.sees("of-owner.zip")
            screen.press("q")
            screen.sees("Quit?")  # as on any screen with an engine of its own
            screen.press("e")
            assert screen.ends(within_s=60) == 0
    assert len(load_stored(tmp_path / "data")) == 2
