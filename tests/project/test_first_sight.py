"""What a person has to take in at first sight: counted on the demo's dashboard."""

import re

from screenshots.stage import Setting, run_program
from tests.ui.stage import shown

MOST = 22
DEMO = 1
"""Its mark, which the program has only when it is started so."""


async def test_the_first_sight_of_the_demo_is_few_things() -> None:
    async with run_program(Setting(columns=100, rows=30)) as pilot:
        lines = [line for line in shown(pilot.app).splitlines() if line.strip()]
        table = pilot.app.screen.query_one("#tasks").region
    around = [*lines[: table.y + 1], *lines[table.bottom :]]
    things = [thing for line in around for thing in re.split(r" {2,}", line.strip())]
    assert len(things) + DEMO <= MOST, things
