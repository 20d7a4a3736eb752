"""The pictures in the README: as the program looks today, every letter in its own cells."""

from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest

from screenshots.__main__ import FOLDER, committed, difference, draw
from screenshots.drawing import CELL, drawing
from screenshots.scenes import SCENES
from tests.ui.textual_private import wait_for_the_event_loop

wait_for_the_event_loop()
ROOT = Path(__file__).parents[2]
MAX_BYTES = 300_000
SOURCE = """<svg xmlns="http://www.w3.org/2000/svg"><style>
    .terminal-1-r1 { fill: #d8dee8 }
</style><g>
<rect fill="#11151b" x="0" y="1.5" width="244" height="24.65" shape-rendering="crispEdges"/>
<text class="terminal-1-r1" x="12.2" y="20" textLength="73.2">三体&#160;a&#160;&#160;bc</text>
</g></svg>"""


@pytest.mark.parametrize("name", SCENES)
async def test_a_committed_picture_is_what_the_program_shows(name: str) -> None:
    assert not difference(name, await draw(name, SCENES[name], expected=committed(name)))


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_small_enough_for_a_page(name: str) -> None:
    assert 0 < (FOLDER / f"{name}.png").stat().st_size < MAX_BYTES


def test_there_is_no_picture_that_nothing_draws() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(SCENES)
    assert {file.stem for file in FOLDER.glob("*.png")} == set(SCENES)


def test_a_changed_label_is_found_and_the_command_named() -> None:
    svg = (FOLDER / "detail.svg").read_text("utf-8")
    assert "uv run python -m screenshots detail" in difference(
        "detail", svg.replace("retry", "again")
    )


def test_what_stands_behind_chinese_text_stays_in_its_column() -> None:
    svg = ElementTree.fromstring(drawing(SOURCE, columns=20, rows=1, title="<a>"))
    texts = {
        unescape(text.text or ""): text for text in svg.iter("{http://www.w3.org/2000/svg}text")
    }
    assert list(texts) == ["三体", "a", "bc"]
    first, second = map(float, (texts["三体"].get("x") or "").split())
    assert second - first == pytest.approx(2 * CELL)
    assert float(texts["a"].get("x") or 0) == pytest.approx(6.5 * CELL)
    assert float(texts["bc"].get("x") or 0) == pytest.approx(9 * CELL)
    assert float(texts["bc"].get("textLength") or 0) == pytest.approx(2 * CELL)
