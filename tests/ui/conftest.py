"""What all tests of the user interface share."""

import pytest

from tests.ui.textual_private import share_parsed_css, skip_unseen_updates

share_parsed_css()


@pytest.fixture(autouse=True)
def _unseen_updates(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save a third of the processor time where a test does not check what is painted."""
    if request.node.get_closest_marker("paints") is None:
        skip_unseen_updates(monkeypatch)
