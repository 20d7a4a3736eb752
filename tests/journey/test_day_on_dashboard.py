"""A day's work on the dashboard: a batch is queued, reordered, sent, mended and fetched."""

from collections import Counter
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal
from tests.journey.test_day_of_commands import BATCH, FOLDER, SETTINGS, links_of_a_day
from tests.service.server import SimulatorServer
from tests.shell import Shell


@pytest.fixture
def shell(tmp_path: Path, service: SimulatorServer) -> Shell:
    shell = Shell(tmp_path, service.base_url)
    shell.configure(SETTINGS + "[clipboard]\nosc52_query = false\n")
    service.world.drive().add_folder("影视")
    return shell


@pytest.mark.parametrize(
    ("count", "failing"), [(40, 4), pytest.param(300, 18, marks=pytest.mark.slow)]
)
@pytest.mark.long
def test_a_batch_is_brought_through_the_day_by_keys(
    shell: Shell, service: SimulatorServer, count: int, failing: int
) -> None:
    links = links_of_a_day(count, failing)
    with Terminal(environ=shell.environ, columns=150, rows=40) as terminal:
        terminal.sees("online")
        terminal.press("P")
        terminal.sees("sending paused")
        _add(terminal, links)
        terminal.sees(f"queued {count}")
        terminal.press("2", "g", "v", "j", "j", "j", "j", "v", "<")
        terminal.sees("5 links moved to the front.")
        terminal.press("escape")
        terminal.misses("5 marked")
        assert service.world.tasks() == []
        terminal.press("P", "1")
        terminal.sees(f"done {count - failing - 2}")  # in the tab
        terminal.sees(f"failed {failing}", "unsure 2")
        assert [task.request.url for task in service.world.tasks()][:5] == links[-5:]

        terminal.press("b")
        terminal.sees(f"{count} of {count}", BATCH)
        terminal.press("3", "ctrl+a", "f5")
        terminal.sees("2 files found.")
        terminal.sees("found", "part-0")
        terminal.press("r")
        terminal.sees("all arrived")
        terminal.press("i")
        terminal.sees(f"{failing} links queued again.")
        terminal.misses(" marked")
        terminal.waits(
            lambda: service.world.stats.creates == Counter(links) + Counter(links[:failing]),
            "not just these were sent again",
        )
        terminal.press("4")
        fetched = shell.run("url", "state:done", f"batch:{BATCH}", "--format", "aria2c")
        names = [link.rpartition("/")[2] for link in links[failing:]]
        assert fetched.out.splitlines()[1::2] == [f"  out={name}" for name in names]
        terminal.leaves()
    states = Counter(task["state"] for task in shell.tasks())
    assert states == {"failed": failing, "succeeded": count - failing}


def _add(terminal: Terminal, links: list[str]) -> None:
    """Paste `links`, make the folder of a path, and name the batch."""
    terminal.press("a")
    terminal.sees("Review")
    terminal.paste("\n".join(links))
    terminal.sees(f"{len(links)} links")
    terminal.press("tab", *FOLDER, "enter")
    terminal.sees("There is no folder", "动画")
    terminal.press("enter")
    terminal.sees("#")
    terminal.press("tab", *BATCH, "ctrl+s")
    terminal.sees(f"{len(links)} links queued")
