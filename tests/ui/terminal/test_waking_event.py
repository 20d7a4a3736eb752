"""An event that wakes a selector."""

import selectors
import threading

import pytest

from pan123_tui.ui.terminal.driver import WakingEvent


@pytest.fixture
def event() -> WakingEvent:
    return WakingEvent()


def is_readable(event: WakingEvent, timeout_s: float | None = 0) -> bool:
    with selectors.SelectSelector() as selector:
        selector.register(event, selectors.EVENT_READ)
        return bool(selector.select(timeout_s))


def test_it_is_readable_while_it_is_set_however_often_it_was(event: WakingEvent) -> None:
    assert not is_readable(event)
    event.set()
    event.set()
    assert is_readable(event)
    event.clear()
    event.clear()
    assert not is_readable(event)
    event.set()
    assert is_readable(event)


def test_it_wakes_a_thread_that_waits_without_end(event: WakingEvent) -> None:
    seen: list[bool] = []
    waiting = threading.Thread(target=lambda: seen.append(is_readable(event, None)))
    waiting.start()
    event.set()
    waiting.join(20)
    assert seen == [True]
