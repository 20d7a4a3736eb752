"""An event that can be waited for together with a terminal: it has a file descriptor of its own."""

import socket
import threading


class WakingEvent(threading.Event):
    """Readable, as a selector sees it, while it is set."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting, self._waking = socket.socketpair()
        self._waiting.setblocking(False)

    def fileno(self) -> int:
        """Give what to select on."""
        return self._waiting.fileno()

    def set(self) -> None:
        """Set it and wake whoever waits."""
        if not self.is_set():
            super().set()
            self._waking.send(b"\0")

    def clear(self) -> None:
        """Take it back."""
        if self.is_set():
            super().clear()
            self._waiting.recv(1)
