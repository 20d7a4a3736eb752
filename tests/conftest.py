"""What holds for every test: a known language, no account of the tester's, repeatable examples."""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pan123_tui import i18n

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("searching", deadline=None)
settings.load_profile("repeatable" if os.environ.get("CI") else "searching")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a tool that is not installed; with `TEST_TOOLS=required` that is an error."""
    for item in items:
        tools = [tool for mark in item.iter_markers("needs") for tool in mark.args]
        if missing := [tool for tool in tools if shutil.which(tool) is None]:
            reason = f"not installed: {', '.join(missing)}"
            if os.environ.get("TEST_TOOLS") == "required":
                raise pytest.UsageError(f"{item.nodeid}: {reason}")
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep what the tester has configured out of the tests; speak English afterwards as before."""
    for name in os.environ:
        if name.startswith("PAN123_"):
            monkeypatch.delenv(name)
    i18n.set_language("en")
    yield
    i18n.set_language("en")
