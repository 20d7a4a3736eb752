"""Garbage collection is paused while the program starts; a process may be another user's."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pan123_tui.bootstrap import load_context
from pan123_tui.engine.engine import Engine
from pan123_tui.engine.status import EventPublisher
from pan123_tui.programs.engine import EngineProcess
from pan123_tui.system.log import stop_log
from pan123_tui.system.process import is_running, pause_collection, resume_collection


@pytest.fixture(autouse=True)
def restored_collector() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()
    stop_log()


def test_after_a_pause_it_collects_again_and_freezes_what_exists() -> None:
    gc.unfreeze()
    pause_collection()
    assert not gc.isenabled()
    resume_collection()
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
    pause_collection()
    with pytest.raises(Started):
        EngineProcess(context, EventPublisher(), program="engine").run()
    assert gc.isenabled()


def test_a_process_of_another_user_runs_and_is_not_disturbed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[int, int]] = []

    def refuse(pid: int, number: int) -> None:
        sent.append((pid, number))
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert is_running(4711)
    assert sent == [(4711, 0)]
