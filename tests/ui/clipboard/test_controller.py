"""What the copy key does when it is pressed again."""

from unittest.mock import Mock

import pytest

from pan123_tui.config.schema import Clipboard
from pan123_tui.ui.clipboard.access import ClipboardAccess
from pan123_tui.ui.clipboard.controller import ClipboardController
from pan123_tui.ui.dialogs.prompts import TextScreen
from tests.ui.stage import Stage

LINK, OTHER = "https://a.example/1.zip", "https://a.example/2.zip"


async def test_a_text_is_copied_then_shown_for_selection_then_copied_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copied: list[str] = []

    async def write(_access: object, text: str) -> bool:
        copied.append(text)
        return True

    monkeypatch.setattr(ClipboardAccess, "write", write)
    app, shown_for = Stage(), []
    async with app.run_test() as pilot:
        controller = ClipboardController(app, {}, Clipboard(), terminal=Mock(), write_query=None)
        for text in (LINK, LINK, LINK, OTHER, LINK):
            await controller.copy(text, "1 link")
            await pilot.pause()
            shown_for.append(isinstance(app.screen, TextScreen))
            if shown_for[-1]:
                await pilot.press("escape")
    assert shown_for == [False, True, False, False, False]
    assert copied == [LINK, LINK, OTHER, LINK]
