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
    Update,
    decode_hello,
    decode_screen_message,
    read_message,
    to_frame,
    to_raw,
)
from pan123_tui.domain.commands import StopEngine
from pan123_tui.domain.events import (
    EngineEvent,
    FoldersChanged,
    Status,
    StatusChanged,
    TasksChanged,
    TasksChecked,
)
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.task import Task
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote.answers import CommandAnswers

FIRST_TASKS = 64
"""The tasks of the first update: more than a screenful, but soon across a slow line."""
MAX_TASKS = 128
"""The tasks of a later update: the answer to a ping waits behind it, 8 s on a line of 9.6 kB/s."""
GOODBYE_S = 0.2
"""How long telling a screen that the engine ends may take."""
SILENT_S = 60.0
"""A screen that is silent for this long, although it should ping, is disconnected."""
_STOP = bytes(to_raw(StopEngine()))
_log = logging.getLogger(__name__)


class ScreenFeed:
    """Divides the state into updates for one screen.

    Snapshot and news hold ids and values that the engine has anyway, so a screen that takes no
    updates costs no more memory than the state.
    """

    def __init__(self, engine: Engine, write: Callable[[Update], object]) -> None:
        self._published = engine.repository.published
        self._write = write
        self._on_their_way = 0
        """How many updates the screen has not acknowledged."""
        tasks = [*sorted(engine.tasks.finished), *sorted(engine.tasks.unfinished)]
        self._to_send = dict.fromkeys(tasks, False)
        """Which tasks are to be sent, from the end, and whether each is news.

        From the end, because a dictionary finds its first item slowly once many are gone.
        """
        self._removed: dict[int, Task | None] = {}
        """With the last value of a task, if the screen has not got it: undo needs it."""
        self._checked: dict[int, float] = {}
        self._status: Status | None = engine.status
        self._folders: FolderTree | None = engine.folders.tree
        self._has_begun = False

    def acknowledge(self) -> None:
        self._on_their_way -= 1
        self.send()

    def send(self, event: EngineEvent | None = None, *, is_wanted: bool = False) -> None:
        """Merge `event` into the news; send them if the screen has taken all, or waits for it."""
        match event:
            case TasksChanged(tasks, removed):
                last = {i: task for i, task in removed.items() if self._to_send.get(i)}
                for task_id in (*(task.id for task in tasks), *removed):
                    self._to_send.pop(task_id, None)
                    self._checked.pop(task_id, None)
                    self._removed.pop(task_id, None)
                self._to_send.update((task.id, True) for task in tasks)
                self._removed |= dict.fromkeys(removed) | last
            case TasksChecked(at):
                self._checked.update(at)
            case StatusChanged(status):
                self._status = status
            case FoldersChanged(folders):
                self._folders = folders
        if is_wanted or self._on_their_way <= 0:
            update = self._next_update()
            if update is not None:
                self._on_their_way += 1
                self._write(update)

    def _next_update(self) -> Update | None:
        is_first, self._has_begun = not self._has_begun, True
        waiting = len(self._to_send)
        last = tuple(filter(None, self._removed.values()))
        room = (FIRST_TASKS if is_first else MAX_TASKS) - len(last)
        items = [self._to_send.popitem() for _ in range(min(room, waiting))]
        found = [(self._published(task_id), is_news) for task_id, is_news in items]
        update = Update(
            is_first=is_first,
            news=(*(task for task, is_news in found if task and is_news), *last),
            snapshot=tuple(task for task, is_news in found if task and not is_news),
            remaining=len(self._to_send),
            removed=tuple(self._removed),
            checked=self._checked,
            status=self._status,
            # They may be large, and the first tasks should arrive soon.
            folders=None if is_first else self._folders,
        )
        self._removed, self._checked, self._status = {}, {}, None
        self._folders = self._folders if is_first else None
        # Without tasks, which may all have gone, it still says how many remain.
        return None if update == Update(remaining=waiting) else update


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
        """End the connection at once; a goodbye says that somebody wants the engine to end."""
        if says_goodbye:
            self._writer.write(to_frame(Ending()))
            self._writer.close()  # which sends what the screen takes
            asyncio.get_running_loop().call_later(GOODBYE_S, self._writer.transport.abort)
        else:
            self._writer.transport.abort()

    async def run(self, hello: Hello) -> None:
        """Serve until the connection ends; `hello` says who serves."""
        try:
            async with asyncio.timeout(HANDSHAKE_TIMEOUT_S):
                screen = await read_message(self._reader, decode_hello)
                self._write(hello)
                if screen.protocol != PROTOCOL:
                    # One of another version can ask for nothing but the end.
                    message = await read_message(self._reader, decode_screen_message)
                    if isinstance(message, Call) and bytes(message.command) == _STOP:
                        self._answers.carry_out(message, self.id, self._answer)
                        await self._reader.read()
                    return
            self.keeps_engine = screen.keeps_engine
            await self._read()
        except (OSError, EOFError):
            pass
        except FrameInvalid as error:
            _log.warning("a screen sent what is no message: %s", error)
        except Exception:  # noqa: BLE001 - otherwise the log would not say why the screen is gone
            _log.exception("a screen is let go")

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
        except (ValueError, OverflowError) as error:
            _log.error("a screen is let go: %r", error)
            self.close()
        else:
            if not self._writer.is_closing():
                self._writer.write(frame)
