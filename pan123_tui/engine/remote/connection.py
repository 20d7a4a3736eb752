"""One connection of a screen: reads its requests, and sends it one update at a time."""

import asyncio
import logging
import secrets
from collections.abc import Callable

from msgspec import Struct

from pan123_tui.client.protocol import (
    HANDSHAKE_TIMEOUT_S,
    PROTOCOL,
    Acknowledge,
    Answer,
    Call,
    Ending,
    FrameInvalid,
    Hello,
    Ping,
    Pong,
    Subscribe,
    decode_hello,
    decode_screen_message,
    read_message,
    to_frame,
    to_raw,
)
from pan123_tui.domain.commands import StopEngine
from pan123_tui.engine.remote.answers import CommandAnswers
from pan123_tui.engine.remote.feed import ScreenFeed

GOODBYE_S = 0.2
"""How long telling a screen that the engine ends may take."""
SILENT_S = 60.0
"""A screen that is silent for this long, although it should ping, is disconnected."""
_STOP = bytes(to_raw(StopEngine()))
_log = logging.getLogger(__name__)


class ScreenConnection:
    """Serves one screen until either side closes the connection."""

    def __init__(
        self,
        answers: CommandAnswers,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.id = secrets.token_hex(8)
        self.keeps_engine = False
        """Whether the engine is needed as long as this is connected."""
        self.feed: ScreenFeed | None = None
        """Set once the screen has asked for the state."""
        self._answers = answers
        self._reader = reader
        self._writer = writer

    def close(self, *, says_goodbye: bool = False) -> None:
        """End the connection at once, whatever was read already.

        With `says_goodbye`, the screen is told that somebody wants the engine to end.
        """
        if says_goodbye:
            self._writer.write(to_frame(Ending()))
            self._writer.close()  # which sends what the screen takes
            asyncio.get_running_loop().call_later(GOODBYE_S, self._writer.transport.abort)
        else:
            self._writer.transport.abort()

    async def run(self, hello: Callable[[], Hello]) -> None:
        """Serve until the connection ends; `hello` says who serves."""
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                screen = await read_message(self._reader, decode_hello)
                self._write(hello())
                if screen.protocol != PROTOCOL:
                    await self._obey_stop()
                    return
            self.keeps_engine = screen.keeps_engine
            await self._read()
        except (OSError, EOFError):
            pass
        except FrameInvalid as error:
            _log.warning("a screen sent what is no message: %s", error)
        except Exception:  # noqa: BLE001 - otherwise the log would not say why the screen is gone
            _log.exception("a screen is let go")

    async def _obey_stop(self) -> None:
        """End the engine if a screen of another version asks for that; it can ask nothing else."""
        message = await read_message(self._reader, decode_screen_message)
        if isinstance(message, Call) and bytes(message.command) == _STOP:
            self._answers.carry_out(message, self.id, self._answer)
            await self._reader.read()

    async def _read(self) -> None:
        while not self._writer.is_closing():
            async with asyncio.timeout(SILENT_S):
                message = await read_message(self._reader, decode_screen_message)
            match message:
                case Subscribe():
                    self.feed = self.feed or ScreenFeed(self._answers.engine, self._write)
                    self.feed.send()
                case Acknowledge() if self.feed is not None:
                    self.feed.acknowledge()
                case Call() as call:
                    self._answers.carry_out(call, self.id, self._answer)
                case Ping():
                    self._write(Pong())

    def _answer(self, answer: Answer) -> None:
        if self.feed is not None:
            self.feed.send(is_wanted=True)  # an answer comes after its effects
        self._write(answer)

    def _write(self, message: Struct) -> None:
        try:
            frame = to_frame(message)
        except (FrameInvalid, ValueError, OverflowError) as error:
            _log.error("a screen is let go: %r", error)
            self.close()
        else:
            if not self._writer.is_closing():
                self._writer.write(frame)
