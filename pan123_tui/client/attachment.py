"""How a screen reaches its engine, and which one that is."""

from enum import StrEnum

from msgspec import Struct

from pan123_tui.domain.errors import Problem


class AttachmentState(StrEnum):
    """How a screen reaches its engine."""

    CONNECTING = "connecting"
    """No engine has answered yet."""
    ATTACHED = "attached"
    LOST = "lost"
    """The connection broke, and a new one is being tried."""
    SILENT = "silent"
    """The connection stands, but no answer comes: the engine's process may be stopped."""
    ENDED = "ended"
    """Somebody has ended the engine; the next command starts it again."""


class Attachment(Struct, frozen=True):
    """Which engine a screen is connected to, and whether it can be reached."""

    state: AttachmentState = AttachmentState.CONNECTING
    program: str = ""
    """The program that holds the data folder, or held it last."""
    pid: int = 0
    trouble: Problem | None = None
    """Why no engine can be reached, or that the account is not the one this shell names."""

    @property
    def is_reachable(self) -> bool:
        """Whether commands are carried out and rows are up to date."""
        return self.state is AttachmentState.ATTACHED
