"""An engine that serves screens over its socket, screens in this process, and hand-made peers."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest

from pan123_tui.client.engine_client import EngineClient, Streams
from pan123_tui.client.protocol import PROTOCOL
from pan123_tui.client.starter import connect_to_holder
from pan123_tui.client.task_model import TaskModel
from pan123_tui.engine import engine as engine_module
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.remote import server as server_module
from pan123_tui.engine.remote.server import ScreenServer
from pan123_tui.system.folder_lock import FolderLock, read_holder
from tests.engine_stage import running_engine
from tests.paper_service import PaperService, unreachable

TIMEOUT_S = 20.0


def busy_service() -> PaperService:
    """Return one that nothing arrives at, and for which every link waits its turn."""
    service = unreachable()
    service.slot_s = 1e6
    return service


@asynccontextmanager
async def serving_engine(
    folder: Path, *, base_url: str = "", check_interval_s: float = 0.02
) -> AsyncIterator[tuple[Engine, ScreenServer]]:
    """Run an engine that holds the lock of `folder`; without `base_url` no link is taken."""
    with FolderLock(folder, program="watch") as lock, pytest.MonkeyPatch.context() as patch:
        patch.setattr(server_module, "CHECK_INTERVAL_S", check_interval_s)
        patch.setattr(engine_module, "SHUTDOWN_GRACE_S", 0.01)  # no link is being sent
        server = ScreenServer(lock, must_listen=True)
        connect = None if base_url else busy_service
        async with running_engine(
            folder, base_url, workers=[server], connect=connect, lock=lock
        ) as (engine, _witness):
            server.use(engine)
            await socket_path(folder)
            yield engine, server


async def socket_path(folder: Path) -> Path:
    """Wait until the engine of `folder` listens and return the path of its socket."""
    async with asyncio.timeout(TIMEOUT_S):
        while (path := read_holder(folder).socket) is None or not path.exists():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.005)
    return path


class Screen:
    """A screen on a socket client, without widgets."""

    def __init__(
        self,
        folder: Path,
        *,
        client: EngineClient | None = None,
        wants_updates: bool = True,
        may_start: bool = True,
    ) -> None:
        """Show the engine of `folder`, or that of `client`."""
        self._folder = folder
        self.client = client or EngineClient(
            self._connect,
            wants_updates=wants_updates,
            may_start=may_start,
        )
        self.model = TaskModel()
        self._announced = asyncio.Event()

    async def _connect(self, *, may_start: bool) -> Streams:
        return await connect_to_holder(self._folder)

    async def __aenter__(self) -> Self:
        self.client.on_update = self._announced.set
        self.running = asyncio.create_task(self.client.run())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.running.cancel()
        await asyncio.wait([self.running])

    async def sees(
        self, is_true: Callable[[TaskModel], object], *, within_s: float = TIMEOUT_S
    ) -> None:
        """Take updates until `is_true` of the model."""
        async with asyncio.timeout(within_s):
            while True:
                self._announced.clear()
                self.model.apply(*self.client.drain())
                if is_true(self.model):
                    return
                await self._announced.wait()

    async def equals(self, engine: Engine) -> None:
        """Wait until the model is the engine's state."""
        await self.sees(
            lambda model: (
                model.status == engine.status
                and model.folders == engine.folders.tree
                and len(model.tasks) == len(engine.tasks)  # for the time that the next line takes
                and dict(model.tasks) == dict(engine.tasks)
            )
        )
        assert sum(self.model.counts.values()) == len(engine.tasks)


class Peer:
    """A hand-made peer: frames of plain maps."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connect(cls, folder: Path) -> Self:
        """Connect to the engine of `folder`."""
        return cls(*await asyncio.open_unix_connection(await socket_path(folder)))

    @classmethod
    async def greeted(cls, folder: Path, name: str = "peer", **hello: Any) -> Self:
        """Connect and exchange hellos."""
        peer = await cls.connect(folder)
        peer.send({"type": "hello", "id": name, "protocol": PROTOCOL, "version": "0"} | hello)
        assert (await peer.read())["type"] == "hello"
        return peer

    def send(self, message: object) -> None:
        content = msgspec.msgpack.encode(message)
        self.writer.write(struct.pack(">I", len(content)) + content)

    def call(self, request_id: str, command: dict[str, Any], **call: Any) -> None:
        self.send({"type": "call", "id": request_id, "command": command} | call)

    async def read(self) -> dict[str, Any]:
        async with asyncio.timeout(TIMEOUT_S):
            (length,) = struct.unpack(">I", await self.reader.readexactly(4))
            message: dict[str, Any] = msgspec.msgpack.decode(await self.reader.readexactly(length))
        return message

    async def answer(self) -> dict[str, Any]:
        """Return the next answer to a command."""
        while (message := await self.read())["type"] != "answer":
            pass
        return message

    async def is_closed(self) -> bool:
        """Wait for the end of the connection, whatever comes before."""
        async with asyncio.timeout(TIMEOUT_S):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionError:
                pass
        return True

    def close(self) -> None:
        self.writer.transport.abort()
