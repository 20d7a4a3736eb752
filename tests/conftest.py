"""What holds for every test: a known language, no account of the tester's, repeatable examples."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pan123_tui import i18n

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("repeatable" if os.environ.get("CI") else "searching")


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what the tester has configured out of the tests; speak English afterwards as before."""
    for name in os.environ:
        if name.startswith("PAN123_"):
            monkeypatch.delenv(name)
    i18n.set_language("en")
    yield
    i18n.set_language("en")
