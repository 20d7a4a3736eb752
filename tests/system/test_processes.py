"""Commands run without the account, within their time, and leave nothing open or running."""

import asyncio
import gc
import itertools
import os
import warnings
from pathlib import Path

import pytest

from pan123_tui.domain.credentials import ACCOUNT_VARIABLES
from pan123_tui.system.processes import CommandResult, resume_collection, run_command

LONG = b"x" * 1_000_000


async def ran(
    script: str, *, timeout_s: float = 20.0, stdin: bytes | None = None, limit: int = 1000
) -> CommandResult:
    environ = dict.fromkeys(ACCOUNT_VARIABLES.values(), "hidden") | os.environ | {"KEPT": "kept"}
    return await run_command(
        ("sh", "-c", script), environ=environ, timeout_s=timeout_s, stdin=stdin, limit=limit
    )


@pytest.mark.parametrize(
    ("script", "stdin", "result"),
    [
        ("printf out; printf err >&2", None, CommandResult(0, b"out", stderr="err")),
        ("cat; exit 3", b"given", CommandResult(3, b"given")),
        ("cat", None, CommandResult(0)),
        ("exec <&-; exit 0", LONG, CommandResult(0)),
        ("printf %01000d 0", None, CommandResult(0, b"0" * 1000)),
        ("printf %01001d 0", None, CommandResult(0, b"0" * 1000, is_cut=True)),
        ("yes | head -c 200000", None, CommandResult(0, b"y\n" * 500, is_cut=True)),
        ('echo "$KEPT$PAN123_ACCESS_TOKEN"', None, CommandResult(0, b"kept\n")),
    ],
    ids=itertools.count(),
)
async def test_a_command_gives_its_exit_and_the_beginning_of_its_output(
    script: str, stdin: bytes | None, result: CommandResult
) -> None:
    assert await ran(script, stdin=stdin) == result


async def test_what_is_missing_is_told_and_unwanted_output_is_not_kept() -> None:
    missing = await run_command(("/no/such/program",), environ={}, timeout_s=20)
    assert missing.code is None
    assert "No such file" in missing.stderr
    command = ("sh", "-c", "sleep 30 & echo out; echo err >&2")
    quiet = await run_command(command, environ=os.environ, timeout_s=20, is_output_wanted=False)
    assert quiet == CommandResult(0)


@pytest.mark.parametrize("script", ["yes", "echo a; sleep 60"])
def test_the_pipes_of_a_killed_command_are_closed(script: str) -> None:
    gc.collect()  # what other tests left open
    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always", ResourceWarning)
        result = asyncio.run(ran(script, timeout_s=0.05))
        gc.collect()
    assert result.code is None
    assert not left_open


async def test_a_command_that_hangs_is_killed_with_what_it_started() -> None:
    result = await ran("sleep 1000 & echo $!; wait", timeout_s=0.5)
    assert result.code is None
    async with asyncio.timeout(20):
        while _is_alive(int(result.output)):  # noqa: ASYNC110 - a process gives no event
            await asyncio.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_after_a_pause_objects_are_collected_again_but_for_those_that_exist() -> None:
    gc.disable()
    try:
        resume_collection()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.enable()
