"""In a real terminal: a queue that the account holds, and links whose folder is gone."""

import pytest

from tests.journey.terminal import Terminal
from tests.service.faults import FaultKind
from tests.service.server import SimulatorServer
from tests.service.world import FOLDER_ID
from tests.shell import Shell

HELD = [
    "https://example.com/fast/textnumbers/held-01.iso",
    "https://example.com/fast/unknownyet/held-02.iso",
    *(f"https://example.com/fast/held-{n:02}.iso" for n in range(3, 13)),
]
LOST = [f"https://example.com/fast/lost-{n}.iso" for n in (1, 2)]


@pytest.mark.long
def test_hold_and_missing_folder_cost_no_link(service: SimulatorServer, quick: Shell) -> None:
    world = service.world
    quick.configure(f"[defaults]\nfolder_id = {FOLDER_ID}\n")
    quick.start_engine()
    world.faults.add(FaultKind.QUOTA, "create", times=None)
    with Terminal(environ=quick.environ, columns=150) as terminal:
        terminal.sees("logged in")
        terminal.add(*HELD)
        terminal.sees("queued 12")
        terminal.sees("The account's traffic or quota is used up.", "Next try in")
        assert world.stats.requests["create"] <= 3
        world.faults.clear()
        terminal.press("f5")
        terminal.sees("done 12")
        terminal.misses("finding the file")  # a later look would tell that its folder is gone

        world.faults.add(FaultKind.NUMBERS_AS_TEXT, times=None)
        world.drive().entry(FOLDER_ID).trashed = True
        terminal.add(*LOST)
        terminal.sees("waits for folder 资料", "lost-2.iso")
        terminal.sees("The folder 资料 is gone: its links wait.")
        terminal.press("g", "e")
        terminal.sees("It will be made again")
        terminal.press("ctrl+s")
        terminal.sees("2 links changed.")
        terminal.sees("done 14")
        terminal.press("a")
        terminal.sees("ID 14")  # at the path of the default folder, which is gone, is the new one
        terminal.misses(str(FOLDER_ID))
        terminal.press("escape")
        terminal.misses("Review")
        terminal.leaves()
    created = [task.request.url for task in world.tasks()]
    assert sorted(created) == sorted(HELD + LOST)
