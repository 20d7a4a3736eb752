"""The first run: the demo, then a refresh token, with which a task runs to its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journey.terminal import Terminal
from tests.service.accounts import ACCESS_TOKEN, APP_ID, REFRESH_TOKEN, Rules
from tests.service.server import SimulatorServer
from tests.service.world import World
from tests.shell import Shell

NO_ACCOUNT = {"PAN123_ACCESS_TOKEN": ""}


@pytest.fixture
def service() -> Iterator[SimulatorServer]:
    with SimulatorServer(World(Rules())) as server:
        yield server


@pytest.mark.long
def test_from_the_demo_to_a_log_in_with_which_a_task_runs_to_its_end(
    service: SimulatorServer, online: dict[str, str], tmp_path: Path
) -> None:
    world = service.world
    with Terminal(environ=online | NO_ACCOUNT) as terminal:
        terminal.sees("Log in through OpenList")
        terminal.press("down", "down", "enter")
        terminal.sees("DEMO")
        terminal.press("Q")
        terminal.sees("Log in through OpenList")
        terminal.press("down", "down", "down", "enter")
        shell = Shell(tmp_path, service.base_url, extra_environ=online | NO_ACCOUNT)
        ran = shell.call("login", "--refresh-token", stdin=f"{REFRESH_TOKEN}\n{APP_ID}\n\n")
        assert ran.code == 0, ran.err
        terminal.sees("logged in")
        terminal.add("https://example.com/40s/holiday.zip")
        terminal.sees("running", "holiday.zip")
        (task,) = world.tasks()
        world.finish(task.id)
        terminal.press("f5")
        terminal.sees("done", "holiday.zip")
        assert REFRESH_TOKEN not in terminal.text
        shell.call("logout")
        terminal.sees("no account: press , to log in")
        assert shell.call("login", "--token", stdin=ACCESS_TOKEN).code == 0
        terminal.sees("logged in as 小鱼")
        terminal.leaves(within_s=5)
    assert world.logins.reused == 0
    assert world.stats.creates.total() == 1
    assert REFRESH_TOKEN not in (tmp_path / "data" / "state" / "pan123-tui.log").read_text()
