"""The messages on the engine's socket and their frames: u32 length, then a msgpack map.

Fields are only ever added, and unknown ones are skipped. Any other change needs a new `PROTOCOL`;
`Hello` and a `Call` of `StopEngine` never change.
"""

import struct
from asyncio import StreamReader
from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct, field

from pan123_tui import __version__
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Status
from pan123_tui.domain.folders import FolderTree
from pan123_tui.domain.task import Task

T = TypeVar("T")

PROTOCOL = 4
HANDSHAKE_TIMEOUT_S = 5.0
_LENGTH = struct.Struct(">I")


class FrameInvalid(Exception):
    """A frame holds no message: the connection can no longer be used."""


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message of either side."""

    id: str = ""
    """The id of this run of the engine; empty: this is a screen."""
    protocol: int = PROTOCOL
    version: str = __version__
    program: str = ""
    """Which program holds the data folder."""
    pid: int = 0
    started_at: float = 0.0
    """Unix seconds."""
    login: str = ""
    """A digest of the engine's credentials, keyed by `id`; empty: the engine has none."""
    keeps_engine: bool = True
    """Whether an engine in the background goes on while this screen is connected."""


class Subscribe(Struct, frozen=True, tag="subscribe"):
    """Ask for the state: all of it, then what changes."""


class Update(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="update"):
    """A part of the state; each value replaces the previous one."""

    is_first: bool = False
    """Whether a snapshot begins, which makes all earlier state void."""
    news: tuple[Task, ...] = ()
    snapshot: tuple[Task, ...] = ()
    """Tasks that did not change since the snapshot began."""
    remaining: int = 0
    """How many tasks of the snapshot follow in later updates."""
    removed: tuple[int, ...] = ()
    checked: Mapping[int, float] = field(default_factory=dict)
    status: Status | None = None
    folders: FolderTree | None = None


class Acknowledge(Struct, frozen=True, tag="ack"):
    """The screen has processed an update: the next one may follow."""


class Call(Struct, frozen=True, tag="call"):
    """Ask for a command to be carried out."""

    id: str
    command: Raw


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="answer"):
    """A command was carried out, was refused, or failed; its effects were sent before this."""

    id: str
    value: Raw = Raw(b"\xc0")
    """None unless the command was carried out."""
    failure: Problem | None = None
    store_problem: Problem | None = None
    """Why the command's effects are in memory only, if they are."""
    is_paused: bool = False
    trouble: Problem | None = None
    """What has to be corrected in the engine's environment before anything can be sent."""


class Ping(Struct, frozen=True, tag="ping"):
    """Ask a quiet engine whether it is alive, and show it that the screen is."""


class Pong(Struct, frozen=True, tag="pong"):
    """The engine is alive."""


class Ending(Struct, frozen=True, tag="ending"):
    """The engine ends because somebody wants it to: the screen must not restart it by itself."""


ScreenMessage = Subscribe | Acknowledge | Call | Ping
EngineMessage = Update | Answer | Pong | Ending
_encode = msgspec.msgpack.Encoder().encode
decode_hello = msgspec.msgpack.Decoder(Hello).decode
decode_screen_message = msgspec.msgpack.Decoder(ScreenMessage).decode
decode_engine_message = msgspec.msgpack.Decoder(EngineMessage).decode


def to_frame(message: Struct) -> bytes:
    content = _encode(message)
    return _LENGTH.pack(len(content)) + content


def to_raw(value: object) -> Raw:
    """Encode a part of a message; raises `ValueError`, `OverflowError` (a surrogate, 65 bits)."""
    return Raw(_encode(value))


async def read_message(reader: StreamReader, decode: Callable[[bytes], T]) -> T:
    """Read a message; raises `FrameInvalid`, and `OSError` or `EOFError` at the end."""
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    try:
        return decode(await reader.readexactly(length))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FrameInvalid(str(error)) from None
