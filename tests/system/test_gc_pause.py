"""Garbage collection is paused while the program starts, and unchanged otherwise."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui.bootstrap import load_context
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.status import EventPublisher
from pan123_tui.programs.engine import EngineProcess
from pan123_tui.system import gc_pause
from tests.ui.dashboard_stage import story, task


@pytest.fixture(autouse=True)
def restored_collector() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_after_a_pause_it_collects_again_and_freezes_what_exists() -> None:
    gc.unfreeze()
    gc_pause.pause()
    assert not gc.isenabled()
    gc_pause.resume()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


class Started(Exception):
    """Raised where the program would start to run."""


def start(*_arguments: object, **_options: object) -> None:
    raise Started


def test_the_engine_resumes_collection_at_its_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = load_context({"PAN123_CONFIG_DIR": str(tmp_path), "PAN123_DATA_DIR": str(tmp_path)})
    monkeypatch.setattr(Engine, "run", start)
    gc_pause.pause()
    with pytest.raises(Started):
        EngineProcess(context, EventPublisher(), program="engine").run()
    assert gc.isenabled()


async def test_the_dashboard_resumes_collection_once_the_tasks_are_loaded() -> None:
    gc_pause.pause()
    async with story([task(1)]) as pilot:
        await pilot.reads("running")
        await pilot.sees(gc.isenabled)
