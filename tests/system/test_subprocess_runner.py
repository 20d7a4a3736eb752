"""Commands that are killed leave nothing open, and nothing that runs."""

import asyncio
import gc
import os
import warnings
from pathlib import Path

import pytest

from pan123_tui.system.subprocess_runner import ExitKind, run_command


@pytest.mark.parametrize(
    ("script", "timeout_s", "kind"),
    [("yes", 0.05, ExitKind.HUNG), ("echo a; sleep 60", 0.05, ExitKind.HUNG)],
)
def test_the_pipes_of_a_killed_command_are_closed(
    script: str, timeout_s: float, kind: ExitKind
) -> None:
    running = run_command(("sh", "-c", script), environ=os.environ, timeout_s=timeout_s, limit=1000)
    gc.collect()  # what other tests left open
    with warnings.catch_warnings(record=True) as left_open:
        warnings.simplefilter("always", ResourceWarning)
        result = asyncio.run(running)
        gc.collect()
    assert result.kind is kind
    assert not left_open


async def test_a_command_that_hangs_is_killed_with_what_it_started() -> None:
    command = ("sh", "-c", "sleep 1000 & echo $!; wait")
    result = await run_command(command, environ=os.environ, timeout_s=0.5)
    assert result.kind is ExitKind.HUNG
    async with asyncio.timeout(20):
        while _is_alive(int(result.output)):  # noqa: ASYNC110 - a process gives no event
            await asyncio.sleep(0.01)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
