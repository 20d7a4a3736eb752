"""Garbage collection is paused while the program starts; a process may be another user's."""

import gc
import os
from collections.abc import Iterator

import pytest

from pan123_tui.system.log import stop_log
from pan123_tui.system.process import is_running, resume_collection


@pytest.fixture(autouse=True)
def restored_collector() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()
    stop_log()


def test_after_a_pause_it_collects_again_and_freezes_what_exists() -> None:
    gc.unfreeze()
    gc.disable()
    assert not gc.isenabled()
    resume_collection()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


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
