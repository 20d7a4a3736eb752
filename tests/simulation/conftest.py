"""The folder of a run, in memory where possible, since a run writes hundreds of times."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        yield tmp_path
        return
    in_memory = Path(tempfile.mkdtemp(prefix="pan123-simulation-", dir=MEMORY))
    yield in_memory
    shutil.rmtree(in_memory, ignore_errors=True)
