"""Commands that are killed leave nothing open."""

import asyncio
import gc
import os
import warnings

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
