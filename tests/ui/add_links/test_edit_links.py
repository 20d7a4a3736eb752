"""The form for several links: what was changed is changed in each, all else stays."""

from typing import Any

import pytest
from msgspec.structs import replace

from pan123_tui.domain.task import DownloadRequest
from pan123_tui.ui.add_links.edit_links import edit_requests

SEVERAL = [
    DownloadRequest("https://a.b/1.zip", "own.zip", 7, "https://one.example/"),
    DownloadRequest("https://a.b/2.zip"),
]
BEFORE = DownloadRequest("")


@pytest.mark.parametrize("changed", [{"folder_id": 5}, {"callback_url": "https://c.example/"}])
def test_a_field_that_was_changed_is_changed_in_each(changed: dict[str, Any]) -> None:
    edited = edit_requests(SEVERAL, before=BEFORE, after=replace(BEFORE, **changed))
    assert edited == [replace(it, **changed) for it in SEVERAL]


def test_a_field_that_was_emptied_is_emptied_in_each() -> None:
    before = replace(BEFORE, folder_id=7, callback_url="https://one.example/")
    same = [replace(it, folder_id=7, callback_url=before.callback_url) for it in SEVERAL]
    edited = edit_requests(same, before=before, after=BEFORE)
    assert edited == [replace(it, folder_id=None, callback_url="") for it in SEVERAL]
