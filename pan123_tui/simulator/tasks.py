"""One download on the service's side."""

from dataclasses import dataclass
from typing import Any

from pan123_tui.simulator.orders import Order
from pan123_tui.simulator.scenarios import Scenario
from pan123_tui.simulator.scripts import Moment


@dataclass(slots=True, kw_only=True)
class SimTask:
    """A task; times are Unix seconds of the world's clock unless they say otherwise."""

    id: int
    client_id: str
    order: Order
    scenario: Scenario
    created_at: float
    created_real_at: float
    """By the clock outside."""
    file_id: int = 0
    """The file that it left in the folder; 0: none yet."""
    is_settled: bool = False
    """Its end was noticed: the file lies in its folder, the callback is due."""

    def moment(self, now: float) -> Moment:
        """What *process* would say of it."""
        return self.scenario.script.moment(now - self.created_at)

    @property
    def ends_at(self) -> float | None:
        end = self.scenario.script.ends_at
        return None if end is None else self.created_at + end

    @property
    def leaves_at(self) -> float | None:
        """When it stops to count as running: its end, or when it is forgotten."""
        forgotten = self.scenario.script.forgotten_at
        return self.ends_at if forgotten is None else self.created_at + forgotten

    def is_forgotten(self, now: float) -> bool:
        forgotten = self.scenario.script.forgotten_at
        return forgotten is not None and now >= self.created_at + forgotten

    def callback(self) -> "Callback":
        """What is POSTed about its end (specification, section one, (二) 3)."""
        succeeded = self.scenario.script.succeeds
        reason = "" if succeeded else self.scenario.fail_reason
        return Callback(
            task_id=self.id,
            to=self.order.callback_url or "",
            body={
                "url": self.order.url,
                "status": 0 if succeeded else 1,
                self.scenario.callback.reason_field: reason,
                "fileID": self.file_id,
            },
        )

    def describe(self, now: float) -> dict[str, Any]:
        """Tell everything about it, for tests and curious people."""
        moment = self.moment(now)
        return {
            "task_id": self.id,
            "client_id": self.client_id,
            "url": self.order.url,
            "file_name": self.order.file_name,
            "dir_id": self.order.dir_id,
            "callback_url": self.order.callback_url,
            "percent": moment.percent,
            "status": moment.status,
            "forgotten": self.is_forgotten(now),
            "created_at": self.created_at,
            "created_real_at": self.created_real_at,
            "ends_at": self.ends_at,
            "file_id": self.file_id,
        }


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback to be sent: the address and the JSON."""

    task_id: int
    to: str
    body: dict[str, Any]
