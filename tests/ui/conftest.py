"""What all tests of the user interface share."""

import time

import pytest
from textual.notifications import Notification

from pan123_tui.terminal.textual_private import break_chinese_lines
from tests.ui.textual_private import share_parsed_css, skip_unseen_updates, wait_for_the_event_loop

share_parsed_css()
break_chinese_lines()
wait_for_the_event_loop()


@pytest.fixture(autouse=True)
def _unseen_updates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a third of the processor time where a test does not check what is painted."""
    if request.node.get_closest_marker("paints") is None:
        skip_unseen_updates(monkeypatch)


@pytest.fixture(autouse=True)
def _lasting_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show each message twenty times as long: a slow machine may take seconds to look."""

    def time_left(note: Notification) -> float:
        return note.raised_at + 20 * note.timeout - time.time()

    monkeypatch.setattr(Notification, "time_left", property(time_left))
