"""A widget of styled lines."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Self

import pytest
from textual.geometry import Region

from pan123_tui.ui.widgets.styled_text import Line, StyledSpan
from pan123_tui.ui.widgets.text_lines import TextLines
from tests.ui.stage import Stage, shown


class _Recorded(TextLines):
    """Records the lines that are refreshed, -1 for all."""

    painted: ClassVar[list[int]] = []

    def refresh(self, *regions: Region, **how: bool) -> Self:
        self.painted.extend([region.y for region in regions] or [-1])
        return super().refresh(*regions, **how)


def _layout(*texts: str) -> Callable[[int], Sequence[Line]]:
    return lambda _cells: [(StyledSpan(text),) for text in texts]


@pytest.mark.paints
async def test_nothing_is_painted_for_equal_lines_and_one_line_for_another() -> None:
    text = _Recorded(_layout("one", "two", "three"))
    app = Stage([text])
    async with app.run_test(size=(60, 50)) as pilot:
        await pilot.pause()
        text.painted.clear()
        text.show(_layout("one", "two", "three"))
        assert text.painted == []
        text.show(_layout("one", "2", "three"))
        assert text.painted == [1]
        await pilot.pause()
        assert shown(app).split()[:3] == ["one", "2", "three"]
