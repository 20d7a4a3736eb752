"""Child processes, with a time limit and without access to the terminal; this one's collector."""

import asyncio
import gc
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from pan123_tui.domain.credentials import without_account

LIMIT_BYTES = 5_000_000
"""Longest output that is kept."""
_STDERR_BYTES = 2_000
_CLOSE_TIMEOUT_S = 0.5
_BROWSER_TIMEOUT_S = 10.0
_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


class CommandResult(Struct, frozen=True):
    """The exit and the output of a command."""

    code: int | None = None
    """None: it was killed after the time limit, or could not be started."""
    output: bytes = b""
    is_cut: bool = False
    """Whether the output exceeded the limit."""
    stderr: str = ""
    """The beginning of its standard error, or why the command could not be started."""


def resume_collection() -> None:
    """Enable collection, which `cli.main` disables, and exclude the objects that exist now.

    Scanning those of the start and of all tasks again and again would take a tenth of the start.
    """
    if not gc.isenabled():
        gc.collect()
        gc.freeze()
        gc.enable()


async def run_command(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    timeout_s: float,
    stdin: bytes | None = None,
    is_output_wanted: bool = True,
    limit: int = LIMIT_BYTES,
) -> CommandResult:
    """Run `command` without the account; after `timeout_s` seconds kill it and its children.

    Unless `is_output_wanted`, its output is closed: a child that stays to serve the clipboard would
    keep it open. At most `limit` bytes of it are kept.
    """
    out = PIPE if is_output_wanted else DEVNULL
    given = DEVNULL if stdin is None else PIPE
    try:
        process = await start_command(command, environ=environ, stdin=given, stdout=out, stderr=out)
    except (OSError, ValueError) as error:
        return CommandResult(stderr=str(error))
    output, stderr = bytearray(), bytearray()
    code: int | None = None
    is_cut = False
    try:
        async with asyncio.timeout(timeout_s):
            if process.stdin is not None:
                process.stdin.write(stdin or b"")
                process.stdin.close()  # once all is written
            is_cut, _ = await asyncio.gather(
                _read(process.stdout, output, limit),
                _read(process.stderr, stderr, _STDERR_BYTES),
            )
            code = await process.wait()
    except TimeoutError:
        pass
    finally:
        await end_command(process)
    return CommandResult(code, bytes(output), is_cut, stderr.decode("utf-8", "replace"))


async def start_command(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    stdin: int = DEVNULL,
    stdout: int = DEVNULL,
    stderr: int = DEVNULL,
) -> Process:
    """Start `command` without the account; raises `OSError` or `ValueError`."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env=without_account(environ),
        cwd="/",  # interpreters look for code in the current folder, which anybody may have filled
        start_new_session=True,
    )


async def end_command(process: Process) -> None:
    """Kill `process` and its children, unless it has ended."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(TimeoutError):  # another process may hold the pipes open
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await process.communicate()  # it counts as ended once all is read


async def open_in_browser(url: str) -> bool:
    """Open `url`, without what browsers print on the screen; return whether that worked."""
    opened = await run_command(
        (sys.executable, "-I", "-c", _OPEN, url),
        environ=os.environ,
        timeout_s=_BROWSER_TIMEOUT_S,
        is_output_wanted=False,
    )
    return opened.code == 0


async def _read(stream: asyncio.StreamReader | None, kept: bytearray, limit: int) -> bool:
    """Read up to `limit` bytes into `kept`; return whether there was more."""
    is_cut = False
    while stream is not None and (chunk := await stream.read(65_536)):
        is_cut |= len(chunk) > limit - len(kept)
        kept += chunk[: limit - len(kept)]
    return is_cut
