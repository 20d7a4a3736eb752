"""A day's work on the dashboard: a batch is queued, reordered, sent, mended and fetched."""

from collections import Counter

import pytest

from tests.journey.terminal import Terminal
from tests.journey.test_day_of_commands import BATCH, FOLDER, links_of_a_day
from tests.service.server import SimulatorServer
from tests.shell import Shell


@pytest.mark.parametrize(
    ("count", "failing"), [(12, 2), pytest.param(300, 18, marks=pytest.mark.slow)]
)
@pytest.mark.long
def test_a_batch_is_brought_through_the_day_by_keys(
    quick: Shell, service: SimulatorServer, count: int, failing: int
) -> None:
    links = links_of_a_day(count, failing)
    service.world.drive().add_folder("影视")
    quick.start_engine()
    with Terminal(environ=quick.environ, columns=150, rows=40) as terminal:
        terminal.sees("logged in")
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
        terminal.sees("2 of 2 files found.")
        terminal.sees("r to decide", "part-0")
        terminal.press("r")
        terminal.sees("all arrived")
        terminal.press("down", "enter")
        terminal.misses(f"{failing + 2} marked")
        terminal.waits(
            lambda: service.world.stats.creates == Counter(links) + Counter(links[:failing]),
            "not just these were sent again",
        )
        terminal.press("4", "L")
        terminal.sees("link", "sent to the terminal's clipboard.")
        terminal.sees("active 0", f"trouble {failing}")
        terminal.leaves()
    states = Counter(task["state"] for task in quick.tasks())
    print(f"by keys: {dict(states)}")
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
    terminal.sees("folder made")
    terminal.press("tab", *BATCH, "ctrl+s")
    terminal.sees(f"{len(links)} links queued")
