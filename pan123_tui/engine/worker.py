"""What runs beside the engine's own parts, and where the commands come from."""

from abc import abstractmethod

from msgspec import Struct

from pan123_tui.domain.events import EngineEvent, EventListener


class Origin(Struct, frozen=True):
    """Where a command comes from."""

    screen_id: str = ""
    """Empty: the command comes from no screen."""
    request_id: str = ""
    """Kept with the tasks that the command adds or queues again."""
    is_repeated: bool = False
    """Whether it may already have been carried out, perhaps by an earlier run of the engine."""


class BackgroundWorker(EventListener):
    """Runs on the engine's loop while the engine does."""

    def on_event(self, event: EngineEvent, /) -> None:
        """Note what has happened, if it matters here."""

    @abstractmethod
    async def run(self) -> None:
        """Work until cancelled."""

    async def wait_idle(self) -> None:
        """Wait until all work known so far is done, if the engine should not end before that."""
