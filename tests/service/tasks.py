"""Downloads on the service's side: the task and its callback."""

from dataclasses import dataclass
from typing import Any

from pan123_tui.simulator.requests import CreateRequest
from pan123_tui.simulator.scripts import Snapshot
from tests.service.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback to send: address and JSON body."""

    task_id: int
    to: str
    body: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class SimTask:
    """A task; times are Unix seconds of the simulated clock."""

    id: int
    client_id: str
    request: CreateRequest
    scenario: Scenario
    created_at: float
    file_id: int = 0
    """Its file in the folder; 0: none yet."""
    is_finished: bool = False
    """Its end was processed: the file is in the folder, the callback is scheduled."""

    def snapshot(self, now: float) -> Snapshot:
        """Return percentage and status at `now`."""
        return self.scenario.script.snapshot_at(now - self.created_at)

    @property
    def ends_at(self) -> float | None:
        end = self.scenario.script.ends_at
        return None if end is None else self.created_at + end

    @property
    def stops_running_at(self) -> float | None:
        """When it stops counting as running: its end, or when it is forgotten."""
        forgotten = self.scenario.script.forgotten_at
        return self.ends_at if forgotten is None else self.created_at + forgotten

    def is_forgotten(self, now: float) -> bool:
        forgotten = self.scenario.script.forgotten_at
        return forgotten is not None and now >= self.created_at + forgotten

    def callback(self) -> Callback:
        """Return the callback of its end (specification, section one, (二) 3)."""
        succeeded = self.scenario.script.succeeds
        reason = "" if succeeded else self.scenario.fail_reason
        body = {
            "url": self.request.url,
            "status": 0 if succeeded else 1,
            "failReason": reason,
            "fileID": self.file_id,
        }
        return Callback(
            task_id=self.id,
            to=self.request.callback_url or "",
            body=body,
        )
