"""The messages on the engine's socket and their frames: u32 length, then a msgpack map.

Fields are only added, and unknown ones are skipped. Anything else needs another `PROTOCOL`, which
never changes `Hello` and a `Call` of `StopEngine`.
"""

import re
import struct
from asyncio import StreamReader
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import asdict, replace

from pan123_tui import __version__
from pan123_tui.domain.errors import Problem
from pan123_tui.domain.events import Account, Status
from pan123_tui.domain.folders import FolderCache

T = TypeVar("T")

PROTOCOL = 2
MAX_FRAME_BYTES = 16 * 2**20
HANDSHAKE_TIMEOUT_S = 5.0
_LENGTH = struct.Struct(">I")
_HALF = re.compile("[\ud800-\udfff]")


class FrameInvalid(Exception):
    """A frame is too large or not a message: the connection is of no use any more."""


class Hello(Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message of either side."""

    id: str
    """Of this run of the engine, or of the screen, which keeps it when it connects again."""
    protocol: int = PROTOCOL
    version: str = __version__
    program: str = ""
    """Which program holds the data folder; empty: this is a screen."""
    pid: int = 0
    started_at: float = 0.0
    """Unix seconds."""
    account: Account | None = None
    login: str = ""
    """A digest of the engine's credentials, keyed by `id`; empty: it has none."""


class Subscribe(Struct, frozen=True, tag="subscribe"):
    """Ask for the state: what is missing after a frame of a former connection, or all of it."""

    engine_id: str = ""
    sequence: int = 0


class Update(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="update"):
    """A part of the state; each value replaces the former one."""

    sequence: int
    is_first: bool = False
    """Whether a snapshot begins and all former state is void."""
    news: list[Raw] = []
    """Tasks that changed."""
    snapshot: list[Raw] = []
    """Unfinished tasks that did not change since the snapshot began."""
    archived: Mapping[int, bytes] = field(default_factory=dict)
    """The same for finished tasks: by id, in JSON as the store keeps them."""
    remaining: int = 0
    """How many tasks of the snapshot follow in later updates."""
    removed: tuple[int, ...] = ()
    checked: Mapping[int, float] = field(default_factory=dict)
    status: Status | None = None
    folders: FolderCache | None = None


class Acknowledge(Struct, frozen=True, tag="ack"):
    """The screen has taken an update: the next one may follow."""

    sequence: int


class Call(Struct, frozen=True, tag="call"):
    """Ask for a command to be carried out."""

    id: str
    command: Raw
    is_repeated: bool = False
    """Whether it was asked before on a connection that broke."""


class Result(Struct, frozen=True, tag="result"):
    """A command was carried out."""

    id: str
    value: Raw
    after: int = 0
    """The sequence number of the update that contains its effects."""
    store_problem: Problem | None = None
    """Why its effects are in memory only, if they are."""
    is_paused: bool = False
    """Whether the user has paused sending."""


class Failure(Struct, frozen=True, tag="failure"):
    """A command was refused or failed."""

    id: str
    problem: Problem


class Received(Struct, frozen=True, tag="received"):
    """The screen has the answer to a command, which need not be kept any longer."""

    id: str


class Ping(Struct, frozen=True, tag="ping"):
    """Ask an engine that says nothing whether it is alive."""


class Pong(Struct, frozen=True, tag="pong"):
    """The engine is alive."""


class Ending(Struct, frozen=True, tag="ending"):
    """The engine ends because somebody wants it to: do not start it again by yourself."""


ScreenMessage = Subscribe | Acknowledge | Call | Received | Ping
EngineMessage = Update | Result | Failure | Pong | Ending


class _AnyMessage(Struct):
    """A message of a newer peer."""

    type: str


_KNOWN_TYPES = frozenset(
    kind.__struct_config__.tag for kind in (*get_args(ScreenMessage), *get_args(EngineMessage))
)
_encode_valid = msgspec.msgpack.Encoder().encode
_decode_hello = msgspec.msgpack.Decoder(Hello).decode
_decode_screen_message = msgspec.msgpack.Decoder(ScreenMessage).decode
_decode_engine_message = msgspec.msgpack.Decoder(EngineMessage).decode
_decode_any_message = msgspec.msgpack.Decoder(_AnyMessage).decode


def _encode(value: object) -> bytes:
    """Return `value` encoded, with a sign for each half of a character: none can be sent."""
    try:
        return _encode_valid(value)
    except UnicodeEncodeError:
        return _encode_valid(_without_halves(value))


def _without_halves(value: Any) -> Any:
    match value:
        case str():
            return _HALF.sub("\ufffd", value)
        case Struct():
            fields = asdict(value).items()
            return replace(value, **{name: _without_halves(item) for name, item in fields})
        case Mapping():
            return {key: _without_halves(item) for key, item in value.items()}
        case list() | tuple() | frozenset():
            return [_without_halves(item) for item in value]
    return value


def to_frame(message: Struct) -> bytes:
    """Return the frame of `message`; raises `FrameInvalid` if it is too large."""
    content = _encode(message)
    if len(content) > MAX_FRAME_BYTES:
        raise FrameInvalid(f"a message of {len(content)} bytes")
    return _LENGTH.pack(len(content)) + content


def to_raw(value: object) -> Raw:
    """Return `value` encoded as a part of a message."""
    return Raw(_encode(value))


async def read_hello(reader: StreamReader) -> Hello:
    """Read the first message; raises `FrameInvalid`, and `OSError` or `EOFError` at the end."""
    content = await _read_frame(reader)
    try:
        return _decode_hello(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FrameInvalid(str(error)) from None


async def read_screen_message(reader: StreamReader) -> ScreenMessage | None:
    """Read a message of a screen, None if it is of an unknown type; raises as `read_hello`."""
    return _decoded(await _read_frame(reader), _decode_screen_message)


async def read_engine_message(reader: StreamReader) -> EngineMessage | None:
    """Read a message of an engine, None if it is of an unknown type; raises as `read_hello`."""
    return _decoded(await _read_frame(reader), _decode_engine_message)


def _decoded(content: bytes, decode: Callable[[bytes], T]) -> T | None:
    try:
        return decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            unknown = _decode_any_message(content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise FrameInvalid(str(error)) from None
        if unknown.type in _KNOWN_TYPES:
            raise FrameInvalid(f"{unknown.type}: {error}") from None
        return None


async def _read_frame(reader: StreamReader) -> bytes:
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    if length > MAX_FRAME_BYTES:
        raise FrameInvalid(f"a frame of {length} bytes")
    return await reader.readexactly(length)
