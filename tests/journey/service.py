"""The simulator on loopback, in a thread of the tests' process."""

from typing import Any

from tests.service.accounts import ACCESS_TOKEN
from tests.service.server import SimulatorServer
from tests.service.world import World


class Simulator(SimulatorServer):
    """What `python -m tests.service` runs, with the variables that it prints."""

    token = ACCESS_TOKEN

    def __init__(self, *, speed: float = 1.0) -> None:
        super().__init__(World(speed=speed))

    @property
    def environ(self) -> dict[str, str]:
        """The variables that connect the program to it."""
        return {"PAN123_BASE_URL": self.base_url, "PAN123_ACCESS_TOKEN": self.token}

    def tasks(self) -> list[dict[str, Any]]:
        """Return all tasks that were created."""
        now = self.world.clock.now()
        return [task.describe(now) for task in self.world.tasks()]
