"""Running a tool of the clipboard's so that it can neither hang the program nor soil the screen."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum

from msgspec import Struct

LIMIT_BYTES = 5_000_000
"""More output than this is not read."""
_COMPLAINT_BYTES = 2_000


class Ending(StrEnum):
    """How a command ended."""

    DONE = "done"
    HUNG = "hung"
    """It was killed."""
    MISSING = "missing"
    """It could not be started."""


class Ran(Struct, frozen=True):
    """What became of a command."""

    ending: Ending
    code: int = -1
    output: bytes = b""
    is_cut: bool = False
    """Whether there was more than `LIMIT_BYTES`."""
    complaint: str = ""
    """The beginning of what it wrote on its standard error."""

    @property
    def is_success(self) -> bool:
        return self.ending is Ending.DONE and self.code == 0


async def run(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    timeout_s: float,
    stdin: bytes | None = None,
    is_output_wanted: bool = True,
) -> Ran:
    """Run `command` for at most `timeout_s` seconds, then kill it with all that it started.

    Without `is_output_wanted` its output is closed: what stays behind to serve the clipboard
    would keep it open for ever.
    """
    pipe, closed = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=closed if stdin is None else pipe,
            stdout=pipe if is_output_wanted else closed,
            stderr=pipe if is_output_wanted else closed,
            env=dict(environ),
            start_new_session=True,
        )
    except OSError:
        return Ran(Ending.MISSING)
    try:
        async with asyncio.timeout(timeout_s):
            return await _outcome(process, stdin)
    except TimeoutError:
        return Ran(Ending.HUNG)
    finally:
        if process.returncode is None:
            _kill_with_children(process.pid)
            await process.wait()


async def _outcome(process: asyncio.subprocess.Process, stdin: bytes | None) -> Ran:
    (output, is_cut), (complaint, _), _ = await asyncio.gather(
        _read(process, process.stdout, LIMIT_BYTES),
        _read(process, process.stderr, _COMPLAINT_BYTES),
        _feed(process.stdin, stdin),
    )
    code = await process.wait()
    return Ran(
        Ending.DONE,
        0 if is_cut else code,
        output,
        is_cut,
        complaint.decode("utf-8", "replace"),
    )


async def _read(
    process: asyncio.subprocess.Process, stream: asyncio.StreamReader | None, limit: int
) -> tuple[bytes, bool]:
    """Read up to `limit` bytes, and tell whether there was more; then the process is killed."""
    chunks, size = [], 0
    while stream is not None and (chunk := await stream.read(65_536)):
        chunks.append(chunk)
        size += len(chunk)
        if size > limit:
            # It would wait for ever for somebody to take the rest.
            _kill_with_children(process.pid)
            return b"".join(chunks)[:limit], True
    return b"".join(chunks), False


async def _feed(stream: asyncio.StreamWriter | None, data: bytes | None) -> None:
    if stream is None or data is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        stream.write(data)
        await stream.drain()
    stream.close()


def _kill_with_children(pid: int) -> None:
    """Kill the session that `run` began with the process."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
