"""The garbage collector rests while the program starts, and is as it was for everybody else."""

import gc
from collections.abc import Iterator

import pytest

from pan123_tui.cli import simulate, watch
from pan123_tui.config import gc_pause
from tests.ui.dashboard_stage import story, task


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_after_a_rest_it_collects_again_and_leaves_alone_what_there_is() -> None:
    gc.unfreeze()
    gc_pause.pause()
    assert not gc.isenabled()
    gc_pause.resume()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_without_a_rest_nothing_is_frozen() -> None:
    gc.unfreeze()
    gc_pause.resume()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_loading_leaves_it_as_it_was(is_enabled: bool) -> None:
    (gc.enable if is_enabled else gc.disable)()
    with gc_pause.paused():
        assert not gc.isenabled()
    assert gc.isenabled() is is_enabled


class Begun(Exception):
    """It would run from here on."""


def begin(*_arguments: object, **_options: object) -> None:
    raise Begun


def test_watch_collects_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "prepare", begin)
    gc_pause.pause()
    with pytest.raises(Begun):
        watch.HeadlessRunner(None, begin, program="watch").run()  # type: ignore[arg-type]
    assert gc.isenabled()


def test_the_simulated_service_collects_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pan123_tui.simulator.server.serve", begin)
    gc_pause.pause()
    with pytest.raises(Begun):
        simulate.simulate.main([])
    assert gc.isenabled()


async def test_the_dashboard_collects_once_the_tasks_are_there() -> None:
    gc_pause.pause()
    async with story([task(1)]) as told:
        await told.reads("running")
        await told.sees(gc.isenabled)
